"""The page on which a buyer pays: only for who has the link, and it shows nobody."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from commons.clock import FrozenClock
from commons.db import transaction
from marketplace.payments.actions import cancel_payment, request_refund
from marketplace.payments.links import client_secret, page_key, pay_url
from marketplace.payments.models import PaymentIntent
from marketplace.payments.queries import attempts_of, charges_of, the_payment
from tests.make.fake_gateway import FakeGateway, Trouble
from tests.make.payments import (
    make_attempt,
    make_offline_paid_payment,
    make_paid_payment,
    make_payment,
    use_fake_gateway,
)

PHONE = "Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120 Safari/537.36"
WECHAT = PHONE + " MicroMessenger/8.0.49"


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def visit(client: FlaskClient, payment: PaymentIntent, page: str = "", agent: str = PHONE) -> TestResponse:
    path = f"/pay/{payment.id}{page}?k={page_key(payment.id)}"
    return client.get(path, headers={"User-Agent": agent})


@pytest.mark.parametrize("page", ["", "/redirect", "/return"])
@pytest.mark.parametrize("key", ["", "?k=", "?k=wrong", "?k=汉"])
def test_without_the_links_key_there_is_no_such_page(
    client: FlaskClient, gateway: FakeGateway, page: str, key: str
) -> None:
    payment = make_payment()

    assert client.get(f"/pay/{payment.id}{page}{key}").status_code == 404
    assert attempts_of(payment.id) == []


def test_a_payment_that_does_not_exist_looks_the_same(client: FlaskClient, gateway: FakeGateway) -> None:
    assert client.get(f"/pay/pi_none?k={page_key('pi_none')}").status_code == 404


def test_the_link_opens_in_any_browser_and_shows_the_amount_and_nobody(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    payment = make_payment(amount_fen=1230, reference="order:person-7")
    path = urlsplit(pay_url(payment.id))

    answer = client.get(f"{path.path}?{path.query}")

    assert answer.status_code == 200
    assert "¥12.30" in answer.text
    assert "用支付宝付款" in answer.text
    assert "person-7" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert page_key(payment.id) not in client_secret(payment.id)


@pytest.mark.parametrize(("agent", "door"), [(PHONE, "wap"), (DESKTOP, "page")])
def test_the_click_signs_the_address_for_this_device(
    client: FlaskClient, gateway: FakeGateway, agent: str, door: str
) -> None:
    payment = make_payment()

    answer = visit(client, payment, "/redirect", agent)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://gateway.test/pay?{door}={payment.id}_1"
    assert "no-store" in answer.headers["Cache-Control"]
    assert the_payment(payment.id).status == "requires_action"


def test_inside_wechat_three_drawn_steps_show_the_way_out(client: FlaskClient, gateway: FakeGateway) -> None:
    payment = make_payment()

    page = visit(client, payment, agent=WECHAT)
    to_cashier = visit(client, payment, "/redirect", WECHAT)

    assert page.text.count('class="pay-drawing"') == 3
    assert pay_url(payment.id).replace("&", "&amp;") in page.text
    assert "用支付宝付款</a>" not in page.text
    assert urlsplit(to_cashier.headers["Location"]).path == f"/pay/{payment.id}"
    assert attempts_of(payment.id) == []


def test_coming_back_proves_nothing_until_the_gateway_says_so(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    payment = make_payment()
    make_attempt(payment)
    claim = f"/pay/{payment.id}/return?k={page_key(payment.id)}&trade_status=TRADE_SUCCESS&total_amount=12.30"

    answer = client.get(claim)

    assert answer.status_code == 200
    assert "正在向支付宝确认" in answer.text
    assert charges_of(payment.id) == []


def test_coming_back_after_paying_leads_on_to_the_order(client: FlaskClient, gateway: FakeGateway) -> None:
    payment = make_payment(return_url="/orders/1")
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1230)

    answer = visit(client, payment, "/return")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/orders/1")
    assert the_payment(payment.id).status == "succeeded"


def test_a_gateway_that_does_not_answer_keeps_the_buyer_waiting_kindly(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    payment = make_payment()
    make_attempt(payment)
    gateway.troubles.append(Trouble.lost_answer)

    answer = visit(client, payment, "/return")

    assert answer.status_code == 200
    assert "再查一次" in answer.text


def test_a_page_of_a_payment_that_is_over_has_no_way_to_the_cashier(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    paid = make_paid_payment(gateway=gateway)
    with transaction():
        request_refund(paid.id, 230)
    canceled = make_payment(reference="order:2")
    with transaction():
        cancel_payment(canceled.id)

    paid_page, canceled_page = visit(client, paid), visit(client, canceled)

    assert "已付款" in paid_page.text and "2.30" in paid_page.text
    assert "付款已取消" in canceled_page.text
    for page in (paid_page, canceled_page):
        assert "/redirect" not in page.text
    for payment in (paid, canceled):
        there = visit(client, payment, "/redirect").headers["Location"]
        assert urlsplit(there).path == f"/pay/{payment.id}"


def test_an_offline_payment_says_where_to_pay(client: FlaskClient, gateway: FakeGateway) -> None:
    assert "自提点管理员" in visit(client, make_payment(method="offline")).text
    assert "已付款" in visit(client, make_offline_paid_payment()).text


def test_without_a_gateway_the_buyer_is_told(client: FlaskClient, app: Flask, clock: FrozenClock) -> None:
    payment = make_payment()

    answer = visit(client, payment, "/redirect")
    page = client.get(answer.headers["Location"].split("8000", 1)[-1])

    assert "现在不能用支付宝付款" in page.text
