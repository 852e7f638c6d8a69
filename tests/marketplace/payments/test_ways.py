"""Alipay's other doors, through the running local gateway: a code at a stall, an app's order, a trade inside Alipay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from commons import worker
from commons.db import end_read
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay_driver import AlipayGateway
from marketplace.payments.errors import NotPayable
from marketplace.payments.flows import ask_about_payment, ask_now
from marketplace.payments.links import page_key
from marketplace.payments.models import PaymentIntent
from marketplace.payments.opening import GatewaySilent, app_order, bridge_trade, cashier_address, stall_code
from marketplace.payments.queries import attempts_of, charges_of, open_cases, refunds_of, the_payment
from marketplace.payments.rules import Product
from tests.make.payments import make_payment
from tests.marketplace.payments.api.checked import program
from tests.marketplace.payments.gateway_control import GatewayControl

BUYER = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"
ANOTHER = "2088900000000016"


@pytest.fixture
def paying(app: Flask, merchant: AlipayConfig) -> Iterator[FlaskClient]:
    """Our application, paying at the running gateway."""
    app.extensions["payment_gateways"].fixed[:] = [AlipayGateway(AlipayClient(merchant), livemode=False)]
    yield app.test_client()


def code_page(client: FlaskClient, payment: PaymentIntent, again: str = "") -> str:
    answer = client.get(f"/pay/{payment.id}/code?k={page_key(payment.id)}{again}")
    assert answer.status_code == 200
    return answer.text


def drawn(page: str) -> list[str]:
    """The codes drawn on a page."""
    return re.findall(r'<svg class="pay-code".*?</svg>', page)


def test_a_stall_holds_out_a_code_and_sees_by_itself_that_it_was_paid(
    paying: FlaskClient, control: GatewayControl
) -> None:
    payment = make_payment(amount_fen=1230)

    control.fault("drop_after", method="alipay.trade.precreate")
    lost = code_page(paying, payment)
    assert "支付宝暂时没有答复" in lost and drawn(lost) == []
    first, second = code_page(paying, payment), code_page(paying, payment, "&again=1")
    assert len(drawn(first)) == 1 and drawn(first) == drawn(second), "the same code until it is paid"
    assert (
        re.search(r'http-equiv="refresh" content="5;url=[^"]+again=1"', first) and "请用支付宝扫一扫" in first
    )
    (attempt,) = attempts_of(payment.id)
    assert attempt.product == Product.qr and attempt.handle

    cashier = requests.get(attempt.handle, timeout=10)
    requests.post(cashier.url, timeout=10, allow_redirects=False)
    paid = code_page(paying, payment, "&again=1")

    assert "已收到付款" in paid and 'refresh"' not in paid and drawn(paid) == []
    assert the_payment(payment.id).status == "succeeded" and len(charges_of(payment.id)) == 1
    assert paying.get(f"/pay/{payment.id}/code?k=wrong").status_code == 404
    offline = make_payment(method="offline", reference="order:2", amount_fen=100)
    assert drawn(code_page(paying, offline)) == []


def test_a_code_scanned_after_the_buyer_went_another_way_pays_nothing_twice(
    paying: FlaskClient, control: GatewayControl
) -> None:
    payment = make_payment(amount_fen=1230)
    code, number = stall_code(payment.id)
    wap = cashier_address(payment.id, Product.wap)
    requests.post(requests.get(wap, timeout=10).url, timeout=10, allow_redirects=False)
    requests.post(requests.get(code, timeout=10).url, timeout=10, allow_redirects=False)

    ask_about_payment(payment.id)
    worker.run_due()
    ask_now(number)
    worker.run_due()
    end_read()

    main, surplus = sorted(charges_of(payment.id), key=lambda charge: not charge.is_main)
    assert main.is_main and not surplus.is_main and [case.kind for case in open_cases()] == ["paid_twice"]
    assert [(refund.charge_id, refund.status) for refund in refunds_of(payment.id)] == [
        (surplus.id, "succeeded")
    ]


def test_a_program_opens_every_door_by_the_interface(paying: FlaskClient, control: GatewayControl) -> None:
    api, url = program(), "/v1/payment_intents"
    made = api.post(
        url,
        amount=1230,
        currency="cny",
        payment_method_data={"type": "alipay"},
        payment_method_types=["alipay"],
    )
    here = f"{url}/{made['id']}/open_alipay"
    api.refused("POST", here, status=400, code="payment_intent_unexpected_state", client="qr")
    api.post(f"{url}/{made['id']}/confirm", return_url="https://shop.example/back")

    def way(**told: str) -> dict[str, str]:
        shown = api.post(here, **told)
        found: dict[str, str] = shown["next_action"]["alipay_handle_redirect"]
        return found

    assert "method=alipay.trade.app.pay" in way(client="app")["native_data"]
    code = way(client="qr")
    assert "/qr/" in code["native_url"] and code["native_data"] is None and code["url"]
    assert way(client="mini_program", buyer=BUYER)["native_data"].isdigit()
    api.refused("POST", here, status=400, code="parameter_missing", client="mini_program")
    api.refused("POST", here, status=400, client="card")
    program(live=True).refused("POST", here, status=404, client="app")
    app = program(kind="pk")
    app.refused("POST", here, status=401, client="app")
    app.refused("POST", here, status=404, client="app", client_secret="pi_x_secret_y")
    assert app.post(here, client="app", client_secret=made["client_secret"])["next_action"]

    control.fault("drop_after", method="alipay.trade.precreate")
    assert api.refused("POST", here, status=503, idempotency_key="k", client="qr")["type"] == "api_error"
    again = api.post(here, idempotency_key="k", client="qr")
    requests.post(
        requests.get(again["next_action"]["alipay_handle_redirect"]["native_url"], timeout=10).url, timeout=10
    )
    ask_about_payment(made["id"])
    assert api.get(f"{url}/{made['id']}")["status"] == "succeeded"
    api.refused("POST", here, status=400, code="payment_intent_unexpected_state", client="app")


def test_an_app_is_given_a_signed_order_and_a_page_inside_alipay_a_trade(
    paying: FlaskClient, control: GatewayControl, merchant: AlipayConfig
) -> None:
    payment = make_payment(amount_fen=1230)
    order = app_order(payment.id)
    told = {name: values[0] for name, values in parse_qs(order).items()}
    assert (
        told["method"] == "alipay.trade.app.pay" and told["sign"] and f"{payment.id}_1" in told["biz_content"]
    )
    assert app_order(payment.id).partition("&timestamp")[0] == order.partition("&timestamp")[0]
    assert requests.get(f"{merchant.gateway_url}?{order}", timeout=10).status_code == 200, (
        "the gateway believes it"
    )

    control.fault("system_error_after", method="alipay.trade.create")
    with pytest.raises(GatewaySilent):
        bridge_trade(payment.id, BUYER)
    trade_no = bridge_trade(payment.id, BUYER)
    assert trade_no == bridge_trade(payment.id, BUYER) and trade_no.isdigit()
    assert bridge_trade(payment.id, ANOTHER) != trade_no, "a trade is for one buyer alone"
    worker.run_due()

    products = [(attempt.product, attempt.state) for attempt in attempts_of(payment.id)]
    assert products == [("app", "closed"), ("jsapi", "closed"), ("jsapi", "open")]
    number = attempts_of(payment.id)[2].out_trade_no
    control.trade(number, "pay")
    ask_now(number)
    assert the_payment(payment.id).status == "succeeded"
    with pytest.raises(NotPayable):
        bridge_trade(payment.id, BUYER)
