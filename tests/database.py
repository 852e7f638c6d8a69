"""
Databases for tests: one migrated template per run, copied for every test that needs one.

SQLite copies a file; PostgreSQL copies by ``CREATE DATABASE … TEMPLATE``. The address of the private PostgreSQL cluster stands
in ``TEST_POSTGIS_URL`` (a ``postgresql://`` address of its maintenance database); ``make test`` sets it.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from commons.settings import ROOT, Settings
from migrations.run import upgrade
from wsgi import create_app

COUNTER = itertools.count(1)


def settings_for(url: str, instance: Path, **changes: object) -> Settings:
    """Settings of a machine of one's own, with fixed keys, on the database at *url*."""
    return Settings.from_env(
        {},
        **{
            "database_url": url,
            "instance_dir": instance,
            "secret_key": "k" * 40,
            "data_key": "d" * 40,
            "testing": True,
            "organiser": "柳河镇人民政府",
            "icp_record": "鄂ICP备00000000号",
            "police_record": "鄂公网安备00000000000000号",
            **changes,
        },
    )


def migrations_mark() -> str:
    """A short mark that changes whenever a migration changes."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "migrations").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class SqliteDatabases:
    """Copies of one migrated file."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / f"template-{migrations_mark()}.db"
        if not self.template.exists():
            fresh = folder / f"fresh-{os.getpid()}.db"
            _migrate(f"sqlite:///{fresh}", folder)
            fresh.rename(self.template)

    def make(self) -> str:
        """Return the address of a new migrated database."""
        path = self.folder / f"test-{os.getpid()}-{next(COUNTER)}.db"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove a database that :meth:`make` made."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)


class PostgisDatabases:
    """Copies of one migrated template database on the private cluster."""

    name = "postgis"

    def __init__(self, folder: Path) -> None:
        server = os.environ.get("TEST_POSTGIS_URL")
        if not server:
            raise RuntimeError(
                "TEST_POSTGIS_URL is not set: run `make test`, or `scripts/postgis.sh start` first"
            )
        self.server, self.folder = server, folder
        self.template = f"template_{migrations_mark()}"
        with self._admin() as admin:
            admin.execute("SELECT pg_advisory_lock(77)")
            known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.template]).fetchone()
            if known is None:
                fresh = f"fresh_{os.getpid()}"
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))
                admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
                _migrate(self._address(fresh), folder)
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                admin.execute(rename.format(sql.Identifier(fresh), sql.Identifier(self.template)))
            admin.execute("SELECT pg_advisory_unlock(77)")

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self.server, autocommit=True)

    def _address(self, name: str) -> str:
        return f"postgresql+psycopg://{self.server.split('://', 1)[1].rsplit('/', 1)[0]}/{name}"

    def make(self) -> str:
        """Return the address of a new migrated database."""
        name = f"test_{os.getpid()}_{next(COUNTER)}"
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            admin.execute(copy.format(sql.Identifier(name), sql.Identifier(self.template)))
        return self._address(name)

    def drop(self, url: str) -> None:
        """Remove a database that :meth:`make` made, whoever is still connected."""
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with self._admin() as admin:
            admin.execute(drop.format(sql.Identifier(url.rsplit("/", 1)[1])))


Databases = SqliteDatabases | PostgisDatabases


def _migrate(url: str, folder: Path) -> None:
    app = create_app(settings_for(url, folder))
    with app.app_context():
        upgrade()
        _dispose(app)


def _dispose(app: object) -> None:
    from commons.db import db

    db.session.remove()
    db.engine.dispose()


def borrowed(databases: Databases) -> Iterator[str]:
    """Yield the address of a fresh database and remove it afterwards."""
    url = databases.make()
    try:
        yield url
    finally:
        databases.drop(url)
