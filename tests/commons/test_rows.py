"""Rows written past the flush: the same is stored, refused, undone and known afterwards as by a flush."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy
import pytest
from flask import Flask
from sqlalchemy import ForeignKey, delete, func, null, select, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from commons import clock
from commons.columns import UtcDateTime
from commons.db import db, locked, transaction
from commons.outbox import Job
from commons.rows import _shape, write_changes, write_new
from marketplace.orders.models import Order, OrderRefund, StockHold
from tests.make.orders import make_order
from tests.make.produce import make_product


class Word(enum.StrEnum):
    percent = "中%s"


class Number(enum.IntEnum):
    seven = 7


class Text(str):
    __slots__ = ()


ODD: list[tuple[str, Any]] = [
    *(("payload", value) for value in ({"a": math.nan}, {"a": "\ud800"}, {"a": "\x00"}, None, null(), "text")),
    *(("payload", value) for value in ([1, "%(x)s"], {1: 2}, {"a": Word.percent}, {"a": Decimal(1)})),
    *(("kind", value) for value in (Word.percent, Number.seven, Text("s"), 5, b"x", 1.5, True, None)),
    *(("kind", value) for value in ("a%%b%s:c", "\x00", "\ud800", "x" * 300, Decimal("1.5"), date(2026, 1, 1))),
    *(("attempts", value) for value in (Decimal(3), Decimal("3.5"), numpy.int64(4), numpy.float64(4), True)),
    *(("attempts", value) for value in ("5", Text("5"), 2**40, 2**70, Number.seven, 1.5)),
    *(("due_at", value) for value in (datetime(2026, 1, 1), date(2026, 1, 1), "2026-01-01", None)),  # noqa: DTZ001
    ("due_at", datetime(2026, 1, 1, 0, 0, 0, 123456, UTC)),
    ("last_error", numpy.str_("n")),
    ("last_error", ""),
    ("id", 77),
    ("id", "78"),
    ("id", None),
]  # fmt: skip


def job(**more: Any) -> Job:
    now = clock.now()
    told = {"kind": "a.b", "handler": "task", "payload": {"字": [1]}, "due_at": now, "created_at": now}
    return Job(**{name: value for name, value in (told | more).items() if value is not ...})


def flush(row: Job) -> None:
    db.session.add(row)
    db.session.flush()


class Undone(Exception):
    """What is looked at is not to stay."""


def seen_of(write: Callable[..., None], row: Job) -> object:
    """Say what stands in the database after *write*, or how it was refused."""
    words = (
        "SELECT kind, CAST(payload AS text), attempts, due_at, last_error FROM job ORDER BY id DESC LIMIT 1"
    )
    seen: object = None
    try:
        with transaction() as session:
            write(row)
            seen = session.connection().execute(text(words)).one()
            raise Undone
    except Undone:
        return seen
    except Exception as error:
        # The session wraps also what a type refuses; here it comes as it is.
        return type(error.orig if isinstance(error, StatementError) else error)


def test_a_new_row_is_stored_or_refused_as_by_a_flush_whatever_its_values(app: Flask, clock: object) -> None:
    for name, value in [*ODD, ("payload", ...), ("kind", ...), ("attempts", ...)]:
        row, other = job(**{name: value}), job(**{name: value})
        assert seen_of(write_new, row) == seen_of(flush, other), (name, ascii(value))


def test_a_change_is_stored_or_refused_as_by_a_flush_whatever_its_values(app: Flask, clock: object) -> None:
    with transaction():
        write_new(row := job(attempts=9))
    for name, value in ODD:
        for write in (write_changes, flush):

            def change(
                held: Job, write: Callable[..., None] = write, name: str = name, value: Any = value
            ) -> None:
                setattr(held, name, value)
                write(held)

            seen = seen_of(change, row)
            if write is write_changes:
                ours = seen
        assert ours == seen, (name, ascii(value))


def test_a_row_that_was_undone_with_a_savepoint_is_forgotten(app: Flask) -> None:
    with transaction() as session:
        with pytest.raises(Undone), session.begin_nested():
            write_new(row := job())
            number = row.id
            raise Undone
        assert row not in session
        assert session.get(Job, number) is None
        with session.begin_nested():
            write_new(kept := job())
    assert db.session.scalars(select(Job.id)).all() == [kept.id]


def test_a_change_that_was_undone_with_a_savepoint_is_read_anew(app: Flask) -> None:
    with transaction() as session:
        write_new(row := job())
        with pytest.raises(Undone), session.begin_nested():
            row.state = "done"
            write_changes(row)
            raise Undone
        assert row.state == "waiting"
        assert row in session


def test_a_number_is_used_again_while_the_row_that_was_undone_is_still_held(app: Flask) -> None:
    with pytest.raises(Undone), transaction():
        write_new(undone := job(kind="first"))
        raise Undone
    with transaction() as session:
        row = job(kind="second")
        write_new(row)
        assert session.get(Job, row.id) is row
    assert db.session.scalars(select(Job.kind)).all() == ["second"]
    del undone


def test_what_was_undone_is_not_found_again(app: Flask) -> None:
    with pytest.raises(Undone), transaction():
        write_new(undone := job())
        number = undone.id
        raise Undone
    assert db.session.get(Job, number) is None
    with transaction():
        assert locked(Job, number) is None


def test_a_relationship_in_a_new_row_is_left_to_the_flush(app: Flask) -> None:
    order = make_order()
    with transaction():
        refund = OrderRefund(
            order=locked(Order, order.id), line=order.lines[0], amount_fen=1, reason="x", state="asked",
            asked_at=clock.now(),
        )  # fmt: skip
        write_new(refund)
    db.session.expire_all()
    assert (refund.order_id, refund.line_id) == (order.id, order.lines[0].id)


def test_a_changed_relationship_is_left_to_the_flush(app: Flask) -> None:
    order, lot = make_order(), make_product(name="红薯").lots[0]
    with transaction():
        held = locked(Order, order.id)
        assert held is not None
        held.holds.append(more := StockHold(lot_id=lot.id, quantity=1, state="held"))
        held.parcel = "SF1"
        write_changes(held)
    db.session.expire_all()
    assert (held.parcel, more.order_id) == ("SF1", held.id)


def test_a_changed_row_that_is_gone_is_said(app: Flask) -> None:
    with transaction():
        write_new(row := job())
    with pytest.raises(StaleDataError), transaction() as session:
        held = locked(Job, row.id)
        assert held is not None
        session.connection().execute(delete(Job))
        held.state = "done"
        write_changes(held)


def test_what_was_set_to_what_it_was_is_not_written(app: Flask) -> None:
    with transaction():
        write_new(row := job())
    with transaction() as session:
        held = session.get_one(Job, row.id)
        session.connection().execute(update(Job).values(kind="theirs"))
        held.kind, held.state = "a.b", "done"
        write_changes(held)
    db.session.expire_all()
    assert (row.kind, row.state) == ("theirs", "done")


def test_a_row_of_which_nothing_is_known_is_changed_all_the_same(app: Flask) -> None:
    with transaction():
        write_new(row := job())
    with transaction():
        row.state = "done"  # everything of it is forgotten when a transaction begins
        write_changes(row)
    db.session.expire_all()
    assert row.state == "done"


def test_values_that_only_the_database_knows_are_refused_at_once() -> None:
    class Elsewhere(DeclarativeBase):
        pass

    class Stamped(Elsewhere):
        __tablename__ = "stamped"
        id: Mapped[int] = mapped_column(primary_key=True)
        at: Mapped[datetime] = mapped_column(UtcDateTime, server_default=func.now())

    class Touched(Elsewhere):
        __tablename__ = "touched"
        id: Mapped[int] = mapped_column(primary_key=True)
        by: Mapped[int | None] = mapped_column(ForeignKey("stamped.id"), onupdate=lambda: 1)

    for model in (Stamped, Touched):
        with pytest.raises(AssertionError, match=model.__name__):
            _shape(model)
