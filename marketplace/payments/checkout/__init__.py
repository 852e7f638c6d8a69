"""Checkout: our own page on which somebody else's basket is paid."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Bring in the model, the programs' interface, the work of expiring, and the page."""
    from marketplace.payments.checkout import api, jobs, models, pages  # noqa: F401

    pages.init_app(app)
