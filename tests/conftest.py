"""Things with a life that tests share: the application on a fresh database, its client, the clock."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

from commons import clock as the_clock
from commons.db import db
from tests.database import Databases, PostgisDatabases, SqliteDatabases, borrowed, settings_for
from wsgi import create_app

# Templates are compiled once per process, not once per application.
TEMPLATES = FileSystemBytecodeCache(tempfile.mkdtemp(prefix="xqm-templates-"))
DATABASE_FIXTURES = {"app", "databases", "database_url"}


class FreshClient(FlaskClient):
    """A client whose every request finds ``g`` empty, as in production: the test's own context would keep it."""

    def open(self, *args: Any, **kw: Any) -> Any:
        for name in list(g):
            g.pop(name)
        return super().open(*args, **kw)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=["sqlite", "postgis"], default="sqlite", help="which database to test on"
    )
    parser.addoption("--only-database", action="store_true", help="leave out tests that need no database")


def is_face(item: pytest.Item) -> bool:
    """Say whether a test looks at how pages are drawn: the same bytes on either database, and minutes of a browser."""
    return item.path.stem in {"test_face", "test_faces", "test_desk_faces"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--only-database"):
        chosen = [
            item
            for item in items
            if DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())) and not is_face(item)
        ]
        left_out = [item for item in items if item not in set(chosen)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = chosen


def pytest_collection_finish() -> None:
    """Keep the collector from walking over every imported module whenever a test leaves an application behind."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """The kind of database this run tests on, with its migrated template."""
    kind = PostgisDatabases if request.config.getoption("--database") == "postgis" else SqliteDatabases
    return kind(tmp_path_factory.mktemp("databases"))


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The address of a fresh migrated database of this test's own."""
    yield from borrowed(databases)


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The whole application on a fresh database, inside an application context."""
    application = create_app(settings_for(database_url, tmp_path))
    application.test_client_class = FreshClient
    application.jinja_env.bytecode_cache = TEMPLATES
    with application.app_context():
        yield application
        application.extensions["scan"].close()  # a scan's version is asked on a connection of its own
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without a cookie."""
    return app.test_client()


@pytest.fixture
def clock() -> Iterator[the_clock.FrozenClock]:
    """The time stands at 10:00 on 22 November 2026 in China until it is moved."""
    frozen = the_clock.FrozenClock(datetime(2026, 11, 22, 2, 0, tzinfo=UTC))
    with the_clock.reading(frozen):
        yield frozen
