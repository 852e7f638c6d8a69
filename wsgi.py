"""Puts the service together. Owns nothing; nothing else in the project knows every part."""

from __future__ import annotations

from functools import cache

from flask import Flask
from jinja2 import FileSystemLoader

import commons
import marketplace
import village
from commons.routing import Address, RowNumber
from commons.settings import ROOT, Settings, from_environment


def create_app(settings: Settings) -> Flask:
    """Return the application that *settings* describe."""
    app = Flask("xiangqingma", root_path=str(ROOT), static_folder="static")
    app.url_rule_class = Address
    app.url_map.converters["int"] = RowNumber
    app.config.from_mapping(settings.for_flask())
    app.jinja_loader = FileSystemLoader(
        [ROOT / name / "templates" for name in ("commons", "village", "marketplace")]
    )
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
