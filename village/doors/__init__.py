"""Doors: where they are, what they are called, and the sheets they are imported from."""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring in the tables, the desk's pages, the timed work and the commands."""
    from village.doors import import_pages, jobs, models  # noqa: F401 - tables and handlers must be known
    from village.doors.commands import doors

    app.register_blueprint(import_pages.bp)
    app.cli.add_command(doors)
