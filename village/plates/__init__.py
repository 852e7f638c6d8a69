"""Plates: printed in batches, mounted, and replaced while their door stays."""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring in what this feature has."""
    from village.plates import models  # noqa: F401 - the tables must be known
