"""The first page of the desk: what is late, what is due today, what waits for the person here."""

from __future__ import annotations

from flask import Flask

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the page into *app*, and say in the desk's frame which place it belongs to."""
    from village.desk import pages, views

    app.register_blueprint(pages.bp)
    slots.fill(app, "desk-place", views.desk_place)
    slots.fill(app, "area-words", views.area_words)
