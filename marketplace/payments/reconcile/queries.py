"""What our own books say about the lines of a bill, many at a time; and the bills for the operator's page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Select, exists, func, literal, select
from sqlalchemy.orm import aliased

from commons.db import db
from marketplace.ledger.models import LedgerTransfer
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.rules import PayoutStatus
from marketplace.payments.models import Charge, PaymentAttempt, Refund, SellerTransfer
from marketplace.payments.reconcile.models import Bill, BillLine
from marketplace.payments.reconcile.rules import (
    BillState,
    MovementKind,
    Sheet,
    Verdict,
    movement_kind,
    window,
)
from marketplace.payments.record_models import GatewayOp
from marketplace.payments.rules import Method, RefundStatus

T = TypeVar("T")
CHUNK = 300
EVER = datetime(1970, 1, 1, tzinfo=UTC)  # before there was any bill


def chunks(rows: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut *rows* into pieces of at most *size*."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


@dataclass(slots=True)
class Ours:
    """What we know of some trades, refunds and payouts, by the numbers that Alipay knows them by."""

    attempts: dict[str, PaymentAttempt] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    payouts: dict[str, Payout] = field(default_factory=dict)
    # Of those payouts, as what the line of any bill is posted by which the money left, and by which it came back.
    left: dict[str, str] = field(default_factory=dict)
    came_back: dict[str, str] = field(default_factory=dict)
    told_until: datetime = EVER
    shares: dict[str, SellerTransfer] = field(default_factory=dict)
    shared_fen: dict[str, int] = field(default_factory=dict)
    # Refunds that no line of the balance sheet has been yet, by trade and amount: those that are done come first.
    unclaimed: dict[tuple[str, int], list[Refund]] = field(default_factory=dict)


def ours_about(lines: Iterable[BillLine]) -> Ours:
    """Look up everything that *lines* name, in a few questions."""
    rows = list(lines)
    trades = {row.out_trade_no for row in rows if row.out_trade_no}
    requests = {row.out_request_no for row in rows if row.out_request_no}
    found = Ours()
    for attempt, charge in db.session.execute(
        select(PaymentAttempt, Charge)
        .outerjoin(Charge, Charge.attempt_id == PaymentAttempt.id)
        .where(PaymentAttempt.out_trade_no.in_(trades))
    ):
        found.attempts[attempt.out_trade_no] = attempt
        if charge is not None:
            found.charges[attempt.out_trade_no] = charge
    for refund in db.session.scalars(select(Refund).where(Refund.id.in_(requests | trades))):
        found.refunds[refund.id] = refund
    for payout in db.session.scalars(select(Payout).where(Payout.id.in_(trades | requests))):
        found.payouts[payout.id] = payout
    if found.payouts:
        found.told_until = told_until(db.session.get_one(Bill, rows[0].bill_id))
        found.left, found.came_back = _transfers(found.payouts)
    shared = select(GatewayOp.out_trade_no, SellerTransfer).join(
        SellerTransfer, GatewayOp.out_no == SellerTransfer.id
    )
    for number, transfer in db.session.execute(
        shared.where(GatewayOp.kind == "share", GatewayOp.out_trade_no.in_(trades))
    ):
        found.shares[number] = transfer
    if found.shares:
        ids = [transfer.id for transfer in found.shares.values()]
        posted = select(LedgerTransfer.ref, LedgerTransfer.amount_fen).where(
            LedgerTransfer.kind == "direct_shared"
        )
        found.shared_fen = {
            row.ref: row.amount_fen for row in db.session.execute(posted.where(LedgerTransfer.ref.in_(ids)))
        }
    nameless = {row.out_trade_no for row in rows if _is_nameless_refund(row)}
    for number, refund in db.session.execute(_unclaimed(nameless)) if nameless else ():
        found.unclaimed.setdefault((number, refund.amount_fen), []).append(refund)
    return found


def told_until(bill: Bill) -> datetime:
    """Return until when the bills of one application have told everything; what happened around midnight waits for the next."""
    told = Bill.state != BillState.waiting
    newest = select(func.max(Bill.day)).where(
        Bill.app_id == bill.app_id, Bill.livemode == bill.livemode, told
    )
    day = db.session.scalar(newest)
    return EVER if day is None else window(day)[1]


def _transfers(payouts: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the postings of the lines by which some payouts left, and of those by which they came back."""
    left: dict[str, str] = {}
    came_back: dict[str, str] = {}
    halves = {MovementKind.payout: left, MovementKind.payout_back: came_back}
    of_payouts = (BillLine.sheet == Sheet.balance, BillLine.out_trade_no.in_(payouts))
    for line in db.session.scalars(select(BillLine).where(*of_payouts)):
        half = halves.get(movement_kind(line.kind_words, line.amount_fen))
        if half is not None:
            half[line.out_trade_no] = line.posting
    return left, came_back


