"""Transactions: what they take, what they refuse, and that nothing is lost between two at once."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text

from commons import clock
from commons.db import (
    NestedTransaction,
    WriteOutsideTransaction,
    db,
    end_read,
    in_transaction,
    is_sqlite,
    locked,
    transaction,
)
from commons.marks import Mark


def make_mark(name: str, words: str = "0") -> None:
    with transaction() as session:
        session.add(Mark(name=name, words=words, set_at=clock.now()))


def count_marks() -> int:
    return db.session.scalar(select(func.count()).select_from(Mark)) or 0


def test_a_block_that_raises_leaves_nothing(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction() as session:
        session.add(Mark(name="half", set_at=clock.now()))
        session.flush()  # the row really reached the database before the block failed
        raise RuntimeError("stop")

    assert count_marks() == 0
    assert not in_transaction()


def test_savepoint_work_goes_with_its_transaction(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction() as session:
        with session.begin_nested():
            session.add(Mark(name="inner", set_at=clock.now()))
        raise RuntimeError("stop")

    assert count_marks() == 0


def test_one_inside_another_is_refused(app: Flask) -> None:
    with pytest.raises(NestedTransaction), transaction(), transaction():
        pass


def test_a_row_changed_outside_is_refused(app: Flask) -> None:
    db.session.add(Mark(name="stray", set_at=clock.now()))
    with pytest.raises(WriteOutsideTransaction):
        db.session.flush()
    db.session.rollback()


def test_changes_pending_before_the_block_are_refused(app: Flask) -> None:
    db.session.add(Mark(name="stray", set_at=clock.now()))
    with pytest.raises(WriteOutsideTransaction), transaction():
        pass
    db.session.rollback()


def test_no_network_call_stands_inside_a_transaction(app: Flask) -> None:
    with transaction(), pytest.raises(NestedTransaction):
        end_read()


def test_a_lock_shows_the_row_as_it_now_is(app: Flask) -> None:
    make_mark("counter", "1")
    stale = db.session.get(Mark, "counter")
    with db.engine.begin() as other:
        other.execute(text("UPDATE mark SET words = '2' WHERE name = 'counter'"))

    with transaction():
        fresh = locked(Mark, "counter")
        assert fresh is stale
        assert fresh is not None and fresh.words == "2"


def test_hundreds_of_sales_at_once_lose_none(app: Flask) -> None:
    make_mark("counter")

    def sell() -> None:
        with app.app_context():
            for _ in range(25):
                with transaction():
                    row = locked(Mark, "counter")
                    assert row is not None
                    row.words = str(int(row.words) + 1)
            db.session.remove()

    threads = [threading.Thread(target=sell) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert db.session.get_one(Mark, "counter", populate_existing=True).words == "200"


def test_a_reader_is_not_held_up_by_a_writer(app: Flask) -> None:
    make_mark("shown", "before")
    seen: list[str] = []

    def read() -> None:
        with app.app_context():
            seen.append(db.session.get_one(Mark, "shown").words)
            db.session.remove()

    with transaction():
        row = locked(Mark, "shown")
        assert row is not None
        row.words = "after"
        db.session.flush()  # the change is in the database, not yet committed
        reader = threading.Thread(target=read)
        reader.start()
        reader.join(timeout=25)

    assert seen == ["before"]


def test_postgresql_keeps_its_statements_prepared_over_a_rollback(app: Flask) -> None:
    if is_sqlite():
        return  # its driver and SQLAlchemy keep statements by themselves
    asked = select(Mark.name.label("planned")).where(Mark.name == "")
    kept = text(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT mark.name AS planned%'"
    )
    with db.engine.connect() as connection:
        for _ in range(12):
            connection.execute(asked)
            connection.rollback()
        seen = [connection.scalar(kept)]
        # What is altered may leave a statement wrong; then all are forgotten.
        connection.execute(text("CREATE TEMPORARY TABLE passing (id integer)"))
        connection.execute(text("DROP TABLE passing"))
        seen.append(connection.scalar(kept))
        connection.rollback()

    assert seen == [1, 0]


def test_a_rollback_undoes_what_was_written(app: Flask) -> None:
    with db.engine.connect() as connection:
        connection.execute(insert(Mark).values(name="undone", words="", set_at=clock.now()))
        connection.rollback()
        assert connection.scalar(select(func.count()).select_from(Mark)) == 0
