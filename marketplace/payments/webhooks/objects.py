"""An endpoint as Stripe's object."""

from __future__ import annotations

from typing import Any

from marketplace.payments.objects import unix
from marketplace.payments.webhooks.models import WebhookEndpoint


def endpoint_object(endpoint: WebhookEndpoint, secret: str = "") -> dict[str, Any]:
    """Return *endpoint* as a ``webhook_endpoint``; its *secret* is shown once, when it is made."""
    shown = {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": endpoint.api_version,
        "application": None,
        "created": unix(endpoint.created_at),
        "description": endpoint.description,
        "enabled_events": list(endpoint.enabled_events),
        "livemode": endpoint.livemode,
        "metadata": dict(endpoint.details),
        "status": "enabled" if endpoint.is_enabled else "disabled",
        "url": endpoint.url,
    }
    return shown | ({"secret": secret} if secret else {})
