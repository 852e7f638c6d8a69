"""Orders: placed, paid once, packed, received, and the money that goes back."""

from __future__ import annotations

from flask import Flask

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the buyer's pages and the jobs into *app*."""
    from marketplace.orders import jobs, models, pages, section  # noqa: F401 - models and jobs register themselves

    app.register_blueprint(pages.bp)
    slots.fill(app, "person-page", section.on_a_person, order=20)
    slots.fill(app, "shop-foot", section.beneath_the_shop)
