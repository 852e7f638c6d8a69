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

from sqlalchemy import bindparam, insert, inspect, update
from sqlalchemy.orm import Mapper, make_transient, make_transient_to_detached

from commons.db import Base, WriteOutsideTransaction, db, in_transaction
from commons.prepared import Prepared


def write_new(*rows: Base) -> None:
    """
    Insert *rows* now, in this order; what they refer to has to be there.

    Only columns are written: rows that hang on one of them by a relationship are written by themselves.

    Raises:
        WriteOutsideTransaction: no ``transaction()`` stands around it.
        DBAPIError: as a flush would.
    """
    _insist_on_transaction()
    for row in rows:
        shape, written = _shape(type(row)), row.__dict__
        for key in shape.columns.keys() - written.keys():
            default = shape.defaults.get(key)
            setattr(row, key, default(None) if callable(default) else default)
        found = shape.insert.run(
            db.session(), {column: written[key] for key, column in shape.columns.items()}
        )
        if found:
            ((number,),) = found
            setattr(row, shape.key, number)
        make_transient_to_detached(row)
        db.session.add(row)


def write_changes(*rows: Base) -> None:
    """
    Write what changed in the columns of *rows*, which the session has, now.

    Raises:
        WriteOutsideTransaction: no ``transaction()`` stands around it.
        DBAPIError: as a flush would.
    """
    _insist_on_transaction()
    for row in rows:
        shape, written = _shape(type(row)), row.__dict__
        changed = tuple(key for key in shape.all_columns if key in inspect(row).committed_state)
        if not changed:
            continue
        values = {f"new_{key}": written[key] for key in changed}
        _update(type(row), changed).run(db.session(), {"the_key": written[shape.key], **values})
        # The way round by which what is in the row counts as what is stored; relationships stay loaded.
        db.session.expunge(row)
        make_transient(row)
        make_transient_to_detached(row)
        db.session.add(row)


def _insist_on_transaction() -> None:
    if not in_transaction():
        raise WriteOutsideTransaction("rows change only inside transaction()")


@dataclass(frozen=True, slots=True)
class _Shape:
    """
    How the rows of a model are written.

    *key* is the attribute of the primary key; *columns* are the attributes that are given when a row is inserted, and the names
    of their columns: all but a number that the database counts up.
    """

    key: str
    all_columns: tuple[str, ...]
    columns: dict[str, str]
    defaults: dict[str, Any]
    insert: Prepared


@cache
def _shape(model: type[Base]) -> _Shape:
    mapper: Mapper[Any] = inspect(model)
    (primary,) = mapper.primary_key
    names = {attribute.key: attribute.columns[0] for attribute in mapper.column_attrs}
    counted = mapper.local_table.autoincrement_column  # type: ignore[attr-defined]
    given = {key: column.name for key, column in names.items() if column is not counted}
    statement = insert(mapper.local_table)  # type: ignore[arg-type]
    return _Shape(
        key=mapper.get_property_by_column(primary).key,
        all_columns=tuple(names),
        columns=given,
        defaults={key: column.default.arg for key, column in names.items() if column.default is not None},
        insert=Prepared(statement if counted is None else statement.returning(counted), given.values()),
    )


@cache
def _update(model: type[Base], changed: tuple[str, ...]) -> Prepared:
    mapper: Mapper[Any] = inspect(model)
    (primary,) = mapper.primary_key
    values: dict[Any, Any] = {mapper.column_attrs[key].columns[0]: bindparam(f"new_{key}") for key in changed}
    table = mapper.local_table
    return Prepared(update(table).where(primary == bindparam("the_key")).values(values))  # type: ignore[arg-type]
