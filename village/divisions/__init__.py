"""The division table that a deployment owns, and the villages it has opened."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext as _

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring in the tables, the desk's pages and the commands."""
    from commons.desk import desk_link
    from village.divisions import models, pages  # noqa: F401 - the tables must be known
    from village.divisions.commands import divisions

    app.register_blueprint(pages.bp)
    app.cli.add_command(divisions)
    slots.fill(
        app,
        "desk-nav",
        lambda _person: desk_link("enable-village", _("村"), "/desk/villages", "building-store"),
        order=80,
    )
