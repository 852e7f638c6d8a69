"""Payments: how money is asked for and known to have come. Payments does not know orders."""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring in models, gateways, jobs and pages."""
    from marketplace.payments import (  # noqa: F401
        api,
        checkout,
        connect,
        desk_pages,
        gateways,
        jobs,
        models,
        pages,
        reconcile,
        record_models,
        stall_pages,
        terms_pages,
        ways_api,
        webhooks,
    )

    gateways.init_app(app, settings)
    connect.init_app(app)
    reconcile.init_app(app)
    pages.init_app(app)
    stall_pages.init_app(app)
    desk_pages.init_app(app)
    terms_pages.init_app(app)
    webhooks.init_app(app)
    checkout.init_app(app)
    api.init_app(app, settings)  # last: it serves every endpoint that was registered until then
