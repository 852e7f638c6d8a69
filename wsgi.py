"""Puts the service together. Owns nothing; nothing else in the project knows every part."""

from __future__ import annotations

from functools import cache

from flask import Flask

import commons
import marketplace
import village
from commons.settings import Settings, from_environment


def create_app(settings: Settings) -> Flask:
    """Return the application that *settings* describe."""
    app = Flask("xiangqingma", root_path=str(commons.settings.ROOT), static_folder="static")
    app.config.from_mapping(settings.for_flask())
    for package in (commons, village, marketplace):
        package.init_app(app, settings)
    return app


@cache
def _app_from_environment() -> Flask:
    return create_app(from_environment())


def __getattr__(name: str) -> Flask:
    """Make ``wsgi:app`` at its first use, so that importing this module starts nothing."""
    if name in {"app", "application"}:
        return _app_from_environment()
    raise AttributeError(name)
