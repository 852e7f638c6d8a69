"""The basket as the browser's own session keeps it: no account is needed, and signing in leaves it alone."""

from __future__ import annotations

from collections.abc import Iterable

from flask import session

from marketplace.cart.rules import Basket, Wanted, kept, read

KEY = "basket"


def basket_here() -> dict[int, Wanted]:
    """Return the basket of this browser."""
    return read(session.get(KEY))


def keep_basket(basket: Basket) -> None:
    """Keep *basket*; an empty one leaves no trace."""
    if basket:
        session[KEY] = kept(basket)
    else:
        session.pop(KEY, None)


def take_out(lot_ids: Iterable[int]) -> None:
    """Take some lots out: they were ordered, or are no longer for sale."""
    gone = set(lot_ids)
    keep_basket({lot_id: wanted for lot_id, wanted in basket_here().items() if lot_id not in gone})
