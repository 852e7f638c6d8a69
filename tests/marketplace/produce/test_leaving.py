"""A farmer who closes the account: nothing is for sale any more, and what is kept of them is taken along before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.accounts.actions import close_account, withdraw_service_consent
from commons.accounts.queries import everything_about
from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.produce.models import Seller
from tests.make.people import make_person
from tests.make.produce import make_product, make_seller
from village.public import page_version


@pytest.mark.parametrize("leave", [close_account, withdraw_service_consent])
def test_who_closes_the_account_or_takes_the_consent_back_sells_nothing_from_that_moment_on(
    app: Flask, client: FlaskClient, clock: FrozenClock, leave: Callable[[int], None]
) -> None:
    with transaction():
        farmer = make_person(name="周老汉")
    product = make_product(seller=make_seller(person=farmer))
    assert "散养鸡蛋" in client.get("/shop").get_data(as_text=True)
    version = page_version(product.village_code)
    with transaction():
        leave(farmer.id)

    assert "散养鸡蛋" not in client.get("/shop").get_data(as_text=True)
    assert client.get(f"/shop/{product.id}").status_code == 404
    assert page_version(product.village_code) != version
    db.session.rollback()
    assert db.session.get_one(Seller, product.seller_id).closed_at is not None


def test_the_stall_is_among_ones_own_data(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        farmer = make_person(name="周老汉")
    make_product(seller=make_seller(person=farmer), stock=7)
    (stall,) = everything_about(farmer)["卖货登记"]

    assert (stall["名称"], stall["卖家是谁"]) == ("谷子喂的鸡", "个人销售自产农副产品")
    (product,) = stall["东西"]
    assert (product["名称"], product["类别"]) == ("散养鸡蛋", "禽蛋")
    assert product["批次"][0][2:] == [1500, 7, 7]
