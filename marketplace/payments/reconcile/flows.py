"""
One day's reconciliation from beginning to end: fetch, ask about what differs, judge, add up.

It stands at the edge: it opens its own transactions, and may not be called inside one. Safe to repeat at any point.
"""

from __future__ import annotations

from datetime import date

from commons import clock
from commons.db import end_read, transaction
from commons.outbox import enqueue
from marketplace.payments.alipay_money_out import NO_BILL
from marketplace.payments.connect.flows import pay_out_now
from marketplace.payments.connect.rules import PayoutStatus
from marketplace.payments.flows import ask_now, refund_now
from marketplace.payments.gateways import gateways
from marketplace.payments.ops import alarm
from marketplace.payments.port import NoWord
from marketplace.payments.port_out import DayBill
from marketplace.payments.reconcile.actions import (
    Overtaken,
    bill_for,
    close_bill,
    close_empty,
    judge_anew,
    judge_lines,
    keep_bill,
    locked_bill,
)
from marketplace.payments.reconcile.models import Bill, BillLine
from marketplace.payments.reconcile.queries import (
    Ours,
    chunks,
    lines_of,
    matched_too_early,
    ours_about,
    the_bill,
)
from marketplace.payments.reconcile.rules import (
    PATIENCE,
    RETRY_WAITS,
    BillState,
    MovementKind,
    Sheet,
    Verdict,
    movement_kind,
    ready_at,
)
from marketplace.payments.records import open_case
from marketplace.payments.rules import AttemptState, CaseKind, RefundStatus

AT_ONCE = 100  # buyers wait for no more than so many lines


def reconcile(app_id: str, livemode: bool, day: date, *, again: bool = False) -> Bill | None:
    """
    Hold one day's bill of one application against our books; return it, or None when there is nobody to ask.

    A day that is done is left alone unless it is asked for *again*. Asked for twice at once, the later goes on and the other stops.
    """
    gateway = gateways().of(app_id, livemode)
    if gateway is None:
        return None
    with transaction():
        bill = bill_for(app_id, livemode, day)
        if BillState(bill.state).is_over and not again:
            return bill
        bill.tries += 1
        bill_id, tries = bill.id, bill.tries
    told = gateway.day_bill(day)
    try:
        bill = (
            _without_bill(bill_id, told, tries)
            if isinstance(told, NoWord)
            else _with_bill(bill_id, told, tries)
        )
    except Overtaken:
        return the_bill(app_id, livemode, day)
    for earlier_id, line_id in matched_too_early(bill):
        with transaction():
            judge_anew(earlier_id, [line_id])
    return bill


def _with_bill(bill_id: int, told: DayBill, tries: int) -> Bill:
    with transaction():
        keep_bill(bill_id, tries, told)
    _judge(bill_id, tries, Sheet.trade)
    _ask_about_differences(bill_id)
    _judge(bill_id, tries, Sheet.balance)
    with transaction():
        return close_bill(bill_id, tries)


def _judge(bill_id: int, tries: int, sheet: Sheet) -> None:
    numbers = [line.id for line in lines_of(bill_id, sheet)]
    for piece in chunks(numbers, AT_ONCE):
        with transaction():
            judge_lines(bill_id, tries, piece)


def _without_bill(bill_id: int, heard: NoWord, tries: int) -> Bill:
    """No bill yet: come again later, and in the end say so to a person, unless nothing happened that day."""
    with transaction():
        bill = locked_bill(bill_id, tries)
        bill.last_words = heard.reason[:200]
        if heard.needs_settings:
            alarm(heard.reason)
        is_late = clock.now() >= ready_at(bill.day) + PATIENCE
        if NO_BILL in heard.reason and is_late:  # Alipay has no bill for a day on which nothing moved
            return close_empty(bill_id, tries)
        if tries <= len(RETRY_WAITS):
            _come_again(bill, tries)
        else:
            key = f"{bill.app_id}:{bill.day}"
            open_case(CaseKind.bill_missing, key, day=bill.day.isoformat(), words=bill.last_words)
            _come_again(bill, tries)
        return bill


def _come_again(bill: Bill, tries: int) -> None:
    wait = RETRY_WAITS[min(tries, len(RETRY_WAITS)) - 1]
    enqueue(
        "payment.reconcile",
        due_at=clock.now() + wait,
        unique_key=f"payment.reconcile:{bill.id}:{tries}",
        app_id=bill.app_id,
        livemode=bill.livemode,
        day=bill.day.isoformat(),
    )


def _ask_about_differences(bill_id: int) -> None:
    """Whatever the bill knows and we do not goes the ordinary way: ask the gateway, and settle what it says."""
    for piece in chunks([line for line in lines_of(bill_id) if _is_worth_asking(line)]):
        ours = ours_about(piece)
        payments, refunds, payouts = _unsettled(ours)
        end_read()
        for number in payments:
            ask_now(number)
        for number in refunds:
            # The first may only learn that it was a repetition; the second asks what became of it.
            refund_now(number)
            refund_now(number)
        for number in payouts:
            pay_out_now(number)


def _is_worth_asking(line: BillLine) -> bool:
    """A payment or refund that differs, or a payout, whose line stands in the other sheet and is not judged yet."""
    if line.sheet == Sheet.trade:
        return line.verdict != Verdict.matched
    return movement_kind(line.kind_words, line.amount_fen) in {MovementKind.payout, MovementKind.payout_back}


def _unsettled(ours: Ours) -> tuple[list[str], list[str], list[str]]:
    payments = [
        number
        for number, attempt in ours.attempts.items()
        if number not in ours.charges and attempt.state != AttemptState.paid
    ]
    refunds = [number for number, refund in ours.refunds.items() if refund.status == RefundStatus.pending]
    payouts = [number for number, payout in ours.payouts.items() if PayoutStatus(payout.status).is_open]
    return payments, refunds, payouts
