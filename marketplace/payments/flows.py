"""
Talks with the gateway from beginning to end, each a chain of transaction, network call, transaction.

They stand at the edge like a page or a job: they open their own transactions, and may not be called inside one.
"""

from __future__ import annotations

from commons import clock
from commons.db import db, end_read, locked, transaction
from marketplace.payments.closing import CLOSE, close_op
from marketplace.payments.connect.settlement import driver_of_charge
from marketplace.payments.gateways import gateways
from marketplace.payments.models import Charge, PaymentAttempt, PaymentIntent, Refund
from marketplace.payments.ops import Sending, alarm, end_op, heard_op, locked_op, send_op, try_again
from marketplace.payments.port import Answer, Closing, NoWord, TradeReport, Verdict
from marketplace.payments.queries import attempt_numbered, open_attempts
from marketplace.payments.records import open_case
from marketplace.payments.refunds import REFUND, fail_refund, finish_refund
from marketplace.payments.rules import (
    CaseKind,
    OpState,
    Standing,
)
from marketplace.payments.settle import cancel_now, close_attempt, settle_payment


def ask_now(out_trade_no: str) -> TradeReport | NoWord:
    """Ask the gateway what became of one attempt and settle what it says."""
    heard = _ask(out_trade_no)
    with transaction():
        if isinstance(heard, TradeReport):
            settle_payment(heard)
        elif heard.needs_settings:
            alarm(heard.reason)
    return heard


def ask_about_payment(payment_id: str) -> None:
    """Ask about every attempt of a payment through which money may still come."""
    numbers = [each.out_trade_no for each in open_attempts(payment_id)]
    for number in numbers:
        ask_now(number)


def _ask(out_trade_no: str) -> TradeReport | NoWord:
    attempt = attempt_numbered(out_trade_no)
    if attempt is None:
        return NoWord("no such attempt")
    gateway = gateways().of(attempt.app_id, attempt.livemode)
    end_read()
    return NoWord("no gateway for this attempt", True) if gateway is None else gateway.ask(out_trade_no)


# -- closing ---------------------------------------------------------------------------------------------


def close_now(out_trade_no: str) -> None:
    """Close one attempt at the gateway, as far as that can be done, and cancel its payment if that is wanted."""
    sent = send_op(CLOSE, out_trade_no)
    if sent is None:
        return
    closing = _closing_of(ask_now(out_trade_no)) if sent.was_unknown else None
    if closing is None:
        closing = sent.gateway.close(out_trade_no)
        if closing is Closing.paid:
            # "Cannot be closed" is no proof of payment: only what the gateway says when asked counts.
            closing = _closing_of(ask_now(out_trade_no)) or Closing.unknown
    with transaction():
        _apply_closing(out_trade_no, closing)


def _closing_of(heard: TradeReport | NoWord) -> Closing | None:
    """Read an answer as the end of a closing; None when it still has to be closed."""
    if isinstance(heard, NoWord):
        return Closing.unknown
    if heard.standing.is_paid:
        return Closing.paid
    known = {Standing.closed: Closing.closed, Standing.unknown_there: Closing.never_opened}
    return known.get(heard.standing)


def _apply_closing(out_trade_no: str, closing: Closing) -> None:
    found = attempt_numbered(out_trade_no)
    assert found is not None
    intent, attempt = locked(PaymentIntent, found.intent_id), locked(PaymentAttempt, found.id)
    op = locked_op(CLOSE, out_trade_no)
    assert intent and attempt and op
    if op.state == OpState.done:
        return
    if closing is Closing.unknown:
        try_again(op)
        return
    op.state = OpState.failed if closing is Closing.paid else OpState.done
    op.last_words, op.ended_at = closing.value, clock.now()
    if closing is Closing.closed:
        close_attempt(intent, attempt)
    _cancel_if_wanted(intent)


def _cancel_if_wanted(intent: PaymentIntent) -> None:
    """
    Cancel a payment whose every open attempt is as closed as it can be.

    An attempt whose cashier was never opened cannot be closed; it stays open and is watched until its time is over,
    and money that comes through it goes back.
    """
    if intent.cancel_asked_at is None:
        return
    for attempt in open_attempts(intent.id):
        op = close_op(attempt.out_trade_no)
        if op is None or op.state != OpState.done:
            return
    cancel_now(intent, intent.cancel_reason)


# -- refunding -------------------------------------------------------------------------------------------


def refund_now(refund_id: str) -> None:
    """Have the gateway give back one refund, or find out what became of it."""
    sent = send_op(REFUND, refund_id)
    if sent is None:
        return
    gateway, was_unknown, out_trade_no = sent.gateway, sent.was_unknown, sent.out_trade_no
    refund = db.session.get(Refund, refund_id)
    charge = db.session.get(Charge, refund.charge_id) if refund else None
    assert refund and charge
    amount_fen, reason, driver = refund.amount_fen, refund.reason, driver_of_charge(charge)
    # In this order: once nothing is moving, nothing begins to while this refund is under way.
    must_wait, share_back_fen = driver.is_moving(refund.intent_id), driver.share_back_fen(refund)
    end_read()
    answer = gateway.ask_refund(out_trade_no, refund_id) if was_unknown else None
    if must_wait:
        answer = Answer(Verdict.later, "a settlement is under way")
    elif answer is None or answer.verdict is Verdict.later:
        answer = gateway.refund(out_trade_no, refund_id, amount_fen, reason, share_back_fen)
        if was_unknown and answer.verdict is Verdict.refused:
            # An earlier sending may have succeeded in between; then a refusal of its repetition means nothing.
            asked = gateway.ask_refund(out_trade_no, refund_id)
            answer = answer if asked.verdict is Verdict.later else asked
    with transaction():
        _apply_refund(refund_id, sent, answer)


def _apply_refund(refund_id: str, sent: Sending, heard: Answer) -> None:
    known = db.session.get(Refund, refund_id)
    assert known is not None
    locked(PaymentIntent, known.intent_id)
    op = heard_op(REFUND, refund_id, heard)
    if op is None:
        return
    answer = sent.judge(op, heard)
    if answer.verdict is Verdict.done:
        end_op(op, OpState.done, answer.words)
        finish_refund(refund_id)
    elif answer.verdict is Verdict.refused:
        end_op(op, OpState.failed, answer.words)
        fail_refund(refund_id, answer.words)
        open_case(CaseKind.refund_failed, refund_id, known.intent_id, refund=refund_id, words=answer.words)
    else:
        try_again(op, was_judged=answer.verdict is Verdict.later)
