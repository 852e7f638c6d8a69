"""Plates: printed in batches, mounted, and replaced while their door stays."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext as _

from commons import slots
from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring in the tables, the desk's pages and the commands."""
    from commons.desk import desk_link
    from village.plates import door_pages, models, print_pages  # noqa: F401 - the tables must be known
    from village.plates.commands import plates

    app.register_blueprint(door_pages.bp)
    app.register_blueprint(print_pages.bp)
    app.cli.add_command(plates)
    guests = (
        lambda _person: desk_link("see-doors", _("门"), "/desk/doors", "map-pin", group=_("门牌")),
        lambda _person: desk_link("print-plates", _("印门牌"), "/desk/plates", "printer", group=_("门牌")),
        lambda _person: desk_link(
            "tend-plates", _("查门牌"), "/desk/plates/check", "qrcode", group=_("门牌")
        ),
    )
    for order, guest in enumerate(guests, start=60):
        slots.fill(app, "desk-nav", guest, order=order)
