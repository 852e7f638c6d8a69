"""The same POST twice is done once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from commons.db import db, is_sqlite, transaction
from marketplace.payments.actions import begin_attempt
from marketplace.payments.api.idempotency import KEPT, LEASE, forget_old_answers
from marketplace.payments.api.models import FirstAnswer
from marketplace.payments.models import PaymentIntent
from marketplace.payments.rules import Product, new_id
from tests.make.payments import use_fake_gateway
from tests.marketplace.payments.api.checked import Program, program

URL = "/v1/payment_intents"
ASKED: dict[str, Any] = {"amount": 1230, "currency": "cny"}


def how_many() -> int:
    return db.session.scalar(select(func.count(PaymentIntent.id))) or 0


def replayed(api: Program) -> bool:
    assert api.last is not None
    return api.last.headers.get("Idempotent-Replayed") == "true"


def test_a_repetition_gets_the_first_answer_word_for_word(app: Flask, clock: Any, monkeypatch: Any) -> None:
    api = program()
    first = api.post(URL, **ASKED, metadata={"b": "2", "a": "1"}, idempotency_key="k")
    assert not replayed(api) and api.last is not None and api.last.headers["Idempotency-Key"] == "k"
    body, call = api.last.data, api.last.headers["Request-Id"]
    api.post(f"{URL}/{first['id']}", amount=5)
    clock.move(hours=24)
    api.post(
        URL, metadata={"a": "1", "b": "2"}, **ASKED, idempotency_key="k"
    )  # the order of fields means nothing
    assert replayed(api) and api.last.data == body and api.last.headers["Original-Request"] == call
    assert how_many() == 1

    error = api.refused("POST", URL, status=400, idempotency_key="k", amount=1231, currency="cny")
    assert error["type"] == "idempotency_error"
    api.refused("POST", f"{URL}/{first['id']}/cancel", status=400, idempotency_key="k", **ASKED)
    program(account="acct_1").post(URL, **ASKED, idempotency_key="k")
    program(live=True).post(URL, **ASKED, idempotency_key="k")
    api.refused("POST", URL, status=400, idempotency_key="x" * 256, **ASKED)
    assert how_many() == 3

    clock.move(seconds=KEPT.total_seconds() - timedelta(hours=24).total_seconds() + 1)
    monkeypatch.setattr("marketplace.payments.api.idempotency.HANDFUL", 1)
    forget_old_answers()
    assert db.session.scalar(select(func.count(FirstAnswer.id))) == 2  # the two of an hour ago
    api.post(URL, **ASKED, idempotency_key="k")
    assert not replayed(api) and how_many() == 4


def test_a_refusal_of_the_work_is_kept_and_a_refusal_of_the_form_is_not(app: Flask) -> None:
    use_fake_gateway()
    api = program()
    intent = api.post(URL, **ASKED)
    api.refused(
        "POST",
        f"{URL}/{intent['id']}/confirm",
        status=400,
        idempotency_key="k",
        return_url="https://a.example",
    )
    method = api.post("/v1/payment_methods", type="alipay")["id"]
    api.post(f"{URL}/{intent['id']}", payment_method=method)
    api.refused(
        "POST",
        f"{URL}/{intent['id']}/confirm",
        status=400,
        idempotency_key="k",
        return_url="https://a.example",
    )
    assert replayed(api)
    api.post(f"{URL}/{intent['id']}/confirm", idempotency_key="k2", return_url="https://a.example")

    api.refused("POST", URL, status=400, idempotency_key="k3", amount=5)
    api.post(URL, amount=5, currency="cny", idempotency_key="k3")
    assert not replayed(api)


def test_what_speaks_with_alipay_is_refused_while_it_is_under_way_and_resumed_when_its_doer_died(
    app: Flask, clock: Any
) -> None:
    gateway = use_fake_gateway()
    api = program()
    intent = api.post(
        URL, **ASKED, confirm=True, payment_method_data={"type": "alipay"}, return_url="https://a.example"
    )
    with transaction():
        attempt = begin_attempt(intent["id"], Product.wap)
    gateway.buyer_opens(attempt.out_trade_no, attempt.amount_fen)
    path = f"{URL}/{intent['id']}/cancel"
    clock.move(seconds=1)
    api.post(path, idempotency_key="k")
    with transaction():  # as if the process had died behind the gateway's answer and before ours
        row = db.session.scalars(select(FirstAnswer).order_by(FirstAnswer.created_at.desc())).first()
        assert row is not None
        row.status, row.body, row.locked_until = None, None, clock() + LEASE
    error = api.refused("POST", path, status=409, code="idempotency_key_in_use", idempotency_key="k")
    assert error["type"] == "idempotency_error"
    assert api.last is not None and api.last.headers["Stripe-Should-Retry"] == "true"
    clock.move(seconds=LEASE.total_seconds() + 1)
    assert api.post(path, idempotency_key="k")["status"] == "canceled"
    assert not replayed(api)
    assert api.post(path, idempotency_key="k")["status"] == "canceled"
    assert replayed(api)


def test_many_at_once_with_one_key_make_one_payment(app: Flask) -> None:
    key = program().key
    answers: list[tuple[int, bytes]] = []
    gate = threading.Barrier(8)

    def call() -> None:
        header = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}
        gate.wait()
        with app.app_context():
            while not answers or answers[-1][0] == 409:
                answer = app.test_client().post(URL, headers=header, data=ASKED)
                answers.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _ in answers} <= {200, 409}
    assert len({body for status, body in answers if status == 200}) == 1
    assert how_many() == 1


def test_two_processes_that_do_the_same_work_in_the_same_moment_give_one_answer(
    app: Flask, monkeypatch: Any
) -> None:
    """The courtesy within one process is taken away, so that only the row stands between the two."""
    monkeypatch.setattr("marketplace.payments.api.idempotency._here", _Nobody())
    test_many_at_once_with_one_key_make_one_payment(app)


class _Nobody(set[str]):
    """A process that knows of no other."""

    def __contains__(self, key: object) -> bool:
        return False


@pytest.mark.parametrize("asks_the_session", [True, False])
def test_a_connection_that_dies_in_the_middle_leaves_nothing_and_the_client_comes_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, asks_the_session: bool
) -> None:
    if is_sqlite():
        return  # it has no server
    api = program()
    app.config["TESTING"] = False

    def die(prefix: str) -> str:
        number = db.session.scalar(select(func.pg_backend_pid()))
        with db.engine.connect() as other:
            other.execute(select(func.pg_terminate_backend(number, 10_000)))
        if asks_the_session:
            db.session.scalar(select(1))
        return new_id(prefix)

    monkeypatch.setattr("marketplace.payments.actions.new_id", die)
    api.refused("POST", URL, status=500, idempotency_key="once", **ASKED)
    assert api.last is not None and api.last.headers["Stripe-Should-Retry"] == "true"
    monkeypatch.undo()
    api.post(URL, idempotency_key="once", **ASKED)
    assert not replayed(api) and how_many() == 1
