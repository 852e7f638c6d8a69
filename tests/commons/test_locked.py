"""One locked row is what the session would have loaded, whatever the session knew of it before."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, inspect, select, text
from sqlalchemy.orm import Session, load_only

from commons import clock
from commons.db import Base, db, locked, transaction
from commons.marks import Mark
from commons.outbox import Job
from marketplace.orders.models import Order, OrderLine
from marketplace.payments.models import PaymentIntent
from marketplace.produce.models import Lot
from tests.make.doors import make_door, make_grid
from tests.make.orders import make_order
from tests.make.produce import make_product
from village.doors.models import Door
from village.grids.models import Grid


def mark(name: str) -> Mark:
    return Mark(name=name, words="0", set_at=clock.now())


def columns_of(row: Base) -> dict[str, Any]:
    """What stands in *row*; a geometry by its bytes."""
    return {
        each.key: str(getattr(value, "data", value))
        for each in inspect(type(row)).column_attrs
        for value in [getattr(row, each.key)]
    }


def test_it_has_the_values_that_the_session_would_load(app: Flask) -> None:
    order = make_order()
    lot, door, grid = make_product().lots[0], make_door(), make_grid(around=(30.5, 113.5))
    keys = {Order: order.id, PaymentIntent: order.payment_id, Lot: lot.id, Door: door.id, Grid: grid.id}
    del order, lot, door, grid
    db.session.remove()
    for model, key in keys.items():
        with transaction():
            held = locked(model, key)
            assert held is not None
            ours, state = columns_of(held), inspect(held)
            assert state.persistent and not state.modified and not state.expired_attributes & ours.keys()
        with Session(db.engine) as another:
            assert ours == columns_of(another.get_one(model, key))


def test_a_row_that_waits_to_be_written_or_removed_is_so_before(app: Flask) -> None:
    with transaction() as session:
        session.add(row := mark("new"))
        assert locked(Mark, "new") is row
        session.delete(row)
        assert locked(Mark, "new") is None


def test_a_row_that_somebody_removed_is_not_there(app: Flask) -> None:
    with transaction() as session:
        session.add(mark("gone"))
    held = db.session.get_one(Mark, "gone")
    db.session.rollback()
    with db.engine.begin() as other:
        other.execute(text("DELETE FROM mark"))
    with transaction() as session:
        assert locked(Mark, "gone") is None
        assert session.get(Mark, "gone") is None
    assert held is not None


def test_what_was_known_in_part_is_known_whole(app: Flask) -> None:
    with transaction() as session:
        session.add(mark("part"))
    db.session.expunge_all()
    with transaction() as session:
        row = session.scalars(select(Mark).options(load_only(Mark.words))).one()
        assert locked(Mark, "part") is row
        assert {"name", "words", "set_at"} <= row.__dict__.keys()


def test_what_hangs_on_it_is_asked_anew_and_what_was_changed_is_written_before(app: Flask) -> None:
    order = make_order()
    with transaction() as session:
        held = session.get_one(Order, order.id)
        ((line,), before) = held.lines, held.lines[0].name
        session.connection().execute(delete(OrderLine))
        assert held.lines == [line] and before
        assert locked(Order, order.id) is held
        assert held.lines == []


@pytest.mark.parametrize("key", [None, 10**6])
def test_no_row_is_none(app: Flask, key: object) -> None:
    with transaction():
        assert locked(Job, key) is None
