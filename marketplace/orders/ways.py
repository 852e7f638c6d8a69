"""How the goods of a village can come to a buyer: what the guests of the slot ``ways-to-get`` offer."""

from __future__ import annotations

from commons import slots
from marketplace.orders.errors import NoSuchWay
from marketplace.orders.rules import Handover

SLOT = "ways-to-get"


def ways_to_get(village_code: str) -> list[Handover]:
    """Return every way that is offered now, pickup points first."""
    return [way for ways in slots.pieces(SLOT, village_code) for way in ways]


def the_way(village_code: str, key: str) -> Handover:
    """
    Return the way that a buyer chose, as it is offered now.

    Raises:
        NoSuchWay: it is not offered, or not any more.
    """
    for way in ways_to_get(village_code):
        if way.key == key:
            return way
    raise NoSuchWay()