def matched_too_early(bill: Bill) -> list[tuple[int, int]]:
    """
    Name lines (and their bills) by which money left for a payout that was on its way then, and that has failed since.

    What came back is left out, and so is what failed after the last bill: the next may bring it back.
    """
    back = aliased(BillLine)
    is_back = (
        back.sheet == Sheet.balance,
        back.out_trade_no == Payout.id,
        back.amount_fen == Payout.amount_fen,
    )
    wanted = (
        select(BillLine.bill_id, BillLine.id)
        .join(Payout, Payout.id == BillLine.out_trade_no)
        .join(Bill, Bill.id == BillLine.bill_id)
        .where(Bill.app_id == bill.app_id, Bill.livemode == bill.livemode)
        .where(Payout.status.in_((PayoutStatus.failed, PayoutStatus.canceled)), Payout.paid_from == "")
        .where(Payout.done_at < told_until(bill))
        .where(BillLine.sheet == Sheet.balance, BillLine.posting == literal("-payout:") + Payout.id)
        .where(BillLine.verdict == Verdict.matched, ~exists().where(*is_back))
        .order_by(BillLine.bill_id, BillLine.id)
    )
    return [(row.bill_id, row.id) for row in db.session.execute(wanted)]


def _is_nameless_refund(row: BillLine) -> bool:
    is_refund = movement_kind(row.kind_words, row.amount_fen) is MovementKind.refund
    return row.sheet == Sheet.balance and is_refund and not row.out_request_no


def _unclaimed(trades: set[str]) -> Select[str, Refund]:
    """Find the refunds of some trades that no line of any balance sheet names or was found to be."""
    posting = BillLine.posting == literal("-refund_done:") + Refund.id
    named = exists().where(BillLine.sheet == Sheet.balance, (BillLine.out_request_no == Refund.id) | posting)
    return (
        select(PaymentAttempt.out_trade_no, Refund)
        .join(Charge, Charge.attempt_id == PaymentAttempt.id)
        .join(Refund, Refund.charge_id == Charge.id)
        .where(PaymentAttempt.out_trade_no.in_(trades), ~named)
        .where(Refund.status.in_((RefundStatus.succeeded, RefundStatus.pending)))
        .order_by((Refund.status == RefundStatus.pending), Refund.created_at, Refund.id)
    )


def named_by_trade_sheet(bill_id: int, lines: Iterable[BillLine]) -> set[int]:
    """Return which lines of the balance sheet the trade sheet of the bill names, too: one difference makes one case."""
    balance = [line for line in lines if line.sheet == Sheet.balance]
    kinds = {line.id: movement_kind(line.kind_words, line.amount_fen) for line in balance}
    payments = {line.out_trade_no: line.id for line in balance if kinds[line.id] is MovementKind.payment}
    of_bill = (BillLine.bill_id == bill_id, BillLine.sheet == Sheet.trade, BillLine.amount_fen > 0)
    there = select(BillLine.out_trade_no).where(*of_bill, BillLine.out_trade_no.in_(payments))
    refunds = {line.id for line in balance if kinds[line.id] is MovementKind.refund and line.out_request_no}
    return refunds | {payments[number] for number in (db.session.scalars(there) if payments else ())}


@dataclass(frozen=True, slots=True)
class Lonely:
    """A movement of ours that no bill knows."""

    what: str
    number: str
    amount_fen: int
    intent_id: str = ""


