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
# A table that nothing was written to has a file of no bytes: to ask for that costs a tenth of looking into seventy tables.
WRITTEN_TO = """SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname = ANY(%s) AND pg_relation_size(oid) > 0"""
RESTART = """SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence JOIN pg_depend ON objid = seqrelid AND deptype IN ('a', 'i')
WHERE refobjid = ANY(%s::regclass[])"""
# Rows that were deleted stay in a table's file; one that has grown so long is made anew.
LONG_FILE = 128 * 1024


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
    """Copies of one migrated file; an address that is given back is given out again, with a fresh copy behind it."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.free: list[Path] = []
        self.template = folder / f"template-{migrations_mark()}.db"
        if not self.template.exists():
            fresh = folder / f"fresh-{os.getpid()}.db"
            _migrate(f"sqlite:///{fresh}", folder)
            fresh.rename(self.template)

    def make(self) -> str:
        """Return the address of a new migrated database."""
        path = self.free.pop() if self.free else self.folder / f"test-{os.getpid()}-{next(COUNTER)}.db"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove a database that :meth:`make` made."""
        for suffix in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)
        self.free.append(Path(url.removeprefix("sqlite:///")))

    def close(self) -> None:
        """There is nothing to close."""


class PostgisDatabases:
    """
    Copies of one migrated template database on the private cluster.

    A copy is emptied after its test and used again: deleting what the few tables hold is far cheaper than copying, and than truncating,
    which makes every table anew that refers to one of them.
    """

    name = "postgis"
    kept = ("alembic_version", "spatial_ref_sys")

    def __init__(self, folder: Path) -> None:
        server = os.environ.get("TEST_POSTGIS_URL")
        if not server:
            raise RuntimeError(
                "TEST_POSTGIS_URL is not set: run `make test`, or `scripts/postgis.sh start` first"
            )
        self.server, self.folder = server, folder
        self.template = f"template_{migrations_mark()}"
        self.free: list[str] = []
        self.emptying: dict[str, psycopg.Connection] = {}
        with self._admin() as admin:
            admin.execute("SELECT pg_advisory_lock(77)")
            known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.template]).fetchone()
            if known is None:
                self._make_template(admin)
            # A template is copied only while nobody looks into it, so looking needs the same lock as copying.
            with psycopg.connect(self._plain(self.template), autocommit=True) as template:
                self.tables = self._tables(template)
                self.numbered = self._numbered(template)
                # What migrations put in themselves is put back after every emptying.
                self.seeds = {table: rows for table in self.tables if (rows := _copied(template, table))}
            admin.execute("SELECT pg_advisory_unlock(77)")

    def _make_template(self, admin: psycopg.Connection) -> None:
        fresh = f"fresh_{os.getpid()}"
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(fresh)))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(fresh)))
        _migrate(self._address(fresh), self.folder)
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        admin.execute(rename.format(sql.Identifier(fresh), sql.Identifier(self.template)))

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self.server, autocommit=True)

    def _plain(self, name: str) -> str:
        return f"{self.server.rsplit('/', 1)[0]}/{name}"

    def _address(self, name: str) -> str:
        return f"postgresql+psycopg://{self._plain(name).split('://', 1)[1]}"

    def _tables(self, connection: psycopg.Connection) -> list[str]:
        words = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        return [row[0] for row in connection.execute(words).fetchall() if row[0] not in self.kept]

    def _numbered(self, connection: psycopg.Connection) -> set[str]:
        words = "SELECT table_name FROM information_schema.columns WHERE column_name = 'id' AND column_default LIKE 'nextval%'"
        return {row[0] for row in connection.execute(words).fetchall()}

    def make(self) -> str:
        """Return the address of a new migrated database."""
        if self.free:
            return self._address(self.free.pop())
        name = f"test_{os.getpid()}_{next(COUNTER)}"
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        with self._admin() as admin:
            admin.execute("SELECT pg_advisory_lock(77)")
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            admin.execute(copy.format(sql.Identifier(name), sql.Identifier(self.template)))
        return self._address(name)

    def drop(self, url: str) -> None:
        """Empty a database that :meth:`make` made, or remove it if its tables are not as they were or somebody holds one."""
        name = url.rsplit("/", 1)[1]
        try:
            self._empty(name)
            self.free.append(name)
        except (psycopg.Error, AssertionError):
            self._stop_emptying(name)
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            with self._admin() as admin:
                admin.execute(drop.format(sql.Identifier(name)))

    def _empty(self, name: str) -> None:
        connection = self.emptying.get(name) or self._begin_emptying(name)
        assert self._tables(connection) == self.tables
        lengths: dict[str, int] = dict(connection.execute(WRITTEN_TO, [self.tables]).fetchall())
        tables = [sql.Identifier(table) for table in sorted(lengths)]
        if max(lengths.values(), default=0) > LONG_FILE:
            connection.execute(
                sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(sql.SQL(", ").join(tables))
            )
        elif tables:
            # Whoever still writes holds a lock and is waited for in vain: such a database is not used again.
            lock = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(tables))
            delete = [sql.SQL("DELETE FROM {}").format(table) for table in tables]
            connection.execute(sql.SQL("; ").join([lock, *delete]), prepare=False)
            connection.execute(RESTART, [list(lengths)])
        for table, rows in self.seeds.items():
            with (
                connection.cursor() as cursor,
                cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy,
            ):
                copy.write(rows)
            if table in self.numbered:
                ask_last = (
                    "SELECT setval(pg_get_serial_sequence({name}, 'id'), (SELECT max(id) FROM {table}))"
                )
                connection.execute(
                    sql.SQL(ask_last).format(name=sql.Literal(table), table=sql.Identifier(table))
                )

    def _begin_emptying(self, name: str) -> psycopg.Connection:
        """Open the connection that empties this database after each test; it already knows the tables when it comes again."""
        connection = self.emptying[name] = psycopg.connect(self._plain(name), autocommit=True)
        connection.execute("SET lock_timeout TO '1s'")
        # Only a superuser of the cluster may say so: what is append-only for the product can be emptied here.
        connection.execute("SET session_replication_role TO replica")
        return connection

    def _stop_emptying(self, name: str) -> None:
        if name in self.emptying:
            self.emptying.pop(name).close()

    def close(self) -> None:
        """Leave no connection open."""
        for name in list(self.emptying):
            self._stop_emptying(name)


def _copied(connection: psycopg.Connection, table: str) -> bytes:
    copy_out = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(copy_out) as copy:
        return b"".join(bytes(piece) for piece in copy)


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
