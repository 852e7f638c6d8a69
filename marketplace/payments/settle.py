"""
The one way in which a payment becomes paid.

The notification, the page to which the buyer comes back, the poller, the keeper's confirmation and the daily bill all
call :func:`settle_payment`. It locks the payment, looks at where it stands, and moves it at most once; so it is harmless
the second time, and whoever comes first wins.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import func, select

from commons import clock
from commons.db import db, locked
from commons.errors import Conflict, Missing
from commons.outbox import enqueue
from commons.rows import write_changes, write_new
from marketplace.ledger.actions import World
from marketplace.payments.checkout.completion import session_awaits, session_paid, session_unpaid
from marketplace.payments.closing import ask_to_close
from marketplace.payments.connect.settlement import driver_of
from marketplace.payments.models import Charge, PaymentAttempt, PaymentIntent, Refund
from marketplace.payments.port import TradeReport
from marketplace.payments.queries import open_attempts
from marketplace.payments.records import open_case, record_charge, record_intent, tell
from marketplace.payments.refunds import REFUND, give_back_surplus
from marketplace.payments.rules import (
    AttemptState,
    CaseKind,
    IntentStatus,
    Method,
    RefundStatus,
    Standing,
    new_id,
)


class Settled(StrEnum):
    """What a report came to."""

    paid = "paid"
    surplus = "surplus"  # the money came although it was not wanted, and goes back
    nothing_new = "nothing_new"
    closed = "closed"
    amount_differs = "amount_differs"
    no_such_attempt = "no_such_attempt"


def settle_payment(report: TradeReport) -> Settled:
    """Apply what a gateway says of one attempt. Runs inside ``transaction()``; repeating it changes nothing."""
    numbered = select(PaymentAttempt.intent_id, PaymentAttempt.id)
    found = db.session.execute(numbered.where(PaymentAttempt.out_trade_no == report.out_trade_no)).first()
    if found is None:
        return Settled.no_such_attempt
    intent, attempt = locked(PaymentIntent, found.intent_id), locked(PaymentAttempt, found.id)
    assert intent and attempt
    if attempt.state == AttemptState.paid:
        charge = db.session.scalars(select(Charge).where(Charge.attempt_id == attempt.id)).one()
        return _hear_again(intent, charge, report)
    if report.trade_no and not attempt.trade_no:
        attempt.trade_no = report.trade_no
    if report.standing.is_paid:
        return _hear_of_money(intent, attempt, report)
    if report.standing is Standing.closed:
        return _hear_of_closing(intent, attempt, report)
    return Settled.nothing_new


def _hear_of_money(intent: PaymentIntent, attempt: PaymentAttempt, report: TradeReport) -> Settled:
    if report.total_fen != attempt.amount_fen:
        return _doubt_amount(intent, attempt, report)
    charge = take_money(intent, attempt, Method.alipay, report)
    if charge.is_main:
        return Settled.paid
    twice = intent.status == IntentStatus.succeeded
    kind = CaseKind.paid_twice if twice else CaseKind.paid_after_cancel
    refund = give_back_surplus(intent, charge, "重复付款，自动退回" if twice else "订单已取消，自动退回")
    open_case(kind, charge.id, intent.id, charge=charge.id, refund=refund.id, amount_fen=charge.amount_fen)
    return Settled.surplus


def take_money(
    intent: PaymentIntent,
    attempt: PaymentAttempt,
    method: Method,
    report: TradeReport,
    keeper: str = "",
    *,
    is_wanted: bool = True,
) -> Charge:
    """
    Write down that the money of *attempt* has come; the caller holds the locks and knows that it is new.

    What is not wanted settles nothing and lies in suspense, whatever its amount.
    """
    is_main = is_wanted and IntentStatus(intent.status).is_open
    charge = Charge(
        id=new_id("ch"),
        intent_id=intent.id,
        attempt_id=attempt.id,
        settles=intent.id if is_main else None,
        livemode=attempt.livemode,
        amount_fen=attempt.amount_fen if is_wanted else report.total_fen,
        refunded_fen=0,
        method=method,
        trade_no=report.trade_no,
        buyer_id=report.buyer_id,
        keeper=keeper,
        is_refundable=report.standing is not Standing.finished,
        paid_at=report.paid_at or clock.now(),
        created_at=clock.now(),
    )
    write_new(charge)
    attempt.state, attempt.ask_at = AttemptState.paid, None
    write_changes(attempt)
    record_charge("charge.succeeded", charge, intent)
    if is_main:
        _succeed(intent, charge)
    _post(intent, charge, attempt)
    return charge


def _post(intent: PaymentIntent, charge: Charge, attempt: PaymentAttempt) -> None:
    world, clearing = World(charge.livemode), driver_of(attempt).clearing
    if not charge.is_main:
        world.paid_in_surplus(charge.id, charge.amount_fen, clearing)
    elif charge.method == Method.offline:
        world.paid_in_cash(charge.id, intent.id, charge.keeper, charge.amount_fen)
    else:
        world.paid(charge.id, intent.id, charge.amount_fen, clearing)


def _succeed(intent: PaymentIntent, charge: Charge) -> None:
    intent.status = IntentStatus.succeeded
    intent.last_error = ""
    write_changes(intent)
    record_intent("payment_intent.succeeded", intent, charge.id)
    session_paid(intent)
    tell("payment.succeeded", intent, charge_id=charge.id)
    for other in open_attempts(intent.id):
        if other.id != charge.attempt_id:
            ask_to_close(other)


def _doubt_amount(intent: PaymentIntent, attempt: PaymentAttempt, report: TradeReport) -> Settled:
    """
    Another amount than was asked for: nothing is fulfilled and a person looks.

    A notification alone does not even move the payment's state; the gateway is asked first.
    """
    details = {"asked_fen": attempt.amount_fen, "told_fen": report.total_fen, "heard_by": report.heard_by}
    key = f"{attempt.out_trade_no}:{report.total_fen}:{report.heard_by}"
    open_case(CaseKind.amount_differs, key, intent.id, out_trade_no=attempt.out_trade_no, **details)
    if report.heard_by == "notify":
        enqueue("payment.ask", out_trade_no=attempt.out_trade_no, asked=attempt.asked)
    elif IntentStatus(intent.status).is_open and intent.status != IntentStatus.processing:
        intent.status = IntentStatus.processing
        record_intent("payment_intent.processing", intent)
        session_awaits(intent)
    return Settled.amount_differs


def give_back_differing(out_trade_no: str, told_fen: int) -> Refund:
    """
    An operator gives money of another amount than was asked for back as it came; the payment goes on without it.

    Raises:
        Conflict: the trade has ended otherwise meanwhile.
    """
    found = db.session.scalar(select(PaymentAttempt).where(PaymentAttempt.out_trade_no == out_trade_no))
    if found is None:
        raise Missing()
    intent, attempt = locked(PaymentIntent, found.intent_id), locked(PaymentAttempt, found.id)
    assert intent and attempt
    if attempt.state != AttemptState.open or told_fen == attempt.amount_fen:
        raise Conflict(_("这件事已经有人办结了"))
    report = TradeReport(out_trade_no, Standing.paid, told_fen, attempt.trade_no)
    charge = take_money(intent, attempt, Method.alipay, report, is_wanted=False)
    refund = give_back_surplus(intent, charge, "金额不符，原路退回")
    _go_on_without(intent, attempt)
    return refund


def _hear_again(intent: PaymentIntent, charge: Charge, report: TradeReport) -> Settled:
    """The money is known. What may be new: that it can no longer be refunded, or that refunds have happened."""
    if report.standing is Standing.finished:
        charge.is_refundable = False
    if report.refunded_fen:
        _compare_refunds(intent, charge, report.refunded_fen)
    return Settled.nothing_new


def _compare_refunds(intent: PaymentIntent, charge: Charge, told_fen: int) -> None:
    ours = select(func.coalesce(func.sum(Refund.amount_fen), 0)).where(Refund.charge_id == charge.id)
    done = db.session.scalar(ours.where(Refund.status == RefundStatus.succeeded)) or 0
    if told_fen <= done:
        return
    if told_fen > charge.refunded_fen:
        open_case(
            CaseKind.refund_not_ours,
            f"{charge.id}:{told_fen}",
            intent.id,
            charge=charge.id,
            told_fen=told_fen,
            ours_fen=charge.refunded_fen,
        )
    pending = select(Refund.id).where(Refund.charge_id == charge.id, Refund.status == RefundStatus.pending)
    for refund_id in db.session.scalars(pending).all():
        ask_about_refund(refund_id)


def ask_about_refund(refund_id: str) -> None:
    """Look at a refund under way now instead of at its own time."""
    enqueue(f"payment.{REFUND}", number=refund_id)


def _hear_of_closing(intent: PaymentIntent, attempt: PaymentAttempt, report: TradeReport) -> Settled:
    """Closed, and we have seen no money: never paid, unless the gateway names a time of payment."""
    if report.paid_at is not None:
        return _hear_of_return(intent, attempt, report)
    close_attempt(intent, attempt)
    return Settled.closed


def _hear_of_return(intent: PaymentIntent, attempt: PaymentAttempt, report: TradeReport) -> Settled:
    """
    Paid, and given back by somebody at Alipay before we heard of either: nothing may be handed over for it.

    The money waits in suspense for the bill, in which its way back is a line that nobody asked for.
    """
    known = {"out_trade_no": attempt.out_trade_no, "told_fen": report.total_fen, "ours_fen": 0}
    open_case(CaseKind.refund_not_ours, attempt.out_trade_no, intent.id, **known)
    take_money(intent, attempt, Method.alipay, report, is_wanted=False)
    _go_on_without(intent, attempt)
    return Settled.surplus


def close_attempt(intent: PaymentIntent, attempt: PaymentAttempt) -> None:
    """No money can come through *attempt* any more; say what that means for its payment."""
    if attempt.state != AttemptState.open:
        return
    attempt.state, attempt.ask_at = AttemptState.closed, None
    _go_on_without(intent, attempt)


def _go_on_without(intent: PaymentIntent, attempt: PaymentAttempt) -> None:
    if not IntentStatus(intent.status).is_open or open_attempts(intent.id):
        return
    if intent.cancel_asked_at is not None or _is_over(intent, clock.now()):
        cancel_now(intent, "expired" if intent.cancel_asked_at is None else intent.cancel_reason)
        return
    intent.status = IntentStatus.requires_payment_method
    intent.last_error = "payment_attempt_closed"
    record_intent("payment_intent.payment_failed", intent)
    tell("payment.failed", intent, once=attempt.out_trade_no)


def _is_over(intent: PaymentIntent, now: datetime) -> bool:
    return now >= intent.expires_at


def cancel_now(intent: PaymentIntent, reason: str) -> None:
    """Cancel an open payment of which no attempt can be closed any further; money that still comes goes back."""
    if not IntentStatus(intent.status).is_open:
        return
    intent.status = IntentStatus.canceled
    intent.canceled_at = clock.now()
    intent.cancel_reason = reason[:40]
    record_intent("payment_intent.canceled", intent)
    session_unpaid(intent)
    tell("payment.canceled", intent, reason=intent.cancel_reason)
