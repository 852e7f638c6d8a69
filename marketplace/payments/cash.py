"""The keeper's cash: what ought to be in the box, and handing it over with the difference shown."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from commons import clock
from commons.errors import Conflict
from commons.outbox import enqueue
from marketplace.ledger.actions import World
from marketplace.ledger.queries import balance_fen
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


def cash_expected(keeper: str) -> int:
    """Return what ought to be in the keeper's box, by the books."""
    return balance_fen(f"cash:{keeper}", livemode=gateways().livemode)


def hand_over_cash(keeper: str, counted_fen: int, expected_fen: int) -> HandOver:
    """
    The office has counted and taken the keeper's cash; a difference is written down, never smoothed over.

    *expected_fen* is what the page showed when they counted.

    Raises:
        BadAmount: less than nothing was counted.
        Conflict: the keeper has taken or given money since they began to count.
    """
    if counted_fen < 0:
        raise BadAmount()
    if cash_expected(keeper) != expected_fen:
        raise Conflict(_("清点期间又收了款或退了款，请按新的数目再点一遍"))
    done = HandOver(new_id("cash"), keeper, counted_fen, expected_fen)
    World(gateways().livemode).cash_handed_over(done.id, keeper, counted_fen, expected_fen)
    enqueue(
        "cash.counted",
        unique_key=f"cash.counted:{done.id}",
        keeper=keeper,
        counted_fen=counted_fen,
        expected_fen=expected_fen,
        at=clock.now().isoformat(),
    )
    return done
