"""
A round of deliveries: claim what is due, send it side by side, write down what came of it.

No transaction is held while anything is sent, and a worker that dies in the middle lets its claim end: then the same event
goes out again, which is what "at least once" means.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from sqlalchemy import or_, select

from commons import clock
from commons.db import db, locked, locked_rows, transaction
from commons.outbox import enqueue
from commons.security import open_text
from commons.settings import current
from marketplace.payments.objects import event_object, unix
from marketplace.payments.record_models import PaymentEvent
from marketplace.payments.webhooks.courier import KEPT_ANSWER, WHOLE_S, Courier, Letter, Receipt
from marketplace.payments.webhooks.models import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookSecret,
)
from marketplace.payments.webhooks.planning import ROUND
from marketplace.payments.webhooks.rules import (
    LEASE,
    DeliveryState,
    Trouble,
    next_try,
    rest_after,
    signature_header,
)

AT_ONCE = 32  # letters under way side by side
TO_ONE = 16  # of these, to one address
LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that this worker has claimed, in plain values that may cross a network call."""

    delivery_id: int
    endpoint_id: str
    letter: Letter | None  # None where the secret cannot be opened, so that nothing can be signed


def deliver_round(courier: Courier) -> int:
    """Send one handful of what is due; return how many were tried."""
    with transaction():
        parcels = _claim(clock.now())
    if not parcels:
        return 0
    receipts = _carry_all(courier, parcels)
    with transaction():
        _record(parcels, receipts, clock.now())
    return len(parcels)


# -- claiming --------------------------------------------------------------------------------------------


def _claim(now: datetime) -> list[Parcel]:
    awake = select(WebhookEndpoint.id).where(
        or_(WebhookEndpoint.rests_until.is_(None), WebhookEndpoint.rests_until <= now)
    )
    due = (
        select(WebhookDelivery)
        .where(WebhookDelivery.state == DeliveryState.waiting, WebhookDelivery.due_at <= now)
        .where(or_(WebhookDelivery.leased_until.is_(None), WebhookDelivery.leased_until <= now))
        .where(WebhookDelivery.endpoint_id.in_(awake))
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(LOOKED_AT)
    )
    waiting = locked_rows(due, skip_locked=True)
    ends = {each.endpoint_id for each in waiting}
    endpoints = {
        each.id: each for each in db.session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.id.in_(ends)))
    }
    parcels: list[Parcel] = []
    secrets: dict[str, list[str] | None] = {}
    taken = dict.fromkeys(ends, 0)
    for row in waiting:
        endpoint = endpoints[row.endpoint_id]
        if endpoint.deleted_at is not None or not endpoint.is_enabled:
            row.state, row.ended_at = DeliveryState.dropped, now
            continue
        # An address that was silent is knocked at once, not with everything that waits for it.
        most = 1 if endpoint.silences else TO_ONE
        if taken[endpoint.id] < most and len(parcels) < AT_ONCE:
            taken[endpoint.id] += 1
            row.leased_until = now + LEASE
            row.attempts += 1
            if endpoint.id not in secrets:
                secrets[endpoint.id] = _opened_secrets(endpoint.id, now)
            parcels.append(_pack(row, endpoint, secrets[endpoint.id], now))
    return parcels


def _opened_secrets(endpoint_id: str, now: datetime) -> list[str] | None:
    try:
        return signing_secrets(endpoint_id, now)
    except InvalidTag:  # sealed under another data key; one endpoint's trouble must not stop the others' letters
        return None


