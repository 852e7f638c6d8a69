"""What may be done about webhooks. Every one runs inside the caller's ``transaction()``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select, update

from commons import clock
from commons.db import db, locked
from commons.errors import Missing
from commons.outbox import enqueue
from commons.security import seal_text
from commons.settings import current
from marketplace.payments.rules import new_id
from marketplace.payments.webhooks.errors import EndpointGone
from marketplace.payments.webhooks.guard import check_url
from marketplace.payments.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookSecret
from marketplace.payments.webhooks.planning import ROUND
from marketplace.payments.webhooks.rules import LONGEST_OVERLAP, DeliveryState, new_secret


@dataclass(frozen=True, slots=True)
class EndpointAsk:
    """What is said when an endpoint is made; see :class:`WebhookEndpoint` for the words."""

    url: str
    enabled_events: Sequence[str]
    livemode: bool
    account: str = ""
    hears_accounts: bool = False
    api_version: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


def make_endpoint(ask: EndpointAsk) -> tuple[WebhookEndpoint, str]:
    """
    Make an endpoint; return it and, this once, its signing secret.

    Raises:
        RefusedAddressError: events are not sent to such an address.
    """
    _check(ask.url, livemode=ask.livemode)
    endpoint = WebhookEndpoint(
        id=new_id("we"),
        livemode=ask.livemode,
        account=ask.account,
        hears_accounts=ask.hears_accounts,
        url=ask.url,
        enabled_events=list(dict.fromkeys(ask.enabled_events)),
        api_version=ask.api_version,
        description=ask.description,
        details=dict(ask.metadata),
        is_enabled=True,
        silences=0,
        created_at=clock.now(),
    )
    db.session.add(endpoint)
    db.session.flush()  # the secret refers to it
    return endpoint, _add_secret(endpoint.id)


def change_url(endpoint: WebhookEndpoint, url: str) -> None:
    """
    Let an endpoint be elsewhere from now on; what waits for it goes there too.

    Raises:
        RefusedAddressError: events are not sent to such an address.
    """
    _check(url, livemode=endpoint.livemode)
    endpoint.url = url
    wake(endpoint)


def switch(endpoint: WebhookEndpoint, *, is_enabled: bool) -> None:
    """Switch an endpoint on or off; what waited for one that is switched off is not sent later."""
    endpoint.is_enabled = is_enabled
    if is_enabled:
        wake(endpoint)
    else:
        _drop_waiting(endpoint)


def delete_endpoint(endpoint: WebhookEndpoint) -> None:
    """Delete an endpoint for ever. Its attempts stay to be looked at."""
    endpoint.deleted_at = clock.now()
    _drop_waiting(endpoint)


def wake(endpoint: WebhookEndpoint) -> None:
    """Forget that an endpoint was silent: something about it has changed, or a person wants to see."""
    endpoint.silences, endpoint.rests_until = 0, None


def roll_secret(endpoint_id: str, overlap: timedelta) -> str:
    """
    Give an endpoint a new secret and return it; the old ones sign beside it for *overlap*, a day at most.

    Raises:
        EndpointGone: it was deleted.
    """
    endpoint = locked(WebhookEndpoint, endpoint_id)
    if endpoint is None:
        raise Missing()
    if endpoint.deleted_at is not None:
        raise EndpointGone()
    ends_at = clock.now() + min(max(overlap, timedelta(0)), LONGEST_OVERLAP)
    for old in db.session.scalars(select(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id)):
        old.ends_at = ends_at if old.ends_at is None else min(old.ends_at, ends_at)
    return _add_secret(endpoint_id)


def replay(delivery_id: int) -> WebhookDelivery:
    """
    Send an event once more to one endpoint, now, whatever became of it before.

    Raises:
        EndpointGone: the endpoint was deleted or switched off.
    """
    known = db.session.get(WebhookDelivery, delivery_id)
    if known is None:
        raise Missing()
    endpoint = locked(WebhookEndpoint, known.endpoint_id)
    row = locked(WebhookDelivery, delivery_id)
    assert endpoint and row
    if endpoint.deleted_at is not None or not endpoint.is_enabled:
        raise EndpointGone()
    wake(endpoint)
    row.state, row.ended_at, row.due_at = DeliveryState.waiting, None, clock.now()
    enqueue(ROUND)
    return row


def _check(url: str, *, livemode: bool) -> None:
    check_url(url, livemode=livemode, may_be_private=current().webhooks_may_be_private)


def _add_secret(endpoint_id: str) -> str:
    secret = new_secret()
    db.session.add(WebhookSecret(endpoint_id=endpoint_id, sealed=seal_text(secret), created_at=clock.now()))
    return secret


def _drop_waiting(endpoint: WebhookEndpoint) -> None:
    waiting = (WebhookDelivery.endpoint_id == endpoint.id) & (WebhookDelivery.state == DeliveryState.waiting)
    dropped = {"state": DeliveryState.dropped, "ended_at": clock.now()}
    db.session.execute(update(WebhookDelivery).where(waiting).values(**dropped))
