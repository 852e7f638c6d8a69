"""The whole way over real HTTP: signed address, cashier, notification, question, refund, through the local gateway."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from commons.db import transaction
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import cancel_payment, request_refund
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay_driver import AlipayGateway
from marketplace.payments.flows import ask_now, refund_now
from marketplace.payments.links import page_key
from marketplace.payments.local_gateway import RunningGateway
from marketplace.payments.models import PaymentIntent
from marketplace.payments.queries import (
    attempts_of,
    charges_of,
    main_charge,
    open_cases,
    refunds_of,
    the_payment,
)
from tests.make.payments import make_payment
from tests.marketplace.payments.gateway_control import GatewayControl
from tests.marketplace.payments.listening_shop import ListeningShop

PHONE = {"User-Agent": "Android Mobile"}


@pytest.fixture
def paying(app: Flask, merchant: AlipayConfig) -> Iterator[FlaskClient]:
    """Our application, paying at the running gateway."""
    app.extensions["payment_gateways"].fixed[:] = [AlipayGateway(AlipayClient(merchant), livemode=False)]
    yield app.test_client()


def to_cashier(client: FlaskClient, payment: PaymentIntent) -> str:
    """Click on the way to the cashier; return the cashier's page."""
    answer = client.get(f"/pay/{payment.id}/redirect?k={page_key(payment.id)}", headers=PHONE)
    page = requests.get(answer.headers["Location"], timeout=10)
    assert page.status_code == 200, page.text
    return page.url


def pay_there(client: FlaskClient, payment: PaymentIntent) -> requests.Response:
    return requests.post(to_cashier(client, payment), timeout=10, allow_redirects=False)


def test_the_cashier_sends_the_buyer_back_and_the_question_settles(paying: FlaskClient) -> None:
    payment = make_payment(amount_fen=1230)

    back = pay_there(paying, payment).headers["Location"]
    answer = paying.get(back.split("8000", 1)[1])

    assert (answer.status_code, answer.headers["Location"]) == (303, "/orders/1")
    charge = main_charge(payment.id)
    assert charge is not None and charge.amount_fen == 1230
    assert charge.trade_no and charge.buyer_id.startswith("2088")
    assert list(all_faults()) == []


def test_the_gateways_own_notification_settles_exactly_once(
    paying: FlaskClient, control: GatewayControl, shop: ListeningShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.payments.opening.notify_url", lambda: shop.notify_url)
    control.fault("notify_twice", method="notify")
    payment = make_payment(amount_fen=1230)

    pay_there(paying, payment)
    told = shop.wait_for(2)
    said = [paying.post("/pay/alipay/notify", data=fields).data for fields in told]

    assert said == [b"success", b"success"]
    assert len(charges_of(payment.id)) == 1
    assert the_payment(payment.id).status == "succeeded"


def test_a_forged_notification_of_the_gateway_changes_nothing(
    paying: FlaskClient, control: GatewayControl, shop: ListeningShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.payments.opening.notify_url", lambda: shop.notify_url)
    payment = make_payment(amount_fen=1230)
    to_cashier(paying, payment)
    fields = {"out_trade_no": f"{payment.id}_1", "trade_status": "TRADE_SUCCESS", "total_amount": "12.30"}

    said = paying.post(
        "/pay/alipay/notify", data=urlencode(fields), content_type="application/x-www-form-urlencoded"
    )

    assert said.data == b"fail"
    assert the_payment(payment.id).status == "requires_action"


def test_refunds_in_parts_and_a_lost_answer(paying: FlaskClient, control: GatewayControl) -> None:
    payment = make_payment(amount_fen=1230)
    pay_there(paying, payment)
    ask_now(f"{payment.id}_1")
    with transaction():
        request_refund(payment.id, 230, reason="少了一个")
    run_due()
    first = refunds_of(payment.id)[0].status
    control.fault("drop_after", method="alipay.trade.refund")
    with transaction():
        lost = request_refund(payment.id, 1000)
    run_due()
    unsure = refunds_of(payment.id)[1].status

    refund_now(lost.id)

    assert (first, unsure) == ("succeeded", "pending")
    assert [refund.status for refund in refunds_of(payment.id)] == ["succeeded", "succeeded"]
    assert balance_fen("alipay_clearing", livemode=False) == 0
    assert list(all_faults()) == []


def test_canceling_closes_the_trade_at_the_gateway(paying: FlaskClient) -> None:
    payment = make_payment()
    cashier = to_cashier(paying, payment)

    with transaction():
        cancel_payment(payment.id)
    run_due()

    assert the_payment(payment.id).status == "canceled"
    assert "关闭" in requests.post(cashier, timeout=10).text


def test_a_cashier_opened_after_canceling_ends_in_a_refund(paying: FlaskClient) -> None:
    payment = make_payment()
    answer = paying.get(f"/pay/{payment.id}/redirect?k={page_key(payment.id)}", headers=PHONE)
    with transaction():
        cancel_payment(payment.id)
    run_due()
    assert the_payment(payment.id).status == "canceled"

    cashier = requests.get(answer.headers["Location"], timeout=10)
    requests.post(cashier.url, timeout=10, allow_redirects=False)
    ask_now(f"{payment.id}_1")
    run_due()

    assert [case.kind for case in open_cases()] == ["paid_after_cancel"]
    assert [refund.status for refund in refunds_of(payment.id)] == ["succeeded"]
    assert balance_fen("alipay_clearing", livemode=False) == 0


@pytest.mark.parametrize("fault", ["http_502", "bad_signature", "system_error", "code_20000"])
def test_an_answer_that_cannot_be_believed_settles_nothing(
    paying: FlaskClient, control: GatewayControl, fault: str
) -> None:
    payment = make_payment()
    pay_there(paying, payment)
    control.fault(fault, method="alipay.trade.query")

    ask_now(f"{payment.id}_1")
    unsure = the_payment(payment.id).status
    ask_now(f"{payment.id}_1")

    assert unsure == "requires_action"
    assert the_payment(payment.id).status == "succeeded"
    assert [attempt.state for attempt in attempts_of(payment.id)] == ["paid"]


def test_the_merchants_file_of_the_gateway_is_found_by_itself(
    app: Flask, local_gateway: RunningGateway
) -> None:
    folder = app.extensions["settings"].instance_dir / "gateway"
    folder.mkdir()
    (folder / "merchant.json").write_text(local_gateway.merchant_file.read_text(), encoding="utf-8")
    payment = make_payment()

    assert "正在" not in pay_there(app.test_client(), payment).text
    ask_now(f"{payment.id}_1")

    assert the_payment(payment.id).status == "succeeded"