def _pack(row: WebhookDelivery, endpoint: WebhookEndpoint, secrets: list[str] | None, now: datetime) -> Parcel:
    if secrets is None:
        return Parcel(row.id, endpoint.id, None)
    event = db.session.get(PaymentEvent, row.event_id)
    assert event is not None
    told = event_object(event, pending_webhooks([event.id]).get(event.id, 0))
    body = json.dumps(told, ensure_ascii=False, indent=2).encode()  # once: these very bytes are signed and sent
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Accept": "*/*",
        "Cache-Control": "no-cache",
        "User-Agent": "Xiangqingma-Webhooks/1.0",
        "Stripe-Signature": signature_header(body, secrets, now),
    }
    return Parcel(row.id, endpoint.id, Letter(endpoint.url, body, headers))


def pending_webhooks(event_ids: Sequence[str]) -> dict[str, int]:
    """Return for each event to how many endpoints it is still on its way; those with none are left out."""
    waiting = select(WebhookDelivery.event_id).where(
        WebhookDelivery.event_id.in_(event_ids), WebhookDelivery.state == DeliveryState.waiting
    )
    counted: dict[str, int] = {}
    for event_id in db.session.scalars(waiting):
        counted[event_id] = counted.get(event_id, 0) + 1
    return counted


def signing_secrets(endpoint_id: str, now: datetime) -> list[str]:
    """Return the secrets that sign for an endpoint now, the newest first."""
    valid = (
        select(WebhookSecret.sealed)
        .where(WebhookSecret.endpoint_id == endpoint_id)
        .where(or_(WebhookSecret.ends_at.is_(None), WebhookSecret.ends_at > now))
        .order_by(WebhookSecret.id.desc())
    )
    return [open_text(sealed) for sealed in db.session.scalars(valid)]


# -- sending ---------------------------------------------------------------------------------------------


def the_courier() -> Courier:
    """Return the courier of this deployment."""
    return Courier(may_be_private=current().webhooks_may_be_private)


def _carry_all(courier: Courier, parcels: list[Parcel]) -> list[Receipt]:
    # Looking a name up knows no time limit; a thread that hangs in it is left behind, not waited for.
    pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="courier")
    under_way = [pool.submit(courier.carry, parcel.letter) if parcel.letter else None for parcel in parcels]
    receipts = [_receipt(each) if each else Receipt(Trouble.cannot_sign, 0) for each in under_way]
    pool.shutdown(wait=False)
    return receipts


def _receipt(under_way: Future[Receipt]) -> Receipt:
    try:
        return under_way.result(timeout=WHOLE_S + 5)
    except FutureTimeout:
        return Receipt(Trouble.too_slow, int((WHOLE_S + 5) * 1000))


# -- writing down ----------------------------------------------------------------------------------------


def _record(parcels: list[Parcel], receipts: list[Receipt], now: datetime) -> None:
    by_endpoint: dict[str, list[Receipt]] = {}
    for parcel, receipt in zip(parcels, receipts, strict=True):
        by_endpoint.setdefault(parcel.endpoint_id, []).append(receipt)
    for endpoint_id in sorted(by_endpoint):
        _let_rest(endpoint_id, by_endpoint[endpoint_id], now)
    for parcel, receipt in sorted(zip(parcels, receipts, strict=True), key=lambda pair: pair[0].delivery_id):
        _write_down(parcel, receipt, now)


def _let_rest(endpoint_id: str, heard: list[Receipt], now: datetime) -> None:
    endpoint = locked(WebhookEndpoint, endpoint_id)
    assert endpoint is not None
    if not all(receipt.trouble.is_silence for receipt in heard):
        endpoint.silences, endpoint.rests_until = 0, None
        return
    endpoint.silences += 1
    endpoint.rests_until = now + rest_after(endpoint.silences)
    enqueue(ROUND, due_at=endpoint.rests_until, unique_key=f"{ROUND}:{endpoint_id}:{unix(endpoint.rests_until)}")


def _write_down(parcel: Parcel, receipt: Receipt, now: datetime) -> None:
    row = locked(WebhookDelivery, parcel.delivery_id)
    assert row is not None
    db.session.add(
        WebhookAttempt(
            delivery_id=row.id,
            at=now,
            took_ms=receipt.took_ms,
            status_code=receipt.status_code,
            trouble=receipt.trouble,
            answer=receipt.answer[:KEPT_ANSWER],
        )
    )
    row.leased_until = None
    if row.state != DeliveryState.waiting:
        return
    if receipt.is_delivered:
        row.state, row.ended_at = DeliveryState.delivered, now
        return
    again_at = next_try(row.attempts, row.created_at, now)
    if again_at is None:
        row.state, row.ended_at = DeliveryState.given_up, now
        return
    row.due_at = again_at
    enqueue(ROUND, due_at=again_at, unique_key=f"{ROUND}:{row.id}:{row.attempts}")
