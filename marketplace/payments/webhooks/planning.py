"""
Writing down who is to hear of an event, in the transaction that makes it true.

The endpoints are asked for once per transaction, and one round is planned, however many events it records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ScalarSelect, func, select

from commons.db import db
from commons.outbox import enqueue
from commons.prepared import Prepared
from marketplace.payments.webhooks.models import WebhookDelivery, WebhookEndpoint
from marketplace.payments.webhooks.rules import DeliveryState, wants

ROUND = "webhook.round"
_MEMO = "webhook_listeners"


class News(NamedTuple):
    """What has to be known of an event in order to find who wants it; *at* is UTC."""

    id: str
    type: str
    livemode: bool
    account: str
    at: datetime


class Listener(NamedTuple):
    """What has to be known of an endpoint in order to choose it."""

    id: str
    livemode: bool
    account: str
    hears_accounts: bool
    enabled_events: list[str]

    def hears(self, event: News) -> bool:
        """Say whether *event* is of this endpoint's world, of its account or of those it asked for, and wanted."""
        is_its_own = self.account == event.account and not self.hears_accounts
        is_of_sellers = self.hears_accounts and not self.account and bool(event.account)
        return (
            self.livemode == event.livemode
            and (is_its_own or is_of_sellers)
            and wants(self.enabled_events, event.type)
        )


_LISTENS = WebhookEndpoint.is_enabled & WebhookEndpoint.deleted_at.is_(None)
# Every payment asks this several times in its life.
_LISTENERS = Prepared(
    select(
        WebhookEndpoint.id,
        WebhookEndpoint.livemode,
        WebhookEndpoint.account,
        WebhookEndpoint.hears_accounts,
        WebhookEndpoint.enabled_events,
    ).where(_LISTENS)
)


def count_listeners() -> ScalarSelect[int]:
    """Return the question how many endpoints listen to anything."""
    return select(func.count()).select_from(WebhookEndpoint).where(_LISTENS).scalar_subquery()


@dataclass(slots=True)
class Plan:
    """What one transaction knows: who listens, and whether the round that sends its events is written down already."""

    of: object
    listeners: list[Listener]
    has_round: bool = False


def plan_deliveries(event: News) -> None:
    """Write down a delivery of *event* for every endpoint that wants it, and the work of sending them."""
    plan = _plan()
    hearing = [each for each in plan.listeners if each.hears(event)]
    for listener in hearing:
        db.session.add(
            WebhookDelivery(
                endpoint_id=listener.id,
                event_id=event.id,
                state=DeliveryState.waiting,
                attempts=0,
                due_at=event.at,
                created_at=event.at,
            )
        )
    if hearing and not plan.has_round:
        enqueue(ROUND, unique_key=f"{ROUND}:{event.id}")
        # What stands within a savepoint may yet be undone without the rest.
        plan.has_round = not db.session().in_nested_transaction()


def _plan() -> Plan:
    session = db.session()
    known: Plan | None = session.info.get(_MEMO)
    here = session.get_transaction()
    if known is not None and here is not None and known.of is here:
        return known
    found = [Listener(*row) for row in _LISTENERS.run(session)]
    made = Plan(session.get_transaction(), found)
    session.info[_MEMO] = made
    return made
