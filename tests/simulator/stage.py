"""Sets up a world on a database and takes it down again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from commons.db import db
from tests.database import settings_for
from tests.simulator.world import World
from wsgi import create_app

ABOVE_EVERYTHING = logging.CRITICAL


@contextmanager
def stage(url: str, folder: Path) -> Iterator[World]:
    """A world on the migrated database at *url*; what goes wrong in it on purpose is not logged."""
    app = create_app(settings_for(url, folder))
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(ABOVE_EVERYTHING))
    try:
        with app.app_context():
            world = World(app, url, folder)
            try:
                yield world
            finally:
                world.close()
                db.session.remove()
                db.engine.dispose()
    finally:
        structlog.configure(**before)
