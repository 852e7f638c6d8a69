"""Webhooks: events told to other people's servers, signed, at least once."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Bring in the models, the work of delivering, and the desk's pages."""
    from marketplace.payments.webhooks import jobs, models  # noqa: F401
