"""A fresh, migrated database of each kind for a benchmark, gone when it ends. Never one that somebody uses."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from bench.servers import ROOT, free_port
from commons.db import db
from commons.settings import Settings
from migrations.run import upgrade
from wsgi import create_app

KINDS = ("sqlite", "postgis")


@dataclass(frozen=True, slots=True)
class Place:
    """A database and the instance folder that goes with it."""

    kind: str
    folder: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to use this database."""
        return {
            "DATABASE_URL": self.url,
            "INSTANCE_DIR": str(self.folder),
            "REDIS_URL": "",
            "MODE": "private",
        }

    def app(self) -> Flask:
        """Return the application on this database."""
        return create_app(Settings.from_env(self.environment))


@contextmanager
def fresh(kind: str) -> Iterator[Place]:
    """Make an empty migrated database of *kind*; PostGIS in a private cluster of its own."""
    with tempfile.TemporaryDirectory(prefix="xqm-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        if kind == "sqlite":
            yield _migrated(Place(kind, folder, f"sqlite:///{folder / 'bench.db'}"))
            return
        script, cluster = str(ROOT / "scripts/postgis.sh"), str(folder / "cluster")
        started = subprocess.run(  # noqa: S603 - our own script
            [script, "start", cluster, str(free_port())], check=True, capture_output=True, text=True
        )
        try:
            yield _migrated(Place(kind, folder, started.stdout.strip()))
        finally:
            subprocess.run([script, "stop", cluster], check=False)  # noqa: S603 - our own script


def _migrated(place: Place) -> Place:
    with place.app().app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return place
