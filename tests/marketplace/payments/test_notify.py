"""What the gateway says by itself is believed only if it is signed, ours, known and right."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from flask.testing import FlaskClient

from commons.clock import FrozenClock, to_beijing
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.alipay.keys import sign
from marketplace.payments.alipay.notifications import sign_contents
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.queries import attempts_of, charges_of, open_cases, the_payment
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_attempt, make_paid_payment, make_payment, use_fake_gateway

STRANGER = rsa.generate_private_key(65537, 2048)


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def fields_of(attempt: PaymentAttempt, clock: FrozenClock, **changes: str) -> dict[str, str]:
    """A notification as the gateway would write it, not signed yet."""
    now = to_beijing(clock.at).strftime("%Y-%m-%d %H:%M:%S")
    return {
        "notify_id": "n-1",
        "notify_time": now,
        "notify_type": "trade_status_sync",
        "app_id": attempt.app_id,
        "seller_id": "2088900000000008",
        "out_trade_no": attempt.out_trade_no,
        "trade_no": "2026112222001400001",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "12.30",
        "buyer_id": "2088900000000016",
        "gmt_payment": now,
        "charset": "utf-8",
        **changes,
    }


def send(client: FlaskClient, fields: dict[str, str], key: rsa.RSAPrivateKey) -> bytes:
    """Sign *fields* and post them as the gateway does."""
    content = next(iter(sign_contents(fields, keeps_sign_type=False)))
    signed = {**fields, "sign": sign(key, content), "sign_type": "RSA2"}
    return post(client, urlencode(signed))


def post(client: FlaskClient, body: str | bytes) -> bytes:
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    answer = client.post("/pay/alipay/notify", data=body, content_type=kind)
    assert answer.status_code == 200
    return bytes(answer.data)


def test_a_signed_notification_settles_and_is_answered_by_seven_bytes(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)

    assert send(client, fields_of(attempt, clock), gateway.key) == b"success"

    assert the_payment(payment.id).status == "succeeded"
    assert [charge.buyer_id for charge in charges_of(payment.id)] == ["2088900000000016"]


def test_repeated_and_late_notifications_change_nothing_more(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)
    fields = fields_of(attempt, clock)

    for hours in (0, 0, 1, 25):
        clock.move(hours=hours)
        assert send(client, fields, gateway.key) == b"success"
    assert send(client, fields | {"notify_id": "n-2"}, gateway.key) == b"success"
    assert (
        send(client, fields | {"notify_id": "n-3", "trade_status": "WAIT_BUYER_PAY"}, gateway.key)
        == b"success"
    )

    assert len(charges_of(payment.id)) == 1
    assert balance_fen("alipay_clearing", livemode=False) == 1230


@pytest.mark.parametrize(
    "changes",
    [
        {"app_id": "9021000100000002"},
        {"seller_id": "2088900000000009"},
        {"total_amount": "12.31"},
        {"total_amount": "12.3０"},
        {"total_amount": "-12.30"},
        {"total_amount": "1e3"},
        {"notify_id": ""},
        {"trade_status": "TRADE_SURE"},
        {"notify_type": "something_else"},
    ],
)
def test_a_notification_with_something_wrong_pays_for_nothing(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock, changes: dict[str, str]
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)

    send(client, fields_of(attempt, clock, **changes), gateway.key)

    assert the_payment(payment.id).status == "requires_action"
    assert charges_of(payment.id) == []
    assert balance_fen("alipay_clearing", livemode=False) == 0


def test_a_wrong_amount_is_stored_and_the_gateway_is_asked_at_once(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1230)

    said = send(client, fields_of(attempt, clock, total_amount="0.01"), gateway.key)
    before = the_payment(payment.id).status
    run_due()

    assert said == b"success"
    assert before == "requires_action"
    assert the_payment(payment.id).status == "succeeded"
    assert [case.kind for case in open_cases()] == ["amount_differs"]


def test_a_strangers_signature_is_not_believed_and_shows_as_one_case_a_day(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)

    for _ in range(3):
        assert send(client, fields_of(attempt, clock), STRANGER) == b"fail"

    assert the_payment(payment.id).status == "requires_action"
    assert [case.kind for case in open_cases()] == ["forged"]


def test_one_changed_character_spoils_the_signature(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    fields = fields_of(attempt, clock, total_amount="0.01")
    signature = sign(gateway.key, next(iter(sign_contents(fields, keeps_sign_type=False))))

    changed = fields | {"total_amount": "12.30", "sign": signature, "sign_type": "RSA2"}

    assert post(client, urlencode(changed)) == b"fail"
    assert the_payment(payment.id).status == "requires_action"


def test_a_notification_of_another_world_does_not_settle(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock, app: Flask
) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    live = FakeGateway(livemode=True)
    app.extensions["payment_gateways"].fixed[:] = [live]

    assert send(client, fields_of(attempt, clock), live.key) == b"fail"

    assert the_payment(payment.id).status == "requires_action"


def test_an_unknown_order_is_told_to_come_again_for_ten_minutes_and_then_kept(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    attempt = make_attempt(make_payment())
    fields = fields_of(attempt, clock, out_trade_no="pi_nobody_1")

    early = send(client, fields, gateway.key)
    clock.move(minutes=9)
    still_early = send(client, fields, gateway.key)
    clock.move(minutes=2)
    late = send(client, fields, gateway.key)

    assert (early, still_early, late) == (b"fail", b"fail", b"success")
    assert [case.kind for case in open_cases()] == ["unknown_order"]


def test_a_partial_refunds_notification_is_not_a_second_payment(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1230)
    attempt = attempts_of(payment.id)[0]

    told: dict[str, Any] = {"notify_id": "n-7", "refund_fee": "2.00", "gmt_refund": "2026-11-22 10:00:00.000"}
    assert send(client, fields_of(attempt, clock, **told), gateway.key) == b"success"

    assert len(charges_of(payment.id)) == 1
    assert [case.kind for case in open_cases()] == ["refund_not_ours"]
    assert list(all_faults()) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", b"sign=x", b"out_trade_no=%ff&sign=%00", b"a=1&a=2", b"x=" + b"9" * 70_000],
)
def test_noise_is_answered_by_fail(client: FlaskClient, gateway: FakeGateway, body: bytes) -> None:
    assert post(client, body) == b"fail"
    assert open_cases() == []
