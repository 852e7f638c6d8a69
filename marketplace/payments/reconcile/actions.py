"""Keeping a bill, judging its lines, and posting what only the bill tells. Runs inside the caller's ``transaction()``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

from sqlalchemy import delete, select

from commons import clock
from commons.db import db, locked, locked_rows
from marketplace.ledger.actions import World
from marketplace.payments.alipay.bill import Movement, TradeLine
from marketplace.payments.connect.payouts import return_payout
from marketplace.payments.port_out import DayBill
from marketplace.payments.reconcile.judging import Judge, Judged
from marketplace.payments.reconcile.models import Bill, BillLine
from marketplace.payments.reconcile.queries import (
    lines_of,
    named_by_trade_sheet,
    ours_about,
    ours_only,
    posted_fen,
    the_bill,
)
from marketplace.payments.reconcile.rules import BillState, MovementKind, Sheet, Verdict, movement_kind
from marketplace.payments.records import open_case
from marketplace.payments.rules import CaseKind

TOLD_BY_BILL = {
    MovementKind.fee: "bill_fee",
    MovementKind.fee_back: "bill_fee_back",
    MovementKind.withdrawal: "withdrawn",
}
CASES = {
    Verdict.amount_differs: CaseKind.bill_amount,
    Verdict.ours_only: CaseKind.bill_ours_only,
    Verdict.theirs_only: CaseKind.bill_theirs_only,
    Verdict.state_differs: CaseKind.bill_state,
}


def bill_for(app_id: str, livemode: bool, day: date) -> Bill:
    """Return the row of one day's bill, made at the first need, locked."""
    known = the_bill(app_id, livemode, day)
    if known is None:
        known = Bill(
            app_id=app_id, livemode=livemode, day=day, state=BillState.waiting, tries=0, last_words="",
            counts={}, fee_fen=0, moved_fen=0, booked_fen=0,
        )  # fmt: skip
        db.session.add(known)
        db.session.flush()  # its lines need its number
    bill = locked(Bill, known.id)
    assert bill is not None
    return bill


class Overtaken(Exception):  # noqa: N818 - nothing is wrong
    """The same day is being held against its bill anew, and that will tell: half of one bill and half of another is none."""


def locked_bill(bill_id: int, tries: int) -> Bill:
    """
    Lock a bill for the *tries*-th time that it was asked for.

    Raises:
        Overtaken: it was asked for again since.
    """
    bill = locked(Bill, bill_id)
    assert bill is not None
    if bill.tries != tries:
        raise Overtaken
    return bill


def keep_bill(bill_id: int, tries: int, told: DayBill) -> None:
    """Store every line; what an earlier fetching stored is replaced, for a bill may be corrected."""
    bill = locked_bill(bill_id, tries)
    before = set(_refs(bill, lines_of(bill_id, Sheet.balance)).values())
    db.session.execute(delete(BillLine).where(BillLine.bill_id == bill_id))
    db.session.add_all(_trade_row(bill_id, at, line) for at, line in enumerate(told.trades))
    numbers = _refund_numbers(told.trades)
    for at, line in enumerate(told.movements):
        same = numbers.get((line.out_trade_no, line.amount_fen), [])
        kind = movement_kind(line.kind_words, line.amount_fen)
        named = same.pop(0) if kind is MovementKind.refund and same else ""
        # Money of a share that went back names its refund in the remark [K]; without it the line is a riddle.
        named = line.remark[:128] if kind is MovementKind.share_back else named
        db.session.add(_balance_row(bill_id, at, line, named))
    bill.moved_fen = sum(line.amount_fen for line in told.movements)
    bill.closing_fen = told.movements[-1].balance_fen if told.movements else None
    bill.state, bill.fetched_at, bill.last_words = BillState.fetched, clock.now(), ""
    if before:  # of what a corrected bill does not say any more, nothing stays in the books
        for ref in sorted(before - set(_refs(bill, lines_of(bill_id, Sheet.balance)).values())):
            World(bill.livemode).told_by_bill(ref, "unexplained", 0)


