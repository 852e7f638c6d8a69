"""Writing down what happened: events in Stripe's words, facts for other features, cases for a person."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import structlog
from flask import g, has_request_context
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from commons import clock
from commons.db import db
from commons.outbox import enqueue
from commons.prepared import Prepared
from marketplace.payments.models import Charge, PaymentIntent, Refund
from marketplace.payments.objects import charge_object, intent_object, refund_object, with_former_values
from marketplace.payments.record_models import PaymentCase, PaymentEvent
from marketplace.payments.rules import CaseKind, new_id
from marketplace.payments.webhooks.planning import News, count_listeners, plan_deliveries

log = structlog.get_logger(__name__)

# Where the call under way keeps its number and its idempotency key for the events it causes.
CALL, NO_CALL = "payments_call", ("", "")
# With every change of money; it also says whether anybody listens at all, which mostly saves the question who.
_RECORD = Prepared(
    insert(PaymentEvent).returning(count_listeners()),
    (
        "id", "type", "livemode", "account", "object_id", "data", "request_id", "idempotency_key", "created_at",
    ),
)  # fmt: skip


def record_intent(kind: str, intent: PaymentIntent, latest_charge: str | None = None) -> None:
    """Record an event about *intent*."""
    record_object(kind, intent, intent_object(intent, latest_charge))


def record_charge(kind: str, charge: Charge, intent: PaymentIntent) -> None:
    """Record an event about *charge*."""
    record_object(kind, intent, charge_object(charge, intent))


def record_refund(
    kind: str, refund: Refund, intent: PaymentIntent, former: dict[str, Any] | None = None
) -> None:
    """Record an event about *refund*; see :func:`record_event` for *former*."""
    record_object(kind, intent, refund_object(refund, intent.currency), former)


def record_object(
    kind: str, intent: PaymentIntent, data: dict[str, Any], former: dict[str, Any] | None = None
) -> None:
    """Record an event about anything that belongs to *intent*; see :func:`record_event` for *former*."""
    record_event(kind, data, livemode=intent.livemode, account=intent.account, former=former)


def record_event(
    kind: str,
    data: dict[str, Any],
    *,
    livemode: bool,
    account: str = "",
    former: dict[str, Any] | None = None,
) -> None:
    """
    Record an event, which call made it true, and who is to hear of it; every event of payments goes through here.

    *former* is the object as it was: with an event that tells of a change (``….updated``), and with no other.
    """
    assert kind.endswith(".updated") == (former is not None), (
        f"{kind} is told with what changed, or tells of no change"
    )
    request_id, idempotency_key = g.get(CALL, NO_CALL) if has_request_context() else NO_CALL
    values: dict[str, Any] = {
        "id": new_id("evt"),
        "type": kind,
        "livemode": livemode,
        "account": account,
        "object_id": data["id"],
        "data": data if former is None else with_former_values(data, former),
        "request_id": request_id,
        "idempotency_key": idempotency_key,
        "created_at": clock.now(),
    }
    ((listeners,),) = _RECORD.run(db.session(), values)
    if listeners:
        plan_deliveries(News(values["id"], kind, livemode, account, values["created_at"]))


def tell(fact: str, intent: PaymentIntent, once: str = "", **more: Any) -> None:
    """Tell other features a fact about *intent*, once per *once* (the intent itself when not given)."""
    key = f"{fact}:{once or intent.id}"
    enqueue(fact, unique_key=key, payment_id=intent.id, reference=intent.reference, **more)


def open_case(kind: CaseKind, key: str, intent_id: str = "", **details: Any) -> None:
    """Ask for a person's eyes; the same *key* again changes nothing. Also an alarm in the log."""
    unique_key = f"{kind}:{key}"[:160]
    known = select(PaymentCase.id).where(PaymentCase.unique_key == unique_key)
    if db.session.scalar(known) is not None:
        return
    log.warning("payment_case", kind=kind.value, key=key, intent=intent_id)
    case = PaymentCase(
        kind=kind.value,
        unique_key=unique_key,
        intent_id=intent_id,
        details=details,
        is_open=True,
        opened_at=clock.now(),
        note="",
    )
    with suppress(IntegrityError), db.session.begin_nested():  # opened by somebody else in the same moment
        db.session.add(case)
