"""The page that a scan of a plate opens: the reason the system exists."""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring the scan page and the layer in front of Flask into *app*."""
    from village.scan import pages
    from village.scan.memory import ScanMemory

    app.extensions["scan"] = ScanMemory(app, settings)
    app.register_blueprint(pages.bp)
