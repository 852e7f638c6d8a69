"""What may be done about a checkout session. Every one runs inside the caller's ``transaction()``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from commons import clock
from commons.db import db, locked
from commons.errors import Missing
from commons.outbox import enqueue
from marketplace.money import LARGEST_FEN
from marketplace.payments.actions import PaymentAsk, ProgramWords, cancel_payment, open_intent
from marketplace.payments.checkout.completion import record_session
from marketplace.payments.checkout.errors import SessionMoved, SessionOver
from marketplace.payments.checkout.links import done_url
from marketplace.payments.checkout.models import CheckoutSession
from marketplace.payments.checkout.objects import item_of, kept_item
from marketplace.payments.checkout.rules import (
    LONGEST,
    Item,
    PaymentStatus,
    SessionStatus,
    reference_of,
    subject_of,
)
from marketplace.payments.errors import BadAmount
from marketplace.payments.models import PaymentIntent
from marketplace.payments.rules import Method, new_id


@dataclass(frozen=True, slots=True)
class SessionAsk:
    """What a shop says when it sends a buyer to the checkout; see :class:`CheckoutSession` for the words."""

    items: Sequence[Item]
    success_url: str
    livemode: bool
    account: str = ""
    cancel_url: str | None = None
    expires_at: datetime | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    intent_details: Mapping[str, Any] = field(default_factory=dict)
    sealed: bytes | None = None


def open_session(ask: SessionAsk) -> CheckoutSession:
    """
    Open a session; *ask.words* may hold client_reference_id, customer, locale and submit_type.

    Raises:
        BadAmount: its items come to nothing, or to more than a payment may be.
    """
    amount_fen = sum(item.total_fen for item in ask.items)
    if not 0 < amount_fen <= LARGEST_FEN:
        raise BadAmount()
    now = clock.now()
    session = CheckoutSession(
        id=new_id("cs_live" if ask.livemode else "cs_test"),
        livemode=ask.livemode,
        account=ask.account,
        status=SessionStatus.open,
        payment_status=PaymentStatus.unpaid,
        amount_fen=amount_fen,
        items=[kept_item(item) for item in ask.items],
        intent_details=dict(ask.intent_details),
        success_url=ask.success_url,
        cancel_url=ask.cancel_url,
        details=dict(ask.metadata),
        sealed=ask.sealed,
        created_at=now,
        expires_at=ask.expires_at or now + LONGEST,
        **ask.words,
    )
    db.session.add(session)
    enqueue("checkout.expire", due_at=session.expires_at, session_id=session.id)
    return session


def begin_payment(session_id: str) -> str:
    """
    Return the payment of a session, opened at the first time; harmless when the buyer goes to pay twice.

    Raises:
        SessionOver: it was paid, or its time is over.
    """
    session = locked(CheckoutSession, session_id)
    if session is None:
        raise Missing()
    if session.status != SessionStatus.open or clock.now() >= session.expires_at:
        raise SessionOver()
    if session.intent_id is None:
        payment = _open_payment(session)
        db.session.flush()  # the session refers to it
        session.intent_id = payment.id
    return session.intent_id


def _open_payment(session: CheckoutSession) -> PaymentIntent:
    told = session.intent_details
    return open_intent(
        PaymentAsk(
            amount_fen=session.amount_fen,
            method=Method.alipay,
            subject=told.get("description") or subject_of([item_of(kept) for kept in session.items]),
            expires_at=session.expires_at,
            reference=reference_of(session.id),
            return_url=done_url(session.id),
            account=session.account,
            metadata=told.get("metadata", {}),
            program=ProgramWords(
                livemode=session.livemode,
                customer=session.customer or "",
                has_method=True,
                said=told.get("said", {}),
            ),
        )
    )


def end_session(session_id: str) -> None:
    """
    Give up a session that is not paid; harmless when it is over already.

    While the cashier may be open its payment has to be closed at the gateway first: then the session ends with the
    payment, a moment later, or turns out to be paid.

    Raises:
        SessionMoved: the buyer opened the payment in this very moment.
    """
    known = db.session.get(CheckoutSession, session_id)
    if known is None:
        raise Missing()
    payment_id = known.intent_id
    if payment_id is not None:
        if known.status == SessionStatus.open:
            cancel_payment(payment_id, "expired")  # ends the session too, where nothing can be paid any more
        return
    session = locked(CheckoutSession, session_id)
    assert session is not None
    if session.intent_id is not None:
        raise SessionMoved()
    if session.status == SessionStatus.open:
        session.status, session.ended_at = SessionStatus.expired, clock.now()
        record_session("expired", session)
