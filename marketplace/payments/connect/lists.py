"""Payouts by the bank: gather them into one list, and take in what the bank says. Inside the caller's ``transaction()``."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select

from commons import clock
from commons.db import db, locked, locked_rows
from commons.errors import Missing
from marketplace.payments.connect.errors import BadResults, NothingToList
from marketplace.payments.connect.models import BankList, Payout
from marketplace.payments.connect.payouts import (
    BANK,
    fail_payout,
    finish_payout,
    mark_in_transit,
    return_payout,
)
from marketplace.payments.connect.rules import Means, PayoutStatus
from marketplace.payments.connect.sheets import Result

MOST_IN_A_LIST = 2_000


def make_bank_list(person_id: int | None, *, livemode: bool) -> BankList:
    """
    Put every payout that waits for the bank onto one list; from then on they count as being under way.

    Raises:
        NothingToList: there is none.
    """
    waiting = select(Payout).where(
        Payout.livemode == livemode,
        Payout.means == Means.bank,
        Payout.status == PayoutStatus.pending,
        Payout.list_id.is_(None),
    )
    payouts = locked_rows(waiting.order_by(Payout.id).limit(MOST_IN_A_LIST))
    if not payouts:
        raise NothingToList()
    made = BankList(
        livemode=livemode,
        payouts=len(payouts),
        total_fen=sum(payout.amount_fen for payout in payouts),
        made_by=person_id,
        made_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()  # the payouts refer to it by its number
    for payout in payouts:
        payout.list_id = made.id
        mark_in_transit(payout)
    return made


def payouts_on(list_id: int) -> list[Payout]:
    """Return the payouts of a list, in the order of the sheet."""
    return list(db.session.scalars(select(Payout).where(Payout.list_id == list_id).order_by(Payout.id)))


def take_results(list_id: int, results: Sequence[Result]) -> tuple[int, int]:
    """
    Apply what the bank says of a list; return how many arrived and how many did not. The same sheet again changes nothing.

    Raises:
        BadResults: a number that is not on this list, or one that arrived although the bank said before that it did not.
    """
    bank_list = locked(BankList, list_id)
    if bank_list is None:
        raise Missing()
    known = {payout.id: payout.status for payout in payouts_on(list_id)}
    for result in results:
        status = known.get(result.payout_id)
        if status is None:
            raise BadResults(_("编号 %(number)s 不在这张表里", number=result.payout_id[:40]))
        if result.is_paid and status == PayoutStatus.failed:
            raise BadResults(
                _("编号 %(number)s 的结果和上次导入的相反，请找银行核对", number=result.payout_id)
            )
    for result in sorted(results, key=lambda each: each.payout_id):
        if result.is_paid:
            finish_payout(result.payout_id, BANK)
        elif known[result.payout_id] == PayoutStatus.paid:  # 退票: the bank took it for done and got it back
            return_payout(result.payout_id, result.reason or "银行退票")
        else:
            fail_payout(result.payout_id, result.reason or "银行没有付成")
    if not _open_on(list_id):
        bank_list.closed_at = bank_list.closed_at or clock.now()
    arrived = sum(result.is_paid for result in results)
    return arrived, len(results) - arrived


def _open_on(list_id: int) -> int:
    under_way = (Payout.list_id == list_id, Payout.status == PayoutStatus.in_transit)
    return db.session.scalar(select(func.count()).select_from(Payout).where(*under_way)) or 0


def recent_lists(limit: int = 20) -> list[BankList]:
    """Return the newest lists."""
    return list(db.session.scalars(select(BankList).order_by(BankList.id.desc()).limit(limit)))
