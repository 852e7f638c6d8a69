"""Produce: who sells it in law, what it is, and the lots that were harvested."""

from __future__ import annotations

from flask import Flask

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the shop, the sellers' pages and the desk's part into *app*, and produce onto the doors."""
    from marketplace.produce import actions, desk_pages, models, pages, section, sell_pages  # noqa: F401 - models register themselves

    for blueprint in (pages.bp, sell_pages.bp, desk_pages.bp):
        app.register_blueprint(blueprint)
    slots.fill(app, "door-page", section.on_a_door, order=20)
    slots.fill(app, "person-page", section.on_a_person, order=30)
    slots.fill(app, "leaving-person", actions.close_who_leaves)
    slots.fill(app, "withdrawing-consent", actions.close_who_leaves)
    slots.fill(app, "desk-nav", desk_pages.way, order=60)
