"""Checkout: our own page on which somebody else's basket is paid."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Bring in the model."""
    from marketplace.payments.checkout import models  # noqa: F401
