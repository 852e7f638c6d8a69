"""Matters (我要报事): reported from a door without signing in, handled at the right desk, followed step by step."""

from __future__ import annotations

from flask import Flask

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the matters' pages and jobs into *app*."""
    from village.matters import desk_pages, intake, jobs, models, pages  # noqa: F401 - models and jobs register themselves

    app.register_blueprint(pages.bp)
    app.register_blueprint(desk_pages.bp)
    slots.fill(app, "desk-nav", desk_pages.way, order=10)
    slots.fill(app, "person-page", pages.on_a_person, order=30)
