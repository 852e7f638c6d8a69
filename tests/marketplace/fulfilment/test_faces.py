"""A keeper stands behind a counter with a telephone: the list of orders is read there, too."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from commons.db import transaction
from marketplace.payments.rules import Method
from tests.browser import PHONE, page_at
from tests.commons.accounts.test_faces import cookies
from tests.face import served
from tests.make.divisions import VILLAGE, make_village
from tests.make.orders import make_order, make_pickup_point
from tests.make.people import make_official, sign_in
from tests.make.produce import make_product
from tests.ui_rules import probe


def test_on_a_telephone_a_keeper_reads_orders_without_moving_the_page_sideways(
    app: Flask, client: FlaskClient, browser: Browser
) -> None:
    make_village()
    make_pickup_point(address="示例大道 1288 号示例花园小区北门驿站旁边的门面房")
    make_order(product=make_product(name="高山梯田富硒新米（真空包装）"), method=Method.offline)
    with transaction():
        sign_in(client, make_official(role="keeper", area=VILLAGE))
    with (
        served(app) as site,
        page_at(browser, f"{site}/desk/orders", size=PHONE, cookies=cookies(client, site)) as page,
    ):
        assert probe(page, "sideways") == []
        place = page.locator("td", has_text="示例大道").bounding_box()
        assert place and place["width"] > 200