def _refs(bill: Bill, lines: Sequence[BillLine]) -> dict[int, str]:
    """
    Return under which reference each line of the balance sheet is posted: Alipay's number for it, and where it bears none, what it says.

    Lines that say the same are counted through the whole bill.
    """
    balance = [line for line in lines if line.sheet == Sheet.balance]
    refs = {line.id: f"{bill.app_id}:{line.number}" for line in balance if line.number}
    if len(refs) == len(balance):
        return refs
    met: Counter[str] = Counter()
    for line in lines_of(bill.id, Sheet.balance):
        if not line.number:
            said = (
                line.kind_words,
                line.out_trade_no,
                line.trade_no,
                line.out_request_no,
                line.at.isoformat(),
            )
            words = sha256("|".join(said).encode()).hexdigest()[:24]
            met[words] += 1
            refs[line.id] = f"{bill.app_id}:{bill.day}:{words}:{met[words]}"
    return refs


def _trade_row(bill_id: int, at: int, line: TradeLine) -> BillLine:
    return BillLine(
        bill_id=bill_id, sheet=Sheet.trade, position=at, number="", out_trade_no=line.out_trade_no[:64],
        kind_words=line.kind_words[:40], out_request_no=line.out_request_no[:128], trade_no=line.trade_no[:64],
        amount_fen=line.amount_fen, fee_fen=line.fee_fen, at=line.done_at, verdict="", posting="",
    )  # fmt: skip


def _refund_numbers(trades: Sequence[TradeLine]) -> dict[tuple[str, int], list[str]]:
    """Say under which numbers so much of a trade was refunded: a movement of the balance does not name its refund."""
    numbers: dict[tuple[str, int], list[str]] = {}
    for line in trades:
        if line.amount_fen < 0:
            numbers.setdefault((line.out_trade_no, line.amount_fen), []).append(line.out_request_no[:128])
    return numbers


def _balance_row(bill_id: int, at: int, line: Movement, request_no: str) -> BillLine:
    return BillLine(
        bill_id=bill_id, sheet=Sheet.balance, position=at, number=line.number[:64],
        out_trade_no=line.out_trade_no[:64], kind_words=line.kind_words[:40], out_request_no=request_no,
        trade_no=line.business_no[:64], amount_fen=line.amount_fen, fee_fen=0, at=line.at, verdict="", posting="",
    )  # fmt: skip


def judge_lines(bill_id: int, tries: int, rows: Sequence[int]) -> None:
    """Compare some lines with our books, post what only the bill tells, and open a case for each difference."""
    bill = locked_bill(bill_id, tries)
    lines = locked_rows(select(BillLine).where(BillLine.id.in_(rows)).order_by(BillLine.id))
    judge = Judge(ours_about(lines))
    in_both = named_by_trade_sheet(bill_id, lines)
    refs = _refs(bill, lines)
    # All is judged and posted before any line is changed: a changed line would be written before every question.
    verdicts = [(line, _post(bill, line, refs.get(line.id, ""), judge(line))) for line in lines]
    for line, judged in verdicts:
        line.verdict, line.posting = judged.verdict, judged.posting
        if judged.verdict is not Verdict.matched and line.id not in in_both:
            _open_case(bill, judged.verdict, f"{line.sheet}:{line.number or line.position}", line, judged)


def judge_anew(bill_id: int, rows: Sequence[int]) -> None:
    """Judge some lines of a day that is over once more, for our books have changed since; the day may differ by it."""
    bill = locked(Bill, bill_id)
    assert bill is not None
    if not BillState(bill.state).is_over:  # it is just being held anew, and that will tell
        return
    judge_lines(bill_id, bill.tries, rows)
    lines = db.session.scalars(select(BillLine).where(BillLine.id.in_(rows)))
    if any(line.verdict != Verdict.matched for line in lines):
        bill.state = BillState.differs


