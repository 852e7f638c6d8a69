"""The keeper's cash: what ought to be in the box, and handing it over with the difference shown."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from commons import audit, clock
from commons.db import db
from commons.errors import Conflict
from commons.outbox import enqueue
from marketplace.ledger.actions import World
from marketplace.ledger.models import LedgerTransfer
from marketplace.payments.errors import BadAmount
from marketplace.payments.gateways import gateways
from marketplace.payments.rules import new_id


@dataclass(frozen=True, slots=True)
class HandOver:
    """One counting of a keeper's box. *difference_fen* is negative when money is missing."""

    id: str
    keeper: str
    counted_fen: int
    expected_fen: int

    @property
    def difference_fen(self) -> int:
        return self.counted_fen - self.expected_fen


def hand_over_cash(keeper: str, counted_fen: int, expected_fen: int, once: str = "") -> HandOver:
    """
    The office has counted and taken the keeper's cash; a difference is written down, never smoothed over.

    *expected_fen* is what the page showed when they counted. The same *once* again is the same count.

    Raises:
        BadAmount: less than nothing was counted.
        Conflict: the keeper has taken or given money since they began to count, or *once* was another count.
    """
    if counted_fen < 0:
        raise BadAmount()
    world = World(gateways().livemode)
    there = world.hold(f"cash:{keeper}")
    done = HandOver(f"cash_{keeper}_{once}" if once else new_id("cash"), keeper, counted_fen, expected_fen)
    known = _known_count(done)
    if known == done:
        return done
    if known is not None or there != expected_fen:
        raise Conflict(_("清点期间又收了款或退了款，请按新的数目再点一遍"))
    world.cash_handed_over(done.id, keeper, counted_fen, expected_fen)
    difference = done.difference_fen
    audit.record("cash.counted", subject=f"cash:{keeper}", counted_fen=counted_fen, difference_fen=difference)
    enqueue(
        "cash.counted",
        unique_key=f"cash.counted:{done.id}",
        keeper=keeper,
        counted_fen=counted_fen,
        expected_fen=expected_fen,
        at=clock.now().isoformat(),
    )
    return done


def _known_count(count: HandOver) -> HandOver | None:
    """Return what was posted under the number of *count*, if anything was."""
    of_it = select(LedgerTransfer.kind, LedgerTransfer.amount_fen).where(LedgerTransfer.ref == count.id)
    of_counting = ("cash_handed_over", "cash_missing", "cash_too_much")
    fen = {
        row.kind: row.amount_fen
        for row in db.session.execute(of_it.where(LedgerTransfer.kind.in_(of_counting)))
    }
    if not fen:
        return None
    counted = fen.get("cash_handed_over", 0)
    expected = counted + fen.get("cash_missing", 0) - fen.get("cash_too_much", 0)
    return HandOver(count.id, count.keeper, counted, expected)
