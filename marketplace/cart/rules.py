"""What a basket is: some of some lots, and the price that was seen when each was put in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_PER_LINE = 99
MOST_LINES = 30
_LARGEST_FEN = 10_000_000_00


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many of one lot, at a price seen."""

    quantity: int
    seen_fen: int


Basket = Mapping[int, Wanted]


def read(kept: object) -> dict[int, Wanted]:
    """Return the basket that a browser's session kept as ``{"12": [2, 1500]}``; whatever is odd in it is left out."""
    found: dict[int, Wanted] = {}
    if not isinstance(kept, dict):
        return found
    for key, pair in kept.items():
        try:
            lot_id, quantity, seen_fen = int(key), int(pair[0]), int(pair[1])
        except (TypeError, ValueError, IndexError, KeyError):
            continue
        if 0 < lot_id < 2**31 and 0 < quantity <= MOST_PER_LINE and 0 < seen_fen < _LARGEST_FEN:
            found[lot_id] = Wanted(quantity, seen_fen)
    return found


def kept(basket: Basket) -> dict[str, list[int]]:
    """Return *basket* as a session keeps it."""
    return {str(lot_id): [wanted.quantity, wanted.seen_fen] for lot_id, wanted in basket.items()}


def put(basket: Basket, lot_id: int, quantity: int, seen_fen: int) -> dict[int, Wanted]:
    """Return *basket* with exactly *quantity* of a lot; nothing of it when that is nought."""
    changed = dict(basket)
    if quantity < 1:
        changed.pop(lot_id, None)
    else:
        changed[lot_id] = Wanted(min(quantity, MOST_PER_LINE), seen_fen)
    return changed


def is_full(basket: Basket, lot_id: int) -> bool:
    """Say whether no other lot finds room."""
    return lot_id not in basket and len(basket) >= MOST_LINES
