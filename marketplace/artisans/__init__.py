"""Artisans: people of a trade who chose to be found, and were verified."""

from __future__ import annotations

from flask import Flask

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the artisans' pages into *app*, and their section onto the doors."""
    from marketplace.artisans import actions, desk_pages, models, pages, section  # noqa: F401 - the models register themselves

    app.register_blueprint(pages.bp)
    app.register_blueprint(desk_pages.bp)
    slots.fill(app, "door-page", section.on_a_door, order=10)
    slots.fill(app, "person-page", section.on_a_person, order=40)
    slots.fill(app, "leaving-person", actions.forget_who_leaves)
    slots.fill(app, "withdrawing-consent", actions.take_off_who_withdraws)
    slots.fill(app, "changing-phone", actions.follow_phone)
    slots.fill(app, "desk-nav", desk_pages.way, order=50)
