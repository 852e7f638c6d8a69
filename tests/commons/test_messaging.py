"""Messages: written down sealed, sent by a job, shown only where nobody else can look."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons import clock as the_clock
from commons import worker
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.marks import set_demonstration
from commons.messaging import register_template, send
from commons.messaging.http import HttpSender
from commons.messaging.jobs import deliver, forget_old
from commons.messaging.models import OutgoingMessage
from commons.outbox import Job

PHONE = "10000000101"
VALUES = {"code": "123456", "minutes": 5}


class Gateway(HTTPServer):
    """The county's gateway, as far as a sender can tell."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), GatewayHandler)
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.status = 200


class GatewayHandler(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def gateway(app: Flask) -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    app.extensions["settings"] = replace(
        app.extensions["settings"],
        sms_sender="http",
        sms_endpoint=f"http://127.0.0.1:{server.server_port}/send",
        sms_key="a shared key",
    )
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def only_message() -> OutgoingMessage:
    db.session.rollback()
    return db.session.scalars(select(OutgoingMessage)).one()


def test_no_telephone_and_no_code_stands_in_clear_anywhere(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        send(PHONE, "sign-in-code", VALUES)
    job = db.session.scalars(select(Job).where(Job.kind == "message.deliver")).one()
    assert set(job.payload) == {"number"}
    row = only_message()
    everything = repr([getattr(row, column.key) for column in OutgoingMessage.__table__.columns]) + repr(
        job.payload
    )
    assert PHONE not in everything and "123456" not in everything


def test_a_message_that_rolls_back_was_never_sent(app: Flask, gateway: Gateway) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        send(PHONE, "sign-in-code", VALUES)
        raise ZeroDivisionError
    worker.run_due()
    assert gateway.received == []


def test_values_must_fit_the_template() -> None:
    with pytest.raises(ValueError, match="minutes"):
        send(PHONE, "sign-in-code", {"code": "1"})
    with pytest.raises(KeyError):
        send(PHONE, "no-such-template", {})
    with pytest.raises(ValueError, match="other words"):
        register_template("sign-in-code", "changed")


def test_the_gateway_gets_one_signed_post_and_then_the_words_are_forgotten(
    app: Flask, clock: FrozenClock, gateway: Gateway
) -> None:
    with transaction():
        number = send(PHONE, "sign-in-code", VALUES).number
    worker.run_due()
    deliver(number)  # at least once: the second time changes nothing
    assert len(gateway.received) == 1
    headers, body = gateway.received[0]
    about = json.loads(body)
    assert about == {
        "id": number,
        "phone": PHONE,
        "template": "sign-in-code",
        "values": {"code": "123456", "minutes": "5"},
    }
    assert headers["X-Timestamp"] == str(int(the_clock.now().timestamp()))
    signed = headers["X-Timestamp"].encode() + b"\n" + body
    assert headers["X-Signature"] == hmac.new(b"a shared key", signed, hashlib.sha256).hexdigest()
    row = only_message()
    assert (row.state, row.phone_sealed, row.values_sealed) == ("sent", None, None)


@pytest.mark.parametrize("status", [500, 302, 429])
def test_a_gateway_that_does_not_take_it_is_asked_again_with_the_same_number(
    app: Flask, clock: FrozenClock, gateway: Gateway, status: int
) -> None:
    with transaction():
        send(PHONE, "sign-in-code", VALUES)
    gateway.status = status
    worker.run_due()
    job = db.session.scalars(select(Job).where(Job.kind == "message.deliver")).one()
    assert job.state == "waiting" and PHONE not in (job.last_error or "")
    gateway.status = 200
    clock.move(minutes=1)
    worker.run_due()
    numbers = {json.loads(body)["id"] for _, body in gateway.received}
    assert len(gateway.received) == 2 and len(numbers) == 1
    assert only_message().state == "sent"


def test_an_error_on_the_way_names_no_telephone(app: Flask, clock: FrozenClock) -> None:
    app.extensions["settings"] = replace(
        app.extensions["settings"], sms_sender="http", sms_endpoint="http://127.0.0.1:9/x", sms_key="k"
    )
    with transaction():
        send(PHONE, "sign-in-code", VALUES)
    worker.run_due()
    job = db.session.scalars(select(Job).where(Job.kind == "message.deliver")).one()
    assert job.last_error == "SendFailed: ConnectionError"


def test_a_code_that_no_longer_works_is_not_sent(app: Flask, clock: FrozenClock, gateway: Gateway) -> None:
    with transaction():
        send(PHONE, "sign-in-code", VALUES, expires_at=the_clock.now() + timedelta(minutes=5))
    clock.move(minutes=6)
    worker.run_due()
    assert gateway.received == []
    assert only_message().state == "expired"


def test_telephones_go_to_no_gateway_in_clear() -> None:
    with pytest.raises(ValueError, match="https"):
        HttpSender("http://sms.example.cn/send", "key")


def test_old_words_are_forgotten(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        send(PHONE, "sign-in-code", VALUES)
    worker.run_due()
    assert only_message().phone_sealed is not None  # a demonstration shows it
    clock.move(hours=25)
    forget_old()
    assert only_message().phone_sealed is None


def test_the_demonstrations_page_shows_what_was_sent(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    with transaction():
        set_demonstration()
        send(PHONE, "sign-in-code", VALUES)
    page = client.get("/demo/messages").get_data(as_text=True)
    assert "您的验证码是 123456" in page and PHONE in page


def test_without_the_mark_there_is_no_such_page(app: Flask, client: FlaskClient) -> None:
    assert client.get("/demo/messages").status_code in {403, 404}


@pytest.mark.parametrize(
    "reach",
    [
        {"headers": {"X-Forwarded-For": "6.6.6.6"}},
        {"headers": {"Forwarded": "for=6.6.6.6"}},
        {"base_url": "http://rebound.example/"},
        {"environ_base": {"REMOTE_ADDR": "192.168.1.7"}},
    ],
)
def test_from_elsewhere_there_is_no_such_page(app: Flask, client: FlaskClient, reach: dict[str, Any]) -> None:
    with transaction():
        set_demonstration()
        send(PHONE, "sign-in-code", VALUES)
    answer = client.get("/demo/messages", **reach)
    assert answer.status_code in {403, 404} and "123456" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("change", [{"bind": "0.0.0.0"}, {"trusted_proxies": 1}, {"sms_sender": "http"}])
def test_a_server_that_others_can_reach_has_no_such_page(
    app: Flask, client: FlaskClient, change: dict[str, Any]
) -> None:
    with transaction():
        set_demonstration()
    app.extensions["settings"] = replace(app.extensions["settings"], **change)
    assert client.get("/demo/messages").status_code in {403, 404}
