"""
Work with the gateway, done later: asking, closing, refunding, and giving up what nobody paid.

Each has the same three steps: write down that it is about to be asked; ask, holding nothing open; apply the answer under
the payment's lock. A worker that dies between two steps leaves a row that says so, and the next one asks what
became of it before it asks for anything again.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from commons import clock
from commons.db import db, end_read, locked, transaction
from commons.errors import Refusal
from commons.outbox import enqueue, job
from marketplace.payments.actions import cancel_payment
from marketplace.payments.flows import ask_now, close_now, refund_now
from marketplace.payments.models import PaymentAttempt, PaymentIntent
from marketplace.payments.port import NoWord, TradeReport
from marketplace.payments.queries import attempt_numbered, open_ops
from marketplace.payments.records import open_case
from marketplace.payments.rules import (
    AttemptState,
    CaseKind,
    IntentStatus,
    OpState,
    Standing,
    ask_at,
)
from marketplace.payments.settle import close_attempt

STRAY_AFTER = timedelta(minutes=15)


@job("payment.ask")
def ask_gateway(out_trade_no: str, asked: int) -> None:
    """Safe to repeat: it asks, and `settle_payment` applies an answer once; an overtaken question is dropped."""
    attempt = attempt_numbered(out_trade_no)
    if attempt is None or attempt.state != AttemptState.open or attempt.asked != asked:
        return
    end_read()
    heard = ask_now(out_trade_no)
    with transaction():
        plan_next_question(out_trade_no, asked, heard)


def plan_next_question(out_trade_no: str, asked: int, heard: TradeReport | NoWord) -> None:
    """Say when an attempt that is still open is asked about again, or that its time is over."""
    found = attempt_numbered(out_trade_no)
    assert found is not None
    intent, attempt = locked(PaymentIntent, found.intent_id), locked(PaymentAttempt, found.id)
    assert intent and attempt
    if attempt.state != AttemptState.open or attempt.asked != asked:
        return
    now = clock.now()
    next_at = ask_at(asked + 1, now, attempt.time_expire)
    if next_at is None:
        if isinstance(heard, TradeReport) and heard.standing is Standing.unknown_there:
            close_attempt(intent, attempt)
            return
        if isinstance(heard, TradeReport) and heard.standing.is_paid:
            attempt.ask_at = None  # paid with another amount: its case is open, and nothing new will be said
            return
        # Ten minutes after its end the gateway should know; as long as it does not say, nothing is concluded.
        next_at = now + timedelta(hours=1)
        reason = heard.reason if isinstance(heard, NoWord) else heard.standing.value
        open_case(CaseKind.no_answer, out_trade_no, intent.id, out_trade_no=out_trade_no, reason=reason)
    attempt.asked, attempt.ask_at = asked + 1, next_at
    enqueue(
        "payment.ask",
        due_at=next_at,
        unique_key=f"payment.ask:{out_trade_no}:{attempt.asked}",
        out_trade_no=out_trade_no,
        asked=attempt.asked,
    )


@job("payment.close")
def close_attempt_there(number: str) -> None:
    """Safe to repeat: closing a closed trade says so, and after a lost answer the gateway is asked first."""
    close_now(number)


@job("payment.refund")
def send_refund(number: str) -> None:
    """Safe to repeat: the refund's own number goes out every time, and refunds nothing twice."""
    refund_now(number)


@job("payment.expire")
def expire_payment(payment_id: str) -> None:
    """Safe to repeat: a payment that is paid or canceled stays as it is."""
    intent = db.session.get(PaymentIntent, payment_id)
    if intent is None or not IntentStatus(intent.status).is_open:
        return
    with transaction():
        try:
            cancel_payment(payment_id, "expired")
        except Refusal:  # paid in the last moment
            return


@job("payment.sweep", every=timedelta(minutes=10))
def pick_up_strays() -> None:
    """Safe to repeat: it only asks again for work whose own job was given up or lost."""
    before = clock.now() - STRAY_AFTER
    overdue = select(PaymentAttempt.out_trade_no, PaymentAttempt.asked).where(
        PaymentAttempt.state == AttemptState.open, PaymentAttempt.ask_at < before
    )
    questions = [(row.out_trade_no, row.asked) for row in db.session.execute(overdue)]
    ops = [
        (op.kind, op.out_no)
        for op in open_ops(limit=1000)
        if (op.sent_at or op.created_at) < before and op.state != OpState.done
    ]
    hour = clock.now().strftime("%Y%m%d%H")
    with transaction():
        for out_trade_no, asked in questions:
            key = f"payment.ask:{out_trade_no}:stray:{hour}"
            enqueue("payment.ask", unique_key=key, out_trade_no=out_trade_no, asked=asked)
        for kind, number in ops:
            key = f"payment.{kind}:{number}:stray:{hour}"
            enqueue(f"payment.{kind}", unique_key=key, number=number)
