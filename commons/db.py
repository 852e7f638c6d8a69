"""
The database: engine, session, transactions, and the only place that knows which database is underneath.

SQLite with SpatiaLite and PostgreSQL with PostGIS run the same code. Everything that differs between them is in this
file or in a migration.
"""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Select,
    bindparam,
    event,
    func,
    inspect,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    Mapper,
    Session,
    make_transient_to_detached,
)
from sqlalchemy.orm.attributes import set_committed_value

from commons.prepared import Prepared

SRID = 4490  # CGCS2000, for every stored place
# What SQLite may keep of the file for each connection, in KiB; the system keeps all of it anyway. Its own default is 2000.
CACHE_KB, SMALL_CACHE_KB = 1000, 256
# How many statements PostgreSQL keeps prepared for each connection, each in about 45 KB of its memory; an order with its payment
# has some fifty, and the driver's own bound is a hundred for everything.
PREPARED_MOST = 200

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

ModelT = TypeVar("ModelT", bound="Base")
ColumnT = TypeVar("ColumnT")


class Base(DeclarativeBase):
    """The base of every model; constraints get their names from one convention."""

    metadata = MetaData(naming_convention=NAMES)


class NestedTransaction(RuntimeError):
    """``transaction()`` was opened inside another one: an action may not open its own."""


class WriteOutsideTransaction(RuntimeError):
    """Something changed a row where no ``transaction()`` stood around it."""


class Database(SQLAlchemy):
    """Flask-SQLAlchemy whose engines are prepared for the database they speak to."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        engine: Engine = super()._make_engine(bind_key, engine_options(str(options["url"])) | options, app)
        prepare_engine(engine)
        return engine


db = Database(
    model_class=Base,
    disable_autonaming=True,
    session_options={"expire_on_commit": False},
)


def sqlite_module() -> Any:
    """Return a DB-API module that can load extensions: the standard library's, else pysqlite3."""
    if hasattr(sqlite3.Connection, "enable_load_extension"):
        return sqlite3
    return importlib.import_module("pysqlite3.dbapi2")


