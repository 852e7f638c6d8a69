"""What is kept of people, said to them in their words."""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the page into *app*."""
    from village.privacy import pages

    app.register_blueprint(pages.bp)
