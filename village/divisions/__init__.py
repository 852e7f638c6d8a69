"""The division table that a deployment owns, and the villages it has opened."""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring in what this feature has."""
    from village.divisions import models  # noqa: F401 - the tables must be known