def engine_options(url: str) -> dict[str, Any]:
    """Return what ``create_engine`` needs beside *url*."""
    # Values stand in no error: names and telephones are among them.
    quiet = {"hide_parameters": True}
    if url.startswith("sqlite"):
        return {**quiet, "module": sqlite_module(), "connect_args": {"timeout": 30}}
    return {**quiet, "pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}


def prepare_engine(engine: Engine) -> None:
    """Make connections and transactions of *engine* behave alike on both databases."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _open_postgres)
        event.listen(engine, "rollback", _roll_back_and_stay_prepared)


def _open_sqlite(connection: Any, record: object) -> None:
    # The driver's own transaction handling loses updates; SQLAlchemy's "begin" event opens them instead.
    connection.isolation_level = None
    connection.enable_load_extension(True)
    connection.load_extension("mod_spatialite")
    connection.enable_load_extension(False)
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", f"cache_size={-CACHE_KB}",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")


def lone_driver(engine: Engine) -> Any:
    """Return the driver's own connection for small questions, each a transaction by itself; the caller closes it."""
    if is_sqlite_engine(engine):
        return _plain_sqlite(engine)
    connection = engine.raw_connection()
    driver: Any = connection.driver_connection
    connection.detach()
    driver.autocommit = True
    return driver


def _plain_sqlite(engine: Engine) -> Any:
    # SpatiaLite and a large cache would be three megabytes for each thread.
    arguments, options = engine.dialect.create_connect_args(engine.url)
    connection = sqlite_module().connect(*arguments, **options, timeout=30, isolation_level=None)
    connection.execute(f"PRAGMA cache_size={-SMALL_CACHE_KB}")
    return connection


def _begin_sqlite(connection: Any) -> None:
    kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _open_postgres(connection: Any, record: object) -> None:
    connection.prepared_max = PREPARED_MOST
    cursor = connection.cursor()
    cursor.execute("SET TIME ZONE 'UTC'")
    cursor.execute("SET synchronous_commit TO on")
    connection.commit()
    cursor.close()


def _roll_back_and_stay_prepared(connection: Connection) -> None:
    """
    Roll back behind the driver's back, which then finds nothing to do.

    Its own rollback forgets every statement that is prepared, and each of our reads ends with one. PostgreSQL keeps them
    (its manual, PREPARE: they last as long as the session), and plans anew by itself what a change of a table touched. Except
    where a column's type was changed: then it refuses the statement for ever, so after an error all are forgotten as ever.
    """
    if connection.invalidated:
        return  # it died in the transaction, and who asks for it is told so instead of why
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status.name == "INTRANS":
        driver.pgconn.exec_(b"ROLLBACK")


def is_sqlite() -> bool:
    """Say whether the embedded database is underneath. For this package and migrations only."""
    return is_sqlite_engine(db.engine)


@contextmanager
def transaction() -> Iterator[Session]:
    """
    Run one action and commit it, or roll everything back if it raises.

    Stands at the four edges only: a writing page, a writing API call, a job, a command. Ends the read that the session
    may have begun; on SQLite takes the write lock at once, so that what is read inside cannot change before it is
    written.

    Raises:
        NestedTransaction: another ``transaction()`` is open in this session.
        WriteOutsideTransaction: the session holds changes that were made before the block.
    """
    session = db.session()
    if session.info.get("writing"):
        raise NestedTransaction("transaction() is already open")
    if session.new or session.dirty or session.deleted:
        raise WriteOutsideTransaction("the session holds changes made outside transaction()")
    session.rollback()
    session.expire_all()  # a rollback forgets nothing where no read had begun; what is looked at inside must be fresh
    session.info["writing"] = True
    try:
        if is_sqlite():
            session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("writing", None)


def in_transaction() -> bool:
    """Say whether the current session stands inside ``transaction()``."""
    return bool(db.session().info.get("writing"))


def end_read() -> None:
    """End the read transaction that the session began by itself; do this before every network call."""
    if in_transaction():
        raise NestedTransaction("a network call may not be made inside transaction()")
    db.session.rollback()
    db.session.expire_all()  # what comes after the call has to see the present


@event.listens_for(Session, "before_flush")
def _refuse_stray_writes(session: Session, context: object, instances: object) -> None:
    if not session.info.get("writing"):
        raise WriteOutsideTransaction("rows change only inside transaction()")


def locked(model: type[ModelT], key: Any) -> ModelT | None:
    """
    Lock one row until the transaction ends and return it as it now is; the only way to lock a row.

    What was changed in the session is written before. Every action locks, so this goes past the session's own way of loading,
    which takes as long again as the question (docs/decisions/0010).
    """
    session = db.session()
    session.flush()
    question = _locking_one(model)
    found = question.statement.run(session, {"key": key})
    if not found:
        return None
    values = dict(zip(question.columns, found[0], strict=True))
    row: ModelT | None = session.identity_map.get(question.identity(values))
    if row is None:
        row = model(**values)
        make_transient_to_detached(row)  # as if it had been loaded
        session.add(row)
        return row
    if question.relationships:
        session.expire(row, question.relationships)
    for name, value in values.items():
        set_committed_value(row, name, value)
    return row


@dataclass(frozen=True, slots=True)
class _Locking:
    """The question that locks one row of a model, and what its answer holds."""

    statement: Prepared
    columns: list[str]
    relationships: list[str]
    identity: Callable[[dict[str, Any]], Any]


@cache
def _locking_one(model: type[Base]) -> _Locking:
    mapper: Mapper[Any] = inspect(model)
    (primary,) = mapper.primary_key
    key = mapper.get_property_by_column(primary).key
    columns = {each.key: each.columns[0] for each in mapper.column_attrs}
    wanted = select(*columns.values()).where(primary == bindparam("key"))
    return _Locking(
        statement=Prepared(locking(wanted)),
        columns=list(columns),
        relationships=list(mapper.relationships.keys()),
        identity=lambda values: mapper.identity_key_from_primary_key((values[key],)),
    )


def locked_rows(
    statement: Select[ModelT], *, skip_locked: bool = False, may_be_referred_to: bool = False
) -> list[ModelT]:
    """
    Lock the rows of *statement* in its order (give it one: it prevents deadlocks) and return them as they now are.

    With *may_be_referred_to* others may meanwhile store rows that refer to these, which their foreign keys ask for: right
    where the rows are never removed, and then to be said by everybody who locks them.
    """
    wanted = locking(statement, skip_locked=skip_locked, may_be_referred_to=may_be_referred_to)
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


def locking(
    statement: Select[ColumnT], *, skip_locked: bool = False, may_be_referred_to: bool = False
) -> Select[ColumnT]:
    """Let *statement* lock its rows as :func:`locked_rows` does: for one that is asked so often that it is made once."""
    return statement.with_for_update(skip_locked=skip_locked, key_share=may_be_referred_to)


def prefix_range(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """Return the condition that *column* begins with *prefix*, as a range that an index serves on both databases."""
    if not prefix:
        return column.is_not(None)
    return (column >= prefix) & (column < prefix[:-1] + chr(ord(prefix[-1]) + 1))


def in_box(
    column: InstrumentedAttribute[Any], west: float, south: float, east: float, north: float
) -> ColumnElement[bool]:
    """Return the condition that the geometry of *column* touches the box (degrees), served by the spatial index."""
    box = {"w": west, "s": south, "e": east, "n": north}
    if is_sqlite():
        return _in_index(column, box)
    envelope = func.ST_MakeEnvelope(west, south, east, north, SRID)
    return column.op("&&")(envelope)


def _in_index(column: InstrumentedAttribute[Any], box: dict[str, float]) -> ColumnElement[bool]:
    # SpatiaLite uses its R-tree only through the index table, and only if this stays a real IN.
    table, name = column.class_.__table__.name, column.key
    ids = text(
        f"SELECT pkid FROM idx_{table}_{name} "  # noqa: S608 - both names come from our own models
        "WHERE xmax >= :w AND xmin <= :e AND ymax >= :s AND ymin <= :n"
    ).bindparams(*(bindparam(key, value, unique=False) for key, value in box.items()))
    return literal_column(f"{table}.rowid").in_(ids.columns(literal_column("pkid")).scalar_subquery())


def within(column: InstrumentedAttribute[Any], area: Any) -> ColumnElement[bool]:
    """Return the condition that the point of *column* lies in *area* (a geometry expression, SRID 4490)."""
    return func.ST_Within(column, area) == (1 if is_sqlite() else True)


def metres(column: InstrumentedAttribute[Any], lng: float, lat: float) -> ColumnElement[float]:
    """Return the geodesic distance in metres from the point of *column* to (*lng*, *lat*)."""
    if is_sqlite():
        return func.ST_Distance(column, func.MakePoint(lng, lat, SRID), 1)
    geography = func.ST_SetSRID(func.ST_MakePoint(lng, lat), 4326).op("::")(literal_column("geography"))
    here = func.ST_SetSRID(column, 4326).op("::")(literal_column("geography"))
    return func.ST_Distance(here, geography)


def is_sqlite_engine(engine: Engine) -> bool:
    """Say whether *engine* speaks to the embedded database. For this package and migrations only."""
    return bool(engine.dialect.name == "sqlite")


def triggers_on(table: str) -> frozenset[str]:
    """Return the names of the triggers that stand on *table* and fire."""
    if is_sqlite():
        words = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name"
    else:
        words = (
            "SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:name AS regclass)"
            " AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
        )
    return frozenset(db.session.scalars(text(words), {"name": table}))


def database_answers() -> bool:
    """Say whether the database answers a trivial question just now."""
    try:
        with db.engine.connect() as connection:
            return connection.execute(select(1)).scalar() == 1
    except Exception:  # any fault of the database means "no" here
        return False
