"""Drawing a village's grids over its doors, and naming who looks after each: above doors, since drawing moves them."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext as _

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the desk's pages about grids into *app*."""
    from commons.desk import desk_link
    from village.drawing import officer_pages, pages

    app.register_blueprint(pages.bp)
    app.register_blueprint(officer_pages.bp)
    slots.fill(
        app, "desk-nav", lambda _person: desk_link("draw-grids", _("网格"), "/desk/grids", "flag"), order=70
    )
