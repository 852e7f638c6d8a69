"""
Single rows written at once, past the session's unit of work.

A flush sorts and compares everything the session holds; for one row that takes two to three times as long as the database does to
store it (docs/decisions/0010). For the few rows that are written with every payment and every order. A row that was written here
is the session's like any other, and a later change of it may be left to the flush.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Table, bindparam, insert, inspect, null, update
from sqlalchemy.orm import Mapper, make_transient, make_transient_to_detached
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql.elements import NamedColumn

from commons.db import Base, WriteOutsideTransaction, db, in_transaction
from commons.prepared import Prepared


def write_new(*rows: Base) -> None:
    """
    Insert *rows* now, in this order; what they refer to has to be there.

    Only columns are written: rows that hang on one of them by a relationship are written by themselves. What is not so simple is
    left to a flush: a row of a savepoint, which the session has to forget if that is undone, or with a relationship in it.

    Raises:
        WriteOutsideTransaction: no ``transaction()`` stands around it.
        DBAPIError: as a flush would.
    """
    _insist_on_transaction()
    session = db.session()
    for row in rows:
        shape, written = _shape(type(row)), row.__dict__
        if session.in_nested_transaction() or not shape.not_new.isdisjoint(written):
            session.add(row)
            session.flush()  # this is what it is for
            continue
        found = shape.insert.run(session, _filled(row, shape))
        if found:
            ((number,),) = found
            setattr(row, shape.key, number)
        make_transient_to_detached(row)
        identity = inspect(row).key
        assert identity is not None
        if (undone := session.identity_map.get(identity)) is not None:
            session.expunge(undone)  # somebody still holds it, and SQLite gives its number out again
        session.add(row)


def _filled(row: Base, shape: _Shape) -> dict[str, Any]:
    """Give *row* its defaults and return what is written."""
    written = row.__dict__
    left_out = shape.columns.keys() - written.keys()
    for key in left_out:
        default = shape.defaults.get(key)
        setattr(row, key, default(None) if callable(default) else default)
    values = {column: written[key] for key, column in shape.columns.items()}
    return values | {shape.columns[key]: null() for key in left_out & shape.documents}


def write_changes(*rows: Base) -> None:
    """
    Write what changed in the columns of *rows*, which the session has, now; what is not so simple is left to a flush.

    Raises:
        WriteOutsideTransaction: no ``transaction()`` stands around it.
        StaleDataError: such a row is no longer there.
        DBAPIError: as a flush would.
    """
    _insist_on_transaction()
    session = db.session()
    for row in rows:
        shape, written, before = _shape(type(row)), row.__dict__, inspect(row).committed_state
        if (
            session.in_nested_transaction()
            or not shape.not_changed.isdisjoint(before)
            or shape.key not in written
        ):
            session.flush()  # this is what it is for
            continue
        changed = tuple(key for key in shape.all_columns if key in before and before[key] != written[key])
        if not changed:
            continue
        values = {f"new_{key}": written[key] for key in changed}
        if not _update(type(row), changed).run(session, {"the_key": written[shape.key], **values}):
            raise StaleDataError(f"a row of {type(row).__name__} is gone")
        # The way round by which what is in the row counts as what is stored; relationships stay loaded.
        make_transient(row)
        make_transient_to_detached(row)
        session.add(row)


def _insist_on_transaction() -> None:
    if not in_transaction():
        raise WriteOutsideTransaction("rows change only inside transaction()")


@dataclass(frozen=True, slots=True)
class _Shape:
    """
    How the rows of a model are written.

    *key* is the attribute of the primary key; *columns* are the attributes that are given when a row is inserted, and the names
    of their columns: all but a number that the database counts up. *documents* are those where None would be JSON's null, and
    only what was left out is none at all. What is in *not_new* or *not_changed* is for a flush.
    """

    key: str
    all_columns: tuple[str, ...]
    columns: dict[str, str]
    defaults: dict[str, Any]
    documents: frozenset[str]
    not_new: frozenset[str]
    not_changed: frozenset[str]
    insert: Prepared


@cache
def _shape(model: type[Base]) -> _Shape:
    mapper: Mapper[Any] = inspect(model)
    (primary,) = mapper.primary_key
    key = mapper.get_property_by_column(primary).key
    names = {attribute.key: attribute.columns[0] for attribute in mapper.column_attrs}
    assert all(map(_is_plain, names.values())), f"{model.__name__} has values that only the database knows"
    table = _table_of(mapper)
    counted = table.autoincrement_column
    given = {name: column.name for name, column in names.items() if column is not counted}
    defaults = {name: column.default.arg for name, column in names.items() if column.default is not None}
    related = frozenset(mapper.relationships.keys())
    statement = insert(table)
    return _Shape(
        key=key,
        all_columns=tuple(names),
        columns=given,
        defaults=defaults,
        documents=frozenset(
            name
            for name, column in names.items()
            if column.type.should_evaluate_none and name not in defaults
        ),
        not_new=related if counted is None else related | {key},
        not_changed=related | {key},
        insert=Prepared(statement if counted is None else statement.returning(counted), given.values()),
    )


def _table_of(mapper: Mapper[Any]) -> Table:
    table = mapper.local_table
    assert isinstance(table, Table), f"{mapper} maps no table"
    return table


def _is_plain(column: NamedColumn[Any]) -> bool:
    default = column.default
    is_known = column.server_default is None if default is None else default.is_scalar or default.is_callable
    return is_known and column.onupdate is None and column.server_onupdate is None


@cache
def _update(model: type[Base], changed: tuple[str, ...]) -> Prepared:
    mapper: Mapper[Any] = inspect(model)
    (primary,) = mapper.primary_key
    values: dict[Any, Any] = {mapper.column_attrs[key].columns[0]: bindparam(f"new_{key}") for key in changed}
    statement = update(_table_of(mapper)).where(primary == bindparam("the_key")).values(values)
    return Prepared(statement.returning(primary))  # what it returns says that the row was there
