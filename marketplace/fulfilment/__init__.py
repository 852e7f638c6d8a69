"""Fulfilment: where and when goods are fetched or sent, who packs them, and the keeper's counter."""

from __future__ import annotations

from flask import Flask

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the farmers' list and the keeper's counter into *app*, and the pickup points into the shop."""
    from marketplace.fulfilment import (  # noqa: F401 - models and jobs register themselves
        desk_pages,
        jobs,
        models,
        money_pages,
        pages,
        place_pages,
        section,
    )

    for blueprint in (pages.bp, desk_pages.bp, place_pages.bp, money_pages.bp):
        app.register_blueprint(blueprint)
    slots.fill(app, "ways-to-get", section.ways_to_get)
    slots.fill(app, "shop-notes", section.on_the_shop, order=10)
    slots.fill(app, "stall", section.on_a_stall, order=10)
    slots.fill(app, "desk-nav", desk_pages.way, order=62)
    slots.fill(app, "desk-nav", place_pages.way, order=64)
