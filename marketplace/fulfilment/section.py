"""What fulfilment puts on other features' pages: the next round on the shop, the orders on a stall, the ways to get goods."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import render_template
from markupsafe import Markup

from marketplace.fulfilment.queries import served_villages, ways_of
from marketplace.orders.queries import orders_for_sellers
from marketplace.orders.rules import Handover, OrderState
from marketplace.orders.views import window_words
from marketplace.produce.models import Seller
from village.public import VillageRef, village_ref

VILLAGES_SHOWN = 8


def ways_to_get(village_code: str) -> list[Handover]:
    """Offer the village's pickup points and its parcels."""
    return ways_of(village_code)


def on_the_shop(village: VillageRef | None) -> Markup | None:
    """
    Show until when to order and where to fetch, for the village that is looked at.

    Where all are looked at and only one has goods to be had, it is that one; several are one line each.
    """
    codes = [village.code] if village is not None else served_villages(VILLAGES_SHOWN)
    ways = {code: ways_of(code) for code in codes}
    if not any(ways.values()):
        return None
    if len(codes) == 1:
        shown = [(way, window_words(way)) for way in ways[codes[0]]]
        return Markup(render_template("marketplace/fulfilment/_shop_notes.html", shown=shown))  # noqa: S704 - escaped there
    rounds = [(village_ref(code), _closing_first(found)) for code, found in ways.items()]
    return Markup(render_template("marketplace/fulfilment/_shop_rounds.html", rounds=rounds))  # noqa: S704 - escaped there


def _closing_first(ways: list[Handover]) -> datetime | None:
    return min((way.closes_at for way in ways if way.closes_at is not None), default=None)


def on_a_stall(sellers: Sequence[Seller]) -> Markup | None:
    """Show a farmer the way to the orders, with how many are to be packed."""
    if not sellers:
        return None
    sights = orders_for_sellers([seller.id for seller in sellers])
    to_pack = [
        sight
        for sight in sights
        if sight.order.state in {OrderState.paid, OrderState.reserved}
        and not all(line.packed_at for line in sight.lines)
    ]
    words = render_template("marketplace/fulfilment/_stall.html", to_pack=len(to_pack), total=len(sights))
    return Markup(words)  # noqa: S704 - escaped by the template
