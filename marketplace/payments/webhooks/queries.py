"""What is known of webhooks: for the desk's pages and for the interface."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, exists, func, select

from commons.db import db
from commons.errors import Missing
from commons.paging import Page
from marketplace.payments.record_models import PaymentEvent
from marketplace.payments.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from marketplace.payments.webhooks.rules import DeliveryState

PAGE_SIZE = 50


def endpoints_of(livemode: bool, account: str) -> Select[Any]:
    """Return the endpoints of one world and account that are not deleted, as a statement to be narrowed."""
    return select(WebhookEndpoint).where(
        WebhookEndpoint.livemode == livemode,
        WebhookEndpoint.account == account,
        WebhookEndpoint.deleted_at.is_(None),
    )


def all_endpoints() -> list[WebhookEndpoint]:
    """Return every endpoint, deleted ones too, the newest first."""
    return list(db.session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.created_at.desc())))


def the_endpoint(endpoint_id: str) -> WebhookEndpoint:
    """
    Return an endpoint, deleted or not.

    Raises:
        Missing: there is none.
    """
    found = db.session.get(WebhookEndpoint, endpoint_id)
    if found is None:
        raise Missing()
    return found


def states_of_deliveries() -> dict[str, dict[str, int]]:
    """Return for each endpoint how many deliveries stand where."""
    counted = select(WebhookDelivery.endpoint_id, WebhookDelivery.state, func.count()).group_by(
        WebhookDelivery.endpoint_id, WebhookDelivery.state
    )
    found: dict[str, dict[str, int]] = {}
    for endpoint_id, state, number in db.session.execute(counted):
        found.setdefault(endpoint_id, {})[state] = number
    return found


def deliveries_to(endpoint_id: str, number: int) -> Page[tuple[WebhookDelivery, PaymentEvent]]:
    """Return a page of what was and is sent to an endpoint, the newest first."""
    mine = WebhookDelivery.endpoint_id == endpoint_id
    total = db.session.scalar(select(func.count()).select_from(WebhookDelivery).where(mine)) or 0
    wanted = (
        select(WebhookDelivery, PaymentEvent)
        .join(PaymentEvent, PaymentEvent.id == WebhookDelivery.event_id)
        .where(mine)
        .order_by(WebhookDelivery.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page([(row[0], row[1]) for row in db.session.execute(wanted)], number, PAGE_SIZE, total)


def the_delivery(delivery_id: int) -> tuple[WebhookDelivery, PaymentEvent]:
    """
    Return a delivery and its event.

    Raises:
        Missing: there is none.
    """
    found = db.session.get(WebhookDelivery, delivery_id)
    if found is None:
        raise Missing()
    event = db.session.get(PaymentEvent, found.event_id)
    assert event is not None
    return found, event


def attempts_of(delivery_id: int) -> list[WebhookAttempt]:
    """Return every try of a delivery, the newest first."""
    wanted = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    return list(db.session.scalars(wanted.order_by(WebhookAttempt.id.desc())))


def is_undelivered(event_id: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Return the condition that an event is still on its way to an endpoint, or never arrived."""
    missing = (DeliveryState.waiting, DeliveryState.given_up)
    return exists().where(WebhookDelivery.event_id == event_id, WebhookDelivery.state.in_(missing))


def count_in_trouble() -> int:
    """Return how many events are given up or have failed and wait to be tried again."""
    failed_before = (WebhookDelivery.state == DeliveryState.waiting) & (WebhookDelivery.attempts > 0)
    in_trouble = failed_before | (WebhookDelivery.state == DeliveryState.given_up)
    return db.session.scalar(select(func.count()).select_from(WebhookDelivery).where(in_trouble)) or 0
