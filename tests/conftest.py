"""Things with a life that tests share: the application on a fresh database, its client, the clock."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser

from commons import clock as the_clock
from tests.browser import chromium
from tests.database import Databases, PostgisDatabases, SqliteDatabases, borrowed
from tests.sharing import close_all, in_use, new_application, shared_application

# How long one example takes, or the drawing of one, says how busy the machine is, and nothing about the code.
settings.register_profile("any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_machine")

# Whole stories, of minutes each: they come first, since a pass is over when the last of them is.
STORIES = {"test_main_job", "test_any_order", "test_schedules", "test_strange_forms", "test_kills"}
DATABASE_FIXTURES = {"app", "own_app", "databases", "database_url"}


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
    items.sort(key=lambda item: item.path.stem not in STORIES)
    for item in items:
        if item.path.stem in STORIES:  # on a busy machine they need what would be a standstill of any other
            item.add_marker(pytest.mark.timeout(900))


def pytest_collection_finish() -> None:
    """Keep the collector from walking over every imported module whenever a test leaves an application behind."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    """The kind of database this run tests on, with its migrated template."""
    kind = PostgisDatabases if request.config.getoption("--database") == "postgis" else SqliteDatabases
    made = kind(tmp_path_factory.mktemp("databases"))
    yield made
    close_all()
    made.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The address of a fresh migrated database of this test's own."""
    yield from borrowed(databases)


@pytest.fixture
def app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The whole application on a fresh database, inside an application context; see :mod:`tests.sharing`."""
    with shared_application(database_url, tmp_path_factory) as application:
        yield application


@pytest.fixture
def own_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application that no other test gets, for a test that adds to it what cannot be taken away again."""
    with in_use(new_application(database_url, tmp_path)) as application:
        yield application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without a cookie."""
    return app.test_client()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this process; a test makes a context of its own in it."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def clock() -> Iterator[the_clock.FrozenClock]:
    """The time stands at 10:00 on 22 November 2026 in China until it is moved."""
    frozen = the_clock.FrozenClock(datetime(2026, 11, 22, 2, 0, tzinfo=UTC))
    with the_clock.reading(frozen):
        yield frozen
