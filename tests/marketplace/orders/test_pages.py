"""Who sees an order: its buyer, a seller the own part, the village's officials; everyone else the same nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.accounts.models import Person
from commons.accounts.queries import everything_about
from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.orders.actions import mark_paid
from marketplace.orders.models import Order
from marketplace.orders.rules import Way
from marketplace.produce.models import Seller
from tests.make.divisions import VILLAGE
from tests.make.orders import make_order
from tests.make.payments import use_fake_gateway
from tests.make.people import make_official, make_person, sign_in
from tests.make.produce import make_product

NOWHERE = "2" * 16


@pytest.fixture
def order(app: Flask, clock: FrozenClock) -> Order:
    """A paid order of eggs by parcel."""
    app.config["WTF_CSRF_ENABLED"] = False
    use_fake_gateway()
    with transaction():
        order = make_order(product=make_product(), way=Way.delivery)
        mark_paid(order.number)
    return order


def as_person(app: Flask, person_id: int | None) -> FlaskClient:
    client = app.test_client()
    if person_id is not None:
        with transaction():
            sign_in(client, db.session.get_one(Person, person_id))
    return client


def official(app: Flask, role: str, area: str) -> FlaskClient:
    client = app.test_client()
    with transaction():
        sign_in(client, make_official(role=role, area=area))
    return client


def farmer_of(order: Order) -> int:
    found = db.session.scalar(select(Seller.person_id).where(Seller.id == order.lines[0].seller_id))
    assert found is not None
    return found


def test_its_buyer_sees_all_of_it(app: Flask, order: Order) -> None:
    page = as_person(app, order.person_id).get(f"/orders/{order.number}").get_data(as_text=True)

    assert "散养鸡蛋" in page
    assert "江汉市示例路 2 号" in page
    assert "个人销售自产农副产品" in page


def test_an_english_page_says_in_english_that_a_parcel_comes(app: Flask, order: Order) -> None:
    client = as_person(app, order.person_id)
    for page in ("/orders", f"/orders/{order.number}"):
        assert "快递送货上门" in client.get(page).text
        assert "快递送货上门" not in client.get(f"{page}?lang=en").text
        client.get(f"{page}?lang=zh")


def test_its_seller_sees_the_own_lines_and_nothing_of_the_buyer(app: Flask, order: Order) -> None:
    page = as_person(app, farmer_of(order)).get(f"/orders/{order.number}").get_data(as_text=True)

    assert "散养鸡蛋" in page
    assert "示例路 2 号" not in page
    assert "10012345678" not in page
    assert order.pickup_code not in page


def test_another_seller_of_the_same_order_does_not_see_the_first_ones_lines(app: Flask, order: Order) -> None:
    with transaction():
        other = make_product(name="粉藕")
        number = make_order(product=other).number
    stranger = db.session.scalar(select(Order).where(Order.number == number))
    assert stranger is not None

    assert as_person(app, farmer_of(stranger)).get(f"/orders/{order.number}").status_code == 404


def test_everyone_else_gets_the_same_nothing_as_for_a_number_that_never_was(app: Flask, order: Order) -> None:
    with transaction():
        stranger_id = make_person().id
    for client in (
        as_person(app, None),
        as_person(app, stranger_id),
        official(app, "keeper", "420199104999"),
        official(app, "clerk", "420199105001"),
        official(app, "officer", f"{VILLAGE}-01"),
    ):
        found, never = client.get(f"/orders/{order.number}"), client.get(f"/orders/{NOWHERE}")
        assert (found.status_code, never.status_code) == (404, 404)
        assert found.get_data(as_text=True).replace(order.number, NOWHERE) == never.get_data(as_text=True)


@pytest.mark.parametrize(("role", "area"), [("keeper", VILLAGE), ("clerk", VILLAGE), ("town", VILLAGE[:9])])
def test_the_villages_own_officials_see_it(app: Flask, order: Order, role: str, area: str) -> None:
    client = official(app, role, area)

    assert client.get(f"/orders/{order.number}").status_code == 200
    assert client.get(f"/desk/orders/{order.number}").status_code == 200


@pytest.mark.parametrize("act", ["cancel", "received", "extend", "refund"])
def test_nobody_else_does_anything_to_it(app: Flask, order: Order, act: str) -> None:
    with transaction():
        stranger_id = make_person().id
    answer = as_person(app, stranger_id).post(
        f"/orders/{order.number}/{act}", data={"line": "0", "reason": "not_good"}
    )

    assert answer.status_code == 404
    db.session.expire_all()
    assert db.session.get_one(Order, order.id).refunds == []


def test_odd_numbers_are_nothing(app: Flask, order: Order) -> None:
    client = as_person(app, order.person_id)

    for number in ("x", "'" * 16, "订单" * 8, order.number.lower(), order.number[:-1]):
        assert client.get(f"/orders/{number}").status_code == 404


def test_a_buyers_list_holds_the_own_orders_only(app: Flask, order: Order) -> None:
    with transaction():
        stranger_id = make_person().id

    assert order.number in as_person(app, order.person_id).get("/orders").get_data(as_text=True)
    assert order.number not in as_person(app, stranger_id).get("/orders").get_data(as_text=True)


def test_a_buyer_takes_the_orders_along_with_all_other_data(app: Flask, order: Order) -> None:
    everything = everything_about(db.session.get_one(Person, order.person_id))

    assert everything["我的订单"][0]["单号"] == order.number
    assert "示例路 2 号" in everything["我的订单"][0]["收件"]
