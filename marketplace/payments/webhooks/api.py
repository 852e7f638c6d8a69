"""``/v1/webhook_endpoints``: where a program wants to hear of events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from commons.db import db, locked
from marketplace.payments.api.errors import ApiError, bad_parameter, no_such
from marketplace.payments.api.lists import PAGE, page
from marketplace.payments.api.params import Bool, Kind, Listing, Metadata, OneOf, Params, Text, Url, merged
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.objects import API_VERSION
from marketplace.payments.webhooks.actions import (
    EndpointAsk,
    change_url,
    delete_endpoint,
    make_endpoint,
    switch,
)
from marketplace.payments.webhooks.guard import RefusedAddressError
from marketplace.payments.webhooks.models import WebhookEndpoint
from marketplace.payments.webhooks.objects import endpoint_object
from marketplace.payments.webhooks.queries import endpoints_of
from marketplace.payments.webhooks.rules import known_event_types

MOST_ENDPOINTS = 16  # Stripe's limit for each mode
EVENTS: dict[str, Any] = {"of": Text(longest=100), "most": 300, "about": "Types of events, or * for all."}
SAID: dict[str, Kind] = {
    "description": Text(can_unset=True, about="What the endpoint is for."),
    "metadata": Metadata(),
}


@endpoint(
    "POST",
    "/v1/webhook_endpoints",
    Params(
        url=Url(required=True, longest=2048, about="Where events are sent; https in live mode."),
        enabled_events=Listing(required=True, **EVENTS),
        api_version=OneOf(words=(API_VERSION,)),
        connect=Bool(about="Hear of the events of connected accounts instead of one's own."),
        **SAID,
    ),
    answers="webhook_endpoint",
)
def create_endpoint(call: Call) -> Answer:
    """Create a webhook endpoint; its signing secret is in this answer and in no other."""
    said = call.params
    if len(list(db.session.scalars(endpoints_of(call.livemode, call.account)))) >= MOST_ENDPOINTS:
        raise ApiError(f"You have reached the maximum of {MOST_ENDPOINTS} webhook endpoints.")
    ask = EndpointAsk(
        url=said["url"],
        enabled_events=_events(said),
        livemode=call.livemode,
        account=call.account,
        hears_accounts=said.get("connect", False),
        api_version=said.get("api_version"),
        description=said.get("description"),
        metadata=merged({}, said),
    )
    try:
        made, secret = make_endpoint(ask)
    except RefusedAddressError as refused:
        raise _bad_url(refused) from refused
    return endpoint_object(made, secret)


@endpoint("GET", "/v1/webhook_endpoints/<id>", answers="webhook_endpoint")
def retrieve_endpoint(call: Call) -> Answer:
    """Retrieve a webhook endpoint, without its secret."""
    return endpoint_object(_found(call))


@endpoint(
    "POST",
    "/v1/webhook_endpoints/<id>",
    Params(url=Url(longest=2048), enabled_events=Listing(**EVENTS), disabled=Bool(), **SAID),
    answers="webhook_endpoint",
)
def update_endpoint(call: Call) -> Answer:
    """Update a webhook endpoint; what waits for one that is disabled is not sent later."""
    known, said = _held(call), call.params
    if "url" in said:
        try:
            change_url(known, said["url"])
        except RefusedAddressError as refused:
            raise _bad_url(refused) from refused
    if "enabled_events" in said:
        known.enabled_events = _events(said)
    if "description" in said:
        known.description = said["description"]
    known.details = merged(known.details, said)
    if "disabled" in said:
        switch(known, is_enabled=not said["disabled"])
    return endpoint_object(known)


@endpoint("DELETE", "/v1/webhook_endpoints/<id>", answers="deleted_webhook_endpoint")
def delete_one_endpoint(call: Call) -> Answer:
    """Delete a webhook endpoint; nothing is sent to it any more."""
    known = _held(call)
    delete_endpoint(known)
    return {"id": known.id, "object": "webhook_endpoint", "deleted": True}


@endpoint("GET", "/v1/webhook_endpoints", Params(**PAGE), answers="list:webhook_endpoint")
def list_endpoints(call: Call) -> Answer:
    """List webhook endpoints, newest first."""
    return page(
        call, "/v1/webhook_endpoints", endpoints_of(call.livemode, call.account), WebhookEndpoint, _show
    )


def _found(call: Call) -> WebhookEndpoint:
    found: WebhookEndpoint | None = db.session.scalar(
        endpoints_of(call.livemode, call.account).where(WebhookEndpoint.id == call.id)
    )
    if found is None:
        raise no_such("webhook endpoint", call.id, "webhook_endpoint")
    return found


def _held(call: Call) -> WebhookEndpoint:
    """Return the endpoint locked, as it now is."""
    held = locked(WebhookEndpoint, _found(call).id)
    if held is None or held.deleted_at is not None:
        raise no_such("webhook endpoint", call.id, "webhook_endpoint")
    return held


def _events(said: dict[str, Any]) -> list[str]:
    """Return ``enabled_events``; a name that Stripe does not know would never be heard of, so it is refused."""
    names: list[str] = said["enabled_events"]
    if not names:
        raise bad_parameter("enabled_events", "You must enable at least one event.")
    for place, name in enumerate(names):
        if name not in known_event_types():
            raise bad_parameter(
                f"enabled_events[{place}]", f"Invalid enabled_events[{place}]: {name} is no event type"
            )
    return names


def _bad_url(refused: RefusedAddressError) -> ApiError:
    return bad_parameter("url", f"Invalid URL: {refused}.", "url_invalid")


def _show(rows: Sequence[WebhookEndpoint]) -> list[Answer]:
    return [endpoint_object(row) for row in rows]
