"""
The application that tests of one process share.

An application takes longer to come up than most tests take, and every engine compiles its statements anew. So there is one
application per database address, and a test finds it as if it had just come up: a fresh database, an empty folder,
the settings it began with, and nothing in its memories.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, QueuePool

from commons.db import db
from commons.settings import Settings
from marketplace.payments import gateways
from marketplace.payments.api.rate import Permits
from marketplace.payments.webhooks.post import Post
from tests.database import settings_for
from wsgi import create_app

# Templates are compiled once per process, not once per application.
TEMPLATES = FileSystemBytecodeCache(tempfile.mkdtemp(prefix="xqm-templates-"))


class FreshClient(FlaskClient):
    """A client whose every request finds ``g`` empty, as in production: the test's own context would keep it."""

    def open(self, *args: Any, **kw: Any) -> Any:
        for name in list(g):
            g.pop(name)
        return super().open(*args, **kw)


@dataclass(frozen=True, slots=True)
class Shared:
    """An application and what it looked like when it came up."""

    app: Flask
    settings: Settings
    said: dict[str, Any]
    folder: Path
    config: dict[str, Any]
    extensions: dict[str, Any]
    wsgi_app: Any


_shared: dict[str, Shared] = {}


def new_application(database_url: str, folder: Path) -> Flask:
    """Return an application on the database at *database_url* with *folder* as its instance folder."""
    app = create_app(settings_for(database_url, folder))
    app.test_client_class = FreshClient
    app.jinja_env.bytecode_cache = TEMPLATES
    return app


@contextmanager
def in_use(app: Flask, *, again: bool = False) -> Iterator[Flask]:
    """Stand in the context of *app*, and leave no connection open, unless it is used *again* and may keep what it gave back."""
    with app.app_context():
        yield app
        app.extensions["webhook_post"].settle()
        db.session.remove()
        if not (again and may_stay_open(db.engine)):
            db.engine.dispose()


def may_stay_open(engine: Engine) -> bool:
    """
    Say whether connections may wait for the next test: on PostgreSQL, and if the test gave all of them back.

    A new one costs PostgreSQL a process that knows no table yet; the file under one of SQLite's is another for each test.
    """
    pool = engine.pool
    return engine.dialect.name == "postgresql" and isinstance(pool, QueuePool) and pool.checkedout() == 0


@contextmanager
def shared_application(database_url: str, folders: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give the application of *database_url* as if it had just come up."""
    shared = _shared.get(database_url)
    if shared is None:
        folder = folders.mktemp("instance")
        app = new_application(database_url, folder)
        settings = app.extensions["settings"]
        shared = Shared(
            app, settings, asdict(settings), folder, dict(app.config), dict(app.extensions), app.wsgi_app
        )
        _shared[database_url] = shared
    try:
        with in_use(shared.app, again=True) as app:
            yield app
    finally:
        _as_it_came_up(shared)


def close_all() -> None:
    """Close what shared applications kept open."""
    for shared in _shared.values():
        with shared.app.app_context():
            db.engine.dispose()


def _as_it_came_up(shared: Shared) -> None:
    app = shared.app
    assert asdict(shared.settings) == shared.said, (
        "a test changed settings that others share: put others in their place"
    )
    app.config.clear()
    app.config.update(shared.config)
    app.extensions.clear()
    app.extensions.update(shared.extensions)
    app.extensions["payments_api_permits"] = Permits()
    app.extensions["webhook_post"] = Post()
    app.wsgi_app = shared.wsgi_app  # type: ignore[method-assign]
    app.test_client_class = FreshClient
    gateways.init_app(app, shared.settings)
    app.extensions["scan"].forget()
    shutil.rmtree(shared.folder)
    shared.folder.mkdir()