def ours_only(bill: Bill) -> Iterator[Lonely]:
    """Name what happened by our books on the bill's day, and stands in no bill."""
    before, after = (the_bill(bill.app_id, bill.livemode, bill.day + timedelta(days=by)) for by in (-1, 1))
    since, until = window(bill.day, before_is_done=_is_over(before), after_is_done=_is_over(after))
    in_trade_sheet = exists().where(
        BillLine.sheet == Sheet.trade, BillLine.out_trade_no == PaymentAttempt.out_trade_no
    )
    of_app = (PaymentAttempt.app_id == bill.app_id, PaymentAttempt.livemode == bill.livemode)
    paid = (
        select(Charge, PaymentAttempt.out_trade_no)
        .join(PaymentAttempt, PaymentAttempt.id == Charge.attempt_id)
        .where(*of_app, Charge.method == Method.alipay, Charge.paid_at >= since, Charge.paid_at < until)
        .where(~in_trade_sheet.where(BillLine.amount_fen > 0))
    )
    for charge, number in db.session.execute(paid):
        yield Lonely("payment", number, charge.amount_fen, charge.intent_id)
    back = (
        select(Refund)
        .join(Charge, Charge.id == Refund.charge_id)
        .join(PaymentAttempt, PaymentAttempt.id == Charge.attempt_id)
        .where(
            *of_app, Refund.status == RefundStatus.succeeded, Refund.done_at >= since, Refund.done_at < until
        )
        .where(~exists().where(BillLine.sheet == Sheet.trade, BillLine.out_request_no == Refund.id))
        .where(~exists().where(BillLine.posting == literal("-refund_done:") + Refund.id))
    )
    for refund in db.session.scalars(back.where(Charge.method == Method.alipay)):
        yield Lonely("refund", refund.id, -refund.amount_fen, refund.intent_id)
    out = select(Payout).where(
        Payout.livemode == bill.livemode,
        Payout.status == "paid",
        Payout.means == "alipay",
        Payout.done_at >= since,
        Payout.done_at < until,
        ~exists().where(BillLine.sheet == Sheet.balance, BillLine.out_trade_no == Payout.id),
        exists().where(
            GatewayOp.kind == "payout", GatewayOp.out_no == Payout.id, GatewayOp.app_id == bill.app_id
        ),
    )
    for payout in db.session.scalars(out):
        yield Lonely("payout", payout.id, -payout.amount_fen)


def _is_over(bill: Bill | None) -> bool:
    return bill is not None and BillState(bill.state).is_over


def posted_fen(postings: Sequence[str]) -> int:
    """Add up what the postings named ``kind:ref`` moved, each with the sign that its name bears."""
    total = 0
    for piece in chunks([name for name in postings if name]):
        wanted = {name[1:] for name in piece}
        signs = {name[1:]: 1 if name[0] == "+" else -1 for name in piece}
        names = LedgerTransfer.kind + ":" + LedgerTransfer.ref
        refs = {name.partition(":")[2] for name in wanted}
        rows = db.session.execute(
            select(names, LedgerTransfer.amount_fen).where(LedgerTransfer.ref.in_(refs))
        )
        total += sum(signs[name] * fen for name, fen in rows if name in signs)
    return total


def lines_of(bill_id: int, sheet: Sheet | None = None) -> list[BillLine]:
    """Return the lines of a bill in its own order."""
    wanted = select(BillLine).where(BillLine.bill_id == bill_id)
    if sheet is not None:
        wanted = wanted.where(BillLine.sheet == sheet)
    return list(db.session.scalars(wanted.order_by(BillLine.sheet, BillLine.position)))


def the_bill(app_id: str, livemode: bool, day: date) -> Bill | None:
    """Return one day's bill, if it was ever asked for."""
    named = (Bill.app_id == app_id, Bill.livemode == livemode, Bill.day == day)
    return db.session.scalar(select(Bill).where(*named))


def recent_bills(limit: int = 31) -> list[Bill]:
    """Return the newest bills."""
    return list(db.session.scalars(select(Bill).order_by(Bill.day.desc(), Bill.id.desc()).limit(limit)))
