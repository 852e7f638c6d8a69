"""
A round of deliveries: hand out what is due, and go on as answers come, until nothing is left but what is slow.

No transaction is held while anything is sent. What came of a letter is written down as it comes home, by whoever carried it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from flask import Flask, current_app

from commons import clock
from commons.db import db, locked, transaction
from commons.outbox import enqueue
from commons.settings import current
from marketplace.payments.objects import unix
from marketplace.payments.webhooks.claiming import Parcel, claim
from marketplace.payments.webhooks.courier import KEPT_ANSWER, Courier, Receipt
from marketplace.payments.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from marketplace.payments.webhooks.planning import ROUND
from marketplace.payments.webhooks.post import BroughtHome, Post
from marketplace.payments.webhooks.rules import DeliveryState, next_try, rest_after

# A round gives the worker back to other work after so long.
LONGEST_ROUND_S = 30.0


def init_app(app: Flask) -> None:
    """Let this process remember what it has under way."""
    app.extensions["webhook_post"] = Post()


def the_post() -> Post:
    """Return what this process has under way."""
    post: Post = current_app.extensions["webhook_post"]
    return post


def the_courier() -> Courier:
    """Return the courier of this deployment."""
    return Courier(may_be_private=current().webhooks_may_be_private)


def deliver(courier: Courier, at_most_s: float = LONGEST_ROUND_S) -> bool:
    """Send what is due and wait for everybody who answers promptly; say whether that was all of it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    post, ends_at = the_post(), time.monotonic() + at_most_s
    while time.monotonic() < ends_at:
        came_home, shares = post.came_home, post.shares()
        with transaction():
            parcels = claim(clock.now(), shares) if shares.free > 0 else []
        if parcels:
            post.send(app, courier, parcels, _record)
        elif post.is_done_with(came_home):
            return True
        post.wait(came_home)
    post.leave()
    return False


def _record(brought: Sequence[BroughtHome]) -> None:
    with transaction():
        now = clock.now()
        by_endpoint: dict[str, list[Receipt]] = {}
        for each in brought:
            by_endpoint.setdefault(each.parcel.endpoint_id, []).append(each.receipt)
        for endpoint_id in sorted(by_endpoint):
            _let_rest(endpoint_id, by_endpoint[endpoint_id], now)
        for each in sorted(brought, key=lambda each: each.parcel.delivery_id):
            _write_down(each.parcel, each.receipt, now)
        if any(each.was_left for each in brought):
            enqueue(ROUND)


def _let_rest(endpoint_id: str, heard: list[Receipt], now: datetime) -> None:
    endpoint = locked(WebhookEndpoint, endpoint_id)
    assert endpoint is not None
    if not all(receipt.trouble.is_silence for receipt in heard):
        endpoint.silences, endpoint.rests_until = 0, None
        return
    if endpoint.rests_until is not None and endpoint.rests_until > now:
        return  # the others that were under way when it fell silent are the same silence
    endpoint.silences += 1
    endpoint.rests_until = now + rest_after(endpoint.silences)
    enqueue(
        ROUND, due_at=endpoint.rests_until, unique_key=f"{ROUND}:{endpoint_id}:{unix(endpoint.rests_until)}"
    )


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
    # Else our claim ended meanwhile, and another worker has it in hand.
    is_ours = row.attempts == parcel.attempt
    if is_ours:
        row.leased_until = None
    if row.state != DeliveryState.waiting or not (is_ours or receipt.is_delivered):
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
