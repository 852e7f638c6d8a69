"""Households: who belongs behind which door, how a person joins and leaves, and who may see what of it."""

from __future__ import annotations

from flask import Flask

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring in the tables, pages and jobs; other features fill ``household-page`` with what is the household's own."""
    from village.households import desk_pages, export, jobs, models, pages, record_pages  # noqa: F401
    from village.households.section import on_a_person

    slots.declare(app, "household-page")
    app.register_blueprint(pages.bp)
    app.register_blueprint(desk_pages.bp)
    app.register_blueprint(record_pages.bp)
    slots.fill(app, "desk-nav", desk_pages.way, order=55)
    slots.fill(app, "person-page", on_a_person, order=20)
