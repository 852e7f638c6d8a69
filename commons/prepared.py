"""
Statements that every payment and every order runs, handed to the driver as they are.

SQLAlchemy makes them, once: their words, their order of values, how each type is written and read. To execute one through it costs
on PostgreSQL as much processor time as the database takes to answer (docs/decisions/0010). For whatever is not run with every
payment or every order the session is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, Insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

Values = Mapping[str, Any]
Processor = Callable[[Any], Any]


class Prepared:
    """
    One statement, the same every time but for its values.

    *statement* is the statement, or makes it for a dialect where the two databases need different ones. *names* are the columns
    of an INSERT that are given with each call; a value bound by name (``bindparam``) needs no mention. Runs in the session's own
    transaction, and does not flush before: what it is to see has to be written already.
    """

    def __init__(
        self, statement: Executable | Callable[[Dialect], Executable], names: Iterable[str] = ()
    ) -> None:
        self._statement, self._names = statement, list(names)
        self._made: dict[type[Dialect], _Made] = {}

    def run(self, session: Session, values: Values | None = None) -> list[tuple[Any, ...]]:
        """
        Run it in *session* with *values* and return what it finds, or what RETURNING names; nothing else returns anything.

        Raises:
            DBAPIError: as the session would; no value stands in it.
        """
        connection = _connection_of(session)
        kind = type(connection.dialect)
        made = self._made.get(kind)
        if made is None:
            made = self._made[kind] = self._make(connection.dialect)
        return made.run(connection, values or {})

    def _make(self, dialect: Dialect) -> _Made:
        statement = self._statement
        if not isinstance(statement, Executable):
            statement = statement(dialect)
        return _Made(statement, self._names, dialect)


_MEMO, _CURSOR = "prepared_on", "prepared_cursor"


def _connection_of(session: Session) -> Connection:
    """Return the session's connection; it is asked once per transaction, since asking takes as long as a small statement."""
    known: tuple[object, Connection] | None = session.info.get(_MEMO)
    if known is not None and known[0] is _innermost(session):
        return known[1]
    connection = session.connection()
    session.info[_MEMO] = _innermost(session), connection
    return connection


def _innermost(session: Session) -> SessionTransaction | None:
    # A savepoint begins when the session is asked for its connection inside it, not before.
    return session.get_nested_transaction() or session.get_transaction()


class _Made:
    """A statement in the words of one database."""

    def __init__(self, statement: Executable, names: list[str], dialect: Dialect) -> None:
        if isinstance(statement, Insert):
            statement = statement.inline()  # nobody asks which number the row got
        compiled: Any = statement.compile(dialect=dialect, column_keys=names or None)  # type: ignore[attr-defined]
        self._words = str(compiled)
        self._always = {
            name: bound.effective_value for name, bound in compiled.binds.items() if not bound.required
        }
        self._order: list[str] | None = list(compiled.positiontup) if compiled.positional else None
        self._write = {
            name: write
            for name, bound in compiled.binds.items()
            if (write := bound.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        # How a value is read may depend on the type that the database gives it, so that is made with the first answer.
        self._types = [each.type.dialect_impl(dialect) for each in statement.exported_columns]  # type: ignore[attr-defined]
        self._read: list[tuple[int, Processor]] | None = None
        self._dialect = dialect

    def run(self, connection: Connection, values: Values) -> list[tuple[Any, ...]]:
        bound = {**self._always, **values}
        for name, write in self._write.items():
            bound[name] = write(bound[name])
        cursor = connection.info.get(_CURSOR)
        if cursor is None:  # one for each connection: to open one takes a third as long as to ask
            cursor = connection.info[_CURSOR] = connection.connection.cursor()
        try:
            cursor.execute(
                self._words, bound if self._order is None else [bound[name] for name in self._order]
            )
            if not self._types:
                return []
            rows = list(cursor.fetchall())
        except Exception as error:
            # Half read, it would keep SQLite's read open past the rollback.
            del connection.info[_CURSOR]
            cursor.close()
            raise self._as_the_session_would(error, connection) from error
        read = self._read if self._read is not None else self._readers(cursor.description)
        return [_as_python(row, read) for row in rows] if read else rows

    def _readers(self, description: Sequence[Any]) -> list[tuple[int, Processor]]:
        self._read = [
            (place, read)
            for place, (kind, told) in enumerate(zip(self._types, description, strict=True))
            if (read := kind.result_processor(self._dialect, told[1])) is not None
        ]
        return self._read

    def _as_the_session_would(self, error: Exception, connection: Connection) -> BaseException:
        dialect, base = connection.dialect, connection.dialect.loaded_dbapi.Error
        if not isinstance(error, base):
            return error
        is_dead = dialect.is_disconnect(error, connection.connection, None)
        if is_dead:
            connection.invalidate(error)  # the pool opens another
        return DBAPIError.instance(
            self._words, None, error, base,
            hide_parameters=True, connection_invalidated=is_dead, dialect=dialect,
        )  # fmt: skip


def _as_python(row: Sequence[Any], read: list[tuple[int, Processor]]) -> tuple[Any, ...]:
    cells = list(row)
    for place, as_python in read:
        cells[place] = as_python(cells[place])
    return tuple(cells)