def _post(bill: Bill, line: BillLine, ref: str, judged: Judged) -> Judged:
    """Post the fees, withdrawals, returns and what is set aside of the balance sheet: they come to us by the bill alone."""
    if line.sheet != Sheet.balance:
        return judged
    world = World(bill.livemode)
    posting = TOLD_BY_BILL.get(movement_kind(line.kind_words, line.amount_fen))
    verdict = Verdict.matched
    if posting is None and judged.is_set_aside:
        posting, verdict = "unexplained", judged.verdict
    if posting is not None and line.amount_fen:
        told = world.told_by_bill(ref, posting, line.amount_fen)
        sign = "-" if line.amount_fen < 0 else "+"
        return replace(judged, verdict=verdict, posting=f"{sign}{posting}:{told}")
    if bill.done_at is not None:  # an earlier look may have set it aside
        world.told_by_bill(ref, "unexplained", 0)
    if judged.returns:
        return_payout(judged.returns, line.kind_words)
    return judged


def _open_case(bill: Bill, verdict: Verdict, key: str, line: BillLine, judged: Judged) -> None:
    open_case(
        CASES[verdict],
        f"{bill.app_id}:{bill.day}:{key}",
        judged.intent_id,
        day=bill.day.isoformat(),
        out_trade_no=line.out_trade_no,
        out_request_no=line.out_request_no,
        words=line.kind_words,
        told_fen=line.amount_fen,
        ours_fen=judged.ours_fen,
    )


def close_bill(bill_id: int, tries: int) -> Bill:
    """Name what only we have, add up both sides, and say how the day ended."""
    _lock_neighbours(bill_id)
    bill = locked_bill(bill_id, tries)
    lines = lines_of(bill_id)
    counts: Counter[str] = Counter(line.verdict for line in lines if line.sheet == Sheet.trade)
    for lonely in ours_only(bill):
        counts[Verdict.ours_only] += 1
        open_case(
            CaseKind.bill_ours_only, f"{bill.app_id}:{lonely.what}:{lonely.number}", lonely.intent_id,
            day=bill.day.isoformat(), what=lonely.what, number=lonely.number, ours_fen=lonely.amount_fen,
        )  # fmt: skip
    balance = [line for line in lines if line.sheet == Sheet.balance]
    kinds = [(movement_kind(line.kind_words, line.amount_fen), line) for line in balance]
    fees = {MovementKind.fee, MovementKind.fee_back}
    bill.fee_fen = -sum(line.amount_fen for kind, line in kinds if kind in fees)
    bill.booked_fen = posted_fen([line.posting for line in balance])
    bill.counts = {verdict.value: counts.get(verdict.value, 0) for verdict in Verdict}
    clean = all(line.verdict == Verdict.matched for line in lines) and not counts[Verdict.ours_only]
    if not _totals_agree(bill):
        clean = False
    bill.state, bill.done_at = BillState.done if clean else BillState.differs, clock.now()
    return bill


def _lock_neighbours(bill_id: int) -> None:
    """Lock a bill and the days beside it: of two that are closed in one moment, the later has to look around their midnight."""
    known = db.session.get(Bill, bill_id)
    assert known is not None
    days = [known.day + timedelta(days=by) for by in (-1, 0, 1)]
    beside = (Bill.app_id == known.app_id, Bill.livemode == known.livemode, Bill.day.in_(days))
    locked_rows(select(Bill).where(*beside).order_by(Bill.day))


def _totals_agree(bill: Bill) -> bool:
    """Hold the bill's sum against the postings', and its closing balance against yesterday's."""
    from_before = None
    before = the_bill(bill.app_id, bill.livemode, date.fromordinal(bill.day.toordinal() - 1))
    if before is not None and before.closing_fen is not None and bill.closing_fen is not None:
        from_before = bill.closing_fen - before.closing_fen
    if bill.moved_fen == bill.booked_fen and from_before in {None, bill.moved_fen}:
        return True
    open_case(
        CaseKind.bill_total, f"{bill.app_id}:{bill.day}:total", "", day=bill.day.isoformat(),
        moved_fen=bill.moved_fen, booked_fen=bill.booked_fen, balance_moved_fen=from_before,
    )  # fmt: skip
    return False


def close_empty(bill_id: int, tries: int) -> Bill:
    """Alipay has no bill: right if nothing happened that day by our books, a case for each thing if something did."""
    bill = close_bill(bill_id, tries)
    if bill.state == BillState.done:
        bill.state = BillState.empty
    return bill
