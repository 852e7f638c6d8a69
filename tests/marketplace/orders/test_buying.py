"""From the shop to a paid order: the basket, the page, the sign-in in between, and the two ways to pay."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.orders.models import Order
from marketplace.payments.models import PaymentIntent
from marketplace.payments.rules import Product as Door
from marketplace.produce.models import Lot
from tests.commons.accounts.browsing import last_code
from tests.make.orders import make_delivery, make_pickup_point
from tests.make.payments import make_attempt, use_fake_gateway
from tests.make.people import make_person, sign_in, unissued_phone
from tests.make.produce import make_product, make_seller

WECHAT = "Mozilla/5.0 (Linux; Android 14) Mobile MicroMessenger/8.0"


@pytest.fixture
def shop(app: Flask, clock: FrozenClock) -> Lot:
    """A shop with ten boxes of eggs at 15 yuan and a pickup point."""
    app.config["WTF_CSRF_ENABLED"] = False
    use_fake_gateway()
    make_pickup_point()
    return make_product().lots[0]


@pytest.fixture
def buyer(app: Flask, shop: Lot) -> FlaskClient:
    """The phone of a buyer who is signed in."""
    client = app.test_client()
    with transaction():
        sign_in(client, make_person(name="陈先生"))
    return client


def put_in(client: FlaskClient, lot: Lot, quantity: object = 2) -> None:
    client.post("/cart/add", data={"lot": str(lot.id), "quantity": str(quantity)})


def typed(page: str, **changes: str) -> dict[str, str]:
    """What the page at /checkout would send as it stands."""
    inputs = [dict(re.findall(r'(\w+)="([^"]*)"', each)) for each in re.findall(r"<input [^>]*>", page)]
    hidden = {each["name"]: each["value"] for each in inputs if each.get("name") in {"form_key", "seen_fen"}}
    checked = re.findall(r"<input checked[^>]*>", page)
    chosen = [dict(re.findall(r'(\w+)="([^"]*)"', each)) for each in checked]
    return {**hidden, **{each["name"]: each["value"] for each in chosen}, **changes}


def check_out(client: FlaskClient, **changes: str) -> TestResponse:
    page = client.get("/checkout").get_data(as_text=True)
    return client.post("/checkout", data=typed(page, **changes))


def orders() -> list[Order]:
    db.session.rollback()
    return list(db.session.scalars(select(Order).order_by(Order.id)))


def left(lot: Lot) -> int:
    db.session.rollback()
    return db.session.get_one(Lot, lot.id).stock_left


def test_a_stranger_fills_a_basket_signs_in_and_finds_it_again(
    app: Flask, shop: Lot, client: FlaskClient
) -> None:
    put_in(client, shop)
    bar = client.get("/shop").get_data(as_text=True)
    assert "30.00" in bar

    to_sign_in = client.get("/checkout")
    assert to_sign_in.status_code == 303
    phone = unissued_phone()
    client.post("/sign-in", data={"phone": phone, "next": "/checkout"})
    client.post("/sign-in/code", data={"code": last_code()})
    answer = client.post("/sign-in/agree", data={"agree": "y"})

    assert answer.headers["Location"].endswith("/checkout")
    page = client.get("/checkout").get_data(as_text=True)
    assert "散养鸡蛋" in page
    assert "30.00" in page


def test_an_order_by_alipay_is_paid_once_and_stock_goes_down_once(buyer: FlaskClient, shop: Lot) -> None:
    gateway = use_fake_gateway()
    put_in(buyer, shop)
    answer = check_out(buyer)
    (order,) = orders()

    assert f"/pay/{order.payment_id}" in answer.headers["Location"]
    assert left(shop) == 8
    intent = db.session.get_one(PaymentIntent, order.payment_id)
    attempt = make_attempt(intent, product=Door.wap)
    gateway.buyer_pays(attempt.out_trade_no, attempt.amount_fen)
    for _ in range(2):
        buyer.get(f"/pay/{order.payment_id}/return?k={answer.headers['Location'].partition('k=')[2]}")
        run_due()

    (order,) = orders()
    assert order.state == "paid"
    assert left(shop) == 8
    assert "已付款" in buyer.get(f"/orders/{order.number}").get_data(as_text=True)


def test_to_be_paid_at_pickup_shows_the_code_and_needs_no_cashier(buyer: FlaskClient, shop: Lot) -> None:
    put_in(buyer, shop)
    answer = check_out(buyer, method="offline")
    (order,) = orders()

    assert answer.headers["Location"] == f"/orders/{order.number}"
    page = buyer.get(answer.headers["Location"]).get_data(as_text=True)
    assert order.pickup_code in page
    assert "当面付 30.00 元" in page
    assert (order.state, left(shop)) == ("reserved", 8)


def test_the_basket_is_empty_after_ordering_and_the_same_form_again_shows_the_same_order(
    buyer: FlaskClient, shop: Lot
) -> None:
    put_in(buyer, shop)
    page = buyer.get("/checkout").get_data(as_text=True)
    answers = [buyer.post("/checkout", data=typed(page)) for _ in range(2)]

    assert len(orders()) == 1
    assert left(shop) == 8
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert "篮子是空的" in buyer.get("/cart").get_data(as_text=True)


def test_a_forged_form_key_is_refused_and_a_foreign_one_opens_nothing(
    app: Flask, buyer: FlaskClient, shop: Lot
) -> None:
    put_in(buyer, shop)
    key = typed(buyer.get("/checkout").get_data(as_text=True))["form_key"]
    check_out(buyer)
    other = app.test_client()
    with transaction():
        sign_in(other, make_person())
    put_in(other, shop, 1)
    assert check_out(other, form_key="<script>").status_code == 400
    answer = check_out(other, form_key=key)

    first, second = orders()
    assert first.person_id != second.person_id
    assert first.payment_id not in answer.headers["Location"]


@pytest.mark.parametrize("quantity", ["0", "-3", "1.5", "100", "9999999999999999999", "abc", ""])
def test_a_quantity_that_is_none_is_said_and_puts_nothing_in(
    client: FlaskClient, shop: Lot, quantity: str
) -> None:
    put_in(client, shop, quantity)
    page = client.get("/cart").get_data(as_text=True)

    assert "篮子是空的" in page
    assert "1 到 99 的整数" in page


def test_more_than_there_is_does_not_go_into_the_basket(client: FlaskClient, shop: Lot) -> None:
    put_in(client, shop, 8)
    put_in(client, shop, 3)

    assert "只剩 10 份" in client.get("/cart").get_data(as_text=True)
    assert "120.00" in client.get("/cart").get_data(as_text=True)


def test_a_sum_that_the_browser_invents_changes_no_price(buyer: FlaskClient, shop: Lot) -> None:
    put_in(buyer, shop)
    answer = check_out(buyer, seen_fen="1")

    assert answer.status_code == 400
    assert "价钱刚刚变了" in answer.get_data(as_text=True)
    assert (orders(), left(shop)) == ([], 10)


def test_a_delivery_without_its_fee_is_refused(buyer: FlaskClient, shop: Lot) -> None:
    make_delivery(fee_fen=800)
    put_in(buyer, shop)
    address = {"name": "王秀兰", "phone": "10012345678", "place": "示例路 2 号"}

    assert check_out(buyer, way="d:0", **address).status_code == 400
    assert check_out(buyer, way="d:-800", **address).status_code == 400
    assert check_out(buyer, way="d:800", method="offline", **address).status_code == 400
    assert check_out(buyer, way="d:800", name="", phone="", place="").status_code == 400
    assert orders() == []
    assert check_out(buyer, way="d:800", **address).status_code == 303
    (order,) = orders()
    assert (order.goods_fen, order.delivery_fen, order.total_fen) == (3000, 800, 3800)
    assert order.address_sealed is not None
    assert "示例路".encode() not in order.address_sealed
    assert "示例路 2 号" in buyer.get(f"/orders/{order.number}").get_data(as_text=True)


def test_a_new_price_is_said_before_ordering(buyer: FlaskClient, shop: Lot) -> None:
    put_in(buyer, shop)
    page = buyer.get("/checkout").get_data(as_text=True)
    with transaction():
        db.session.get_one(Lot, shop.id).price_fen = 1600
    answer = buyer.post("/checkout", data=typed(page))

    assert answer.status_code == 400
    assert "价钱刚刚变了" in answer.get_data(as_text=True)
    assert "32.00" in answer.get_data(as_text=True)
    assert orders() == []
    assert buyer.post("/checkout", data=typed(answer.get_data(as_text=True))).status_code == 303


def test_a_new_price_is_said_in_the_basket_too(client: FlaskClient, shop: Lot) -> None:
    put_in(client, shop)
    with transaction():
        db.session.get_one(Lot, shop.id).price_fen = 1600

    assert "原来 15.00 元" in client.get("/cart").get_data(as_text=True)
    assert "原来" not in client.get("/cart").get_data(as_text=True)


def test_sold_out_between_basket_and_order_is_said_before_paying(
    app: Flask, buyer: FlaskClient, shop: Lot
) -> None:
    other = app.test_client()
    with transaction():
        sign_in(other, make_person())
    put_in(buyer, shop, 10)
    put_in(other, shop, 1)
    page = buyer.get("/checkout").get_data(as_text=True)
    check_out(other)
    answer = buyer.post("/checkout", data=typed(page))

    assert answer.status_code == 400
    assert "只剩 9 份" in answer.get_data(as_text=True)
    assert len(orders()) == 1
    assert left(shop) == 9


def test_inside_wechat_paying_at_pickup_comes_first_and_the_way_out_is_drawn(
    buyer: FlaskClient, shop: Lot
) -> None:
    put_in(buyer, shop)
    page = buyer.get("/checkout", headers={"User-Agent": WECHAT}).get_data(as_text=True)

    assert page.index("自提时付（") < page.index('value="alipay"')
    assert typed(page)["method"] == "offline"
    assert "在浏览器打开" in page
    answer = buyer.post("/checkout", data=typed(page, method="alipay"), headers={"User-Agent": WECHAT})
    assert "/pay/" in answer.headers["Location"]
    assert orders()[0].state == "pending_payment"


def test_too_much_to_be_paid_by_hand_is_said(buyer: FlaskClient, shop: Lot) -> None:
    with transaction():
        db.session.get_one(Lot, shop.id).price_fen = 10_001
    put_in(buyer, shop)
    answer = check_out(buyer, method="offline")

    assert answer.status_code == 400
    assert "最多 200.00 元" in answer.get_data(as_text=True)
    assert left(shop) == 10


def test_things_of_two_villages_are_two_orders(buyer: FlaskClient, shop: Lot) -> None:
    other = make_product(name="蜜橘", seller=make_seller(village_code="420199104208", public_name="后山橘园"))
    make_pickup_point(village_code="420199104208")
    put_in(buyer, shop)
    put_in(buyer, other.lots[0], 1)

    assert buyer.get("/checkout").headers["Location"] == "/cart"
    assert buyer.get("/cart").get_data(as_text=True).count("/checkout?village=") == 2
    page = buyer.get("/checkout?village=420199104208").get_data(as_text=True)
    answer = buyer.post("/checkout?village=420199104208", data=typed(page))
    assert answer.status_code == 303
    (order,) = orders()
    assert [line.name for line in order.lines] == ["蜜橘"]
    assert "散养鸡蛋" in buyer.get("/cart").get_data(as_text=True)


def test_a_parcel_without_an_address_names_all_that_is_missing_at_once(buyer: FlaskClient, shop: Lot) -> None:
    make_delivery()
    put_in(buyer, shop, 1)
    text = check_out(buyer, way="d:800", name="陈先生").get_data(as_text=True)

    summary = text.partition('class="error-summary"')[2].partition("</div>")[0]
    assert "收件人手机号：" in summary and "详细地址：" in summary
    assert "收件人：" not in summary
