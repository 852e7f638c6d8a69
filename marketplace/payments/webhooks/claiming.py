"""
Choosing what goes out next, and claiming it: addresses take turns, and none is sent more than its share.

A claim is a lease in the row, so that no other worker sends the same; a worker that dies lets it end, and the event goes
out again, which is what "at least once" means.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, or_, select

from commons.db import db, locked_rows
from commons.security import open_text
from marketplace.payments.objects import event_object
from marketplace.payments.record_models import PaymentEvent
from marketplace.payments.webhooks.courier import Letter
from marketplace.payments.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from marketplace.payments.webhooks.rules import LEASE, DeliveryState, signature_header

LOOKED_AT = 64


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that this worker has claimed, in plain values that may cross a network call."""

    delivery_id: int
    attempt: int
    endpoint_id: str
    letter: Letter | None  # None where the secret cannot be opened, so that nothing can be signed


@dataclass(frozen=True, slots=True)
class Shares:
    """How many letters may go out now: altogether, of these to *slow* addresses, and to each one."""

    free: int
    free_for_slow: int
    slow: Collection[str]
    pace: Mapping[str, int]
    under_way: Mapping[str, int]

    @property
    def full(self) -> list[str]:
        """The addresses that must answer first."""
        return [each for each, count in self.under_way.items() if count >= self.pace.get(each, 1)]

    def is_slow(self, endpoint: WebhookEndpoint) -> bool:
        """Say whether *endpoint* was silent the last time, or took long to answer."""
        return bool(endpoint.silences) or endpoint.id in self.slow

    def left_for(self, endpoint: WebhookEndpoint) -> int:
        """Return how many more may go to *endpoint*: one at a time until it has shown that it answers."""
        most = 1 if self.is_slow(endpoint) else self.pace.get(endpoint.id, 1)
        return most - self.under_way.get(endpoint.id, 0)


def claim(now: datetime, shares: Shares) -> list[Parcel]:
    """Lease what goes out next to this worker; runs inside ``transaction()``."""
    parcels: list[Parcel] = []
    secrets: dict[str, list[str] | None] = {}
    for endpoint, row in _in_turn(_queues(now, shares), shares):
        row.leased_until = now + LEASE
        row.attempts += 1
        if endpoint.id not in secrets:
            secrets[endpoint.id] = _opened_secrets(endpoint.id, now)
        parcels.append(_pack(row, endpoint, secrets[endpoint.id], now))
    return parcels


Queue = tuple[WebhookEndpoint, list[WebhookDelivery]]


def _queues(now: datetime, shares: Shares) -> list[Queue]:
    """The oldest letters of as many addresses as could each be sent one; however much waits for the others."""
    seen, slow = set(shares.full), 0
    queues: list[Queue] = []
    while len(queues) - max(slow - shares.free_for_slow, 0) < shares.free:
        awake = db.session.scalars(_awake(now, seen)).all()
        rows = locked_rows(_due(now, awake), skip_locked=True) if awake else []
        if not rows:
            break
        for endpoint in _endpoints_of(rows):
            seen.add(endpoint.id)
            mine = [row for row in rows if row.endpoint_id == endpoint.id]
            if endpoint.deleted_at is not None or not endpoint.is_enabled:
                for row in mine:
                    row.state, row.ended_at = DeliveryState.dropped, now
            elif (left := shares.left_for(endpoint)) > 0:
                queues.append((endpoint, mine[:left]))
                slow += shares.is_slow(endpoint)
    return queues


def _awake(now: datetime, without: Collection[str]) -> Select[str]:
    """Find the addresses that do not rest and for which something is due, what is due longest first."""
    due = select(WebhookDelivery.due_at).where(
        WebhookDelivery.endpoint_id == WebhookEndpoint.id, *_is_due(now)
    )
    longest = due.order_by(WebhookDelivery.due_at).limit(1).scalar_subquery()
    awake = or_(WebhookEndpoint.rests_until.is_(None), WebhookEndpoint.rests_until <= now)
    asked = (
        select(WebhookEndpoint.id, longest.label("longest"))
        .where(awake, WebhookEndpoint.id.not_in(sorted(without)))
        .subquery()
    )
    return select(asked.c.id).where(asked.c.longest.is_not(None)).order_by(asked.c.longest).limit(LOOKED_AT)


def _due(now: datetime, awake: Sequence[str]) -> Select[WebhookDelivery]:
    # Written out, so that the planner sees for whom little waits beside somebody for whom very much does.
    named: BindParameter[str] = bindparam("awake", awake, expanding=True, literal_execute=True)
    return (
        select(WebhookDelivery)
        .where(WebhookDelivery.endpoint_id.in_(named), *_is_due(now))
        .where(WebhookDelivery.state == DeliveryState.waiting)
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(LOOKED_AT)
    )


def _is_due(now: datetime) -> list[ColumnElement[bool]]:
    """
    Say that a letter has not ended, is due and in nobody's hand.

    By its end and not its state: an index of all states by time is no help to who asks about one address, and may not be tried.
    """
    is_free = or_(WebhookDelivery.leased_until.is_(None), WebhookDelivery.leased_until <= now)
    return [WebhookDelivery.ended_at.is_(None), WebhookDelivery.due_at <= now, is_free]


def _endpoints_of(rows: Sequence[WebhookDelivery]) -> list[WebhookEndpoint]:
    ids = {row.endpoint_id for row in rows}
    return list(db.session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.id.in_(ids))))


def _in_turn(queues: Sequence[Queue], shares: Shares) -> list[tuple[WebhookEndpoint, WebhookDelivery]]:
    """Everybody's first letter before anybody's second, and the slow ones on no more than their part of the ways."""
    waiting = [
        (shares.under_way.get(endpoint.id, 0) + place, row.due_at, row.id, endpoint, row)
        for endpoint, rows in queues
        for place, row in enumerate(rows)
    ]
    chosen: list[tuple[WebhookEndpoint, WebhookDelivery]] = []
    free_for_slow = shares.free_for_slow
    for *_, endpoint, row in sorted(waiting, key=lambda each: each[:3]):
        if len(chosen) == shares.free:
            break
        if shares.is_slow(endpoint):
            if free_for_slow <= 0:
                continue
            free_for_slow -= 1
        chosen.append((endpoint, row))
    return chosen


def _opened_secrets(endpoint_id: str, now: datetime) -> list[str] | None:
    try:
        return signing_secrets(endpoint_id, now)
    except InvalidTag:
        # Sealed under another data key; one endpoint's trouble must not stop the others' letters.
        return None


def _pack(
    row: WebhookDelivery, endpoint: WebhookEndpoint, secrets: list[str] | None, now: datetime
) -> Parcel:
    if secrets is None:
        return Parcel(row.id, row.attempts, endpoint.id, None)
    event = db.session.get(PaymentEvent, row.event_id)
    assert event is not None
    told = event_object(event, pending_webhooks([event.id]).get(event.id, 0))
    # Once: these very bytes are signed and sent.
    body = json.dumps(told, ensure_ascii=False, indent=2).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Accept": "*/*",
        "Cache-Control": "no-cache",
        "User-Agent": "Xiangqingma-Webhooks/1.0",
        "Stripe-Signature": signature_header(body, secrets, now),
    }
    return Parcel(row.id, row.attempts, endpoint.id, Letter(endpoint.url, body, headers))


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
