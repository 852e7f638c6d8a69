"""Notices under the four affairs: written at the desk, shown on every door of the village for their time."""

from __future__ import annotations

from flask import Flask

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the notices' pages into *app*."""
    from village.notices import desk_pages, models, pages  # noqa: F401 - the models register themselves

    app.register_blueprint(pages.bp)
    app.register_blueprint(desk_pages.bp)
    slots.fill(app, "desk-nav", desk_pages.way, order=20)
