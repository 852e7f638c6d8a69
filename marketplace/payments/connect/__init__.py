"""Settlement with sellers: their accounts, what they are owed, and the three ways in which they are paid."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Bring in models, jobs and pages."""
    from marketplace.payments.connect import api, jobs, models, owed, pages  # noqa: F401 - importing them registers them

    pages.init_app(app)
