"""What the page of ordering says it comes to."""

from __future__ import annotations

from flask import Flask

from marketplace.orders.rules import Handover, Way
from marketplace.orders.views import totals

PICKUP = Handover("p1", Way.pickup, "东门")
PARCEL = Handover("d", Way.delivery, "快递送货上门", fee_fen=800, free_from_fen=9900)


def test_every_sum_on_the_page_is_one_that_would_be_charged(app: Flask) -> None:
    with app.test_request_context("/checkout"):
        assert [fen for _words, fen in totals([PICKUP, PARCEL], 5150)] == [5150, 5950]
        assert totals([PARCEL], 5150) == [("送货一共（含运费 8.00 元）", 5950)]


def test_where_nothing_is_added_there_is_one_sum(app: Flask) -> None:
    with app.test_request_context("/checkout"):
        assert totals([PICKUP], 5150) == [("一共", 5150)]
        assert totals([PICKUP, PARCEL], 9900) == [("一共", 9900)]
