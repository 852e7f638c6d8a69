"""Endpoints that hear of events, and a deployment whose receivers stand in the same house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import current_app

from marketplace.payments.records import record_event
from marketplace.payments.webhooks.actions import EndpointAsk, make_endpoint
from marketplace.payments.webhooks.models import WebhookEndpoint
from tests.make.divisions import written


def allow_private_webhooks() -> None:
    """Let the application under test send events to this machine."""
    settings = current_app.extensions["settings"]
    current_app.extensions["settings"] = replace(settings, webhooks_may_be_private=True)


def make_webhook(
    url: str, *events: str, livemode: bool = False, account: str = "", hears_accounts: bool = False
) -> tuple[WebhookEndpoint, str]:
    """An endpoint at *url* that hears of *events* (all of them when none is named), and its secret."""
    with written():
        return make_endpoint(
            EndpointAsk(
                url=url,
                enabled_events=list(events) or ["*"],
                livemode=livemode,
                account=account,
                hears_accounts=hears_accounts,
            )
        )


def happen(*kinds: str, livemode: bool = False, account: str = "") -> None:
    """Something about a customer happens, all of it in one transaction."""
    with written():
        _record(kinds, livemode, account)


def _record(kinds: Sequence[str], livemode: bool, account: str) -> None:
    for number, kind in enumerate(kinds):
        data = {"id": f"cus_{number}", "object": "customer", "name": "蜜橘合作社"}
        former = data if kind.endswith(".updated") else None
        record_event(kind, data, livemode=livemode, account=account, former=former)
