"""Webhooks: events told to other people's servers, signed, at least once."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Bring in the models, the work of delivering, the programs' interface, and the desk's pages."""
    from marketplace.payments.webhooks import api, delivering, desk_pages, jobs, models  # noqa: F401

    delivering.init_app(app)
    desk_pages.init_app(app)
