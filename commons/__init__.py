"""The ground everyone stands on; it knows no word of the village and none of the market."""

from __future__ import annotations

from flask import Flask

from commons.sent import SentRequest
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Put the ground under *app*: settings, database, pages' common parts, accounts."""
    from commons import (
        accounts,
        assets,
        commands,
        demonstration,
        desk,
        error_pages,
        filters,
        given_up,
        health,
        logs,
        messages_page,
        messaging,
        reading,
        security,
        slots,
        uploads,
        way_back,
    )
    from commons.db import db

    app.extensions["settings"] = settings
    app.request_class = SentRequest
    db.init_app(app)
    for part in (logs, slots, security, error_pages, filters, assets, commands, demonstration):
        part.init_app(app)
    reading.init_app(app, settings)
    for part in (accounts, messaging, uploads, desk, given_up, way_back):
        part.init_app(app)
    app.register_blueprint(health.bp)
    app.register_blueprint(messages_page.bp)
    for name in ("person-page", "leaving-person", "withdrawing-consent", "changing-phone"):
        slots.declare(app, name)
