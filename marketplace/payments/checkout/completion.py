"""
What becomes of a session when its payment moves, in the same transaction: called by ``settle`` and by nobody else.

The payment is locked before its session, everywhere, so that two of these cannot wait for each other.
"""

from __future__ import annotations

from commons import clock
from commons.db import locked
from marketplace.payments.checkout.models import CheckoutSession
from marketplace.payments.checkout.objects import session_object
from marketplace.payments.checkout.rules import PaymentStatus, SessionStatus, session_of
from marketplace.payments.models import PaymentIntent
from marketplace.payments.records import record_event


def session_paid(payment: PaymentIntent) -> None:
    """The money has come: the session is complete, or what was awaited with it has happened."""
    session = _session_of(payment)
    if session is None or session.payment_status == PaymentStatus.paid:
        return
    was_awaited = session.status == SessionStatus.complete
    session.payment_status = PaymentStatus.paid
    _end(session, SessionStatus.complete)
    record_session("async_payment_succeeded" if was_awaited else "completed", session)


def session_awaits(payment: PaymentIntent) -> None:
    """The buyer has done their part and a person has to look at the money: complete, and not paid."""
    session = _session_of(payment)
    if session is None or session.status != SessionStatus.open:
        return
    _end(session, SessionStatus.complete)
    record_session("completed", session)


def session_unpaid(payment: PaymentIntent) -> None:
    """The payment is given up: so is the session, and money that was awaited will not come."""
    session = _session_of(payment)
    if session is None:
        return
    if session.status == SessionStatus.open:
        _end(session, SessionStatus.expired)
        record_session("expired", session)
    elif session.status == SessionStatus.complete and session.payment_status == PaymentStatus.unpaid:
        record_session("async_payment_failed", session)


def record_session(kind: str, session: CheckoutSession) -> None:
    """Record an event about *session*."""
    name = f"checkout.session.{kind}"
    record_event(name, session_object(session), livemode=session.livemode, account=session.account)


def _end(session: CheckoutSession, status: SessionStatus) -> None:
    session.status = status
    session.ended_at = session.ended_at or clock.now()


def _session_of(payment: PaymentIntent) -> CheckoutSession | None:
    session_id = session_of(payment.reference)
    session = locked(CheckoutSession, session_id) if session_id else None
    return session if session is not None and session.intent_id == payment.id else None
