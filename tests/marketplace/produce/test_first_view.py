"""A full page of the shop arrives in the first round trip: twenty goods, a pickup point, and something in the basket."""

from __future__ import annotations

import gzip
import re

from flask import Flask
from flask.testing import FlaskClient

from commons.clock import FrozenClock
from marketplace.produce.rules import CATEGORIES
from tests.make.divisions import VILLAGE
from tests.make.orders import make_delivery, make_pickup_point
from tests.make.produce import make_product, make_seller

FIRST_ROUND_TRIP = 14 * 1024


def test_twenty_goods_with_their_style_stay_within_the_first_round_trip(
    app: Flask, clock: FrozenClock, client: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    seller = make_seller()
    make_pickup_point()
    make_delivery()
    for at in range(20):
        product = make_product(seller=seller, name=f"好东西{at}号", category=CATEGORIES[at % 10].key)
    client.post("/cart/add", data={"lot": str(product.lots[0].id), "quantity": "2"})
    page = client.get(f"/shop?village={VILLAGE}").get_data()
    style = re.search(rb'href="(/static/css/[^"]+)"', page)
    assert style

    sizes = [len(gzip.compress(each, 6)) for each in (page, client.get(style[1].decode()).get_data())]
    assert page.count(b'class="shop-card"') == 20
    assert sum(sizes) <= FIRST_ROUND_TRIP, sizes
