"""Doors: where they are, what they are called, and the sheets they are imported from."""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring in what this feature has."""
    from village.doors import models  # noqa: F401 - the tables must be known
