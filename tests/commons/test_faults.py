"""What goes wrong with a connection while it is used: it is said as the session says it, and the next action works."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import (
    Integer,
    String,
    bindparam,
    column,
    create_engine,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError, NotSupportedError, OperationalError
from sqlalchemy.pool import NullPool

from commons import clock, worker
from commons.db import db, is_sqlite, locked, lone_driver, transaction
from commons.marks import Mark
from commons.prepared import Prepared
from commons.rows import write_new

PASSING = table("passing", column("id", Integer), column("words", String))
ASKED = Prepared(select(Mark.words).where(Mark.name == bindparam("name")))


def make_mark(name: str) -> None:
    with transaction():
        write_new(Mark(name=name, words="0", set_at=clock.now()))


def count_marks() -> int:
    return db.session.scalar(select(func.count()).select_from(Mark)) or 0


def test_a_changed_column_breaks_a_prepared_statement_once_and_an_added_one_never(app: Flask) -> None:
    if is_sqlite():
        return  # it makes a statement anew by itself
    asked = Prepared(select(PASSING.c.words).where(PASSING.c.id == bindparam("id")))
    elsewhere = create_engine(db.engine.url, poolclass=NullPool)
    db.engine.dispose()  # so that all is asked on one connection

    def change(*statements: str) -> None:
        with elsewhere.begin() as other:
            for words in statements:
                other.execute(text(words))

    change(
        "CREATE TABLE passing (id integer, words varchar(5))",
        "INSERT INTO passing VALUES (1, 'a')",
    )
    try:
        for words in (
            "ADD COLUMN more text NOT NULL DEFAULT ''",
            "DROP COLUMN more",
            "ALTER COLUMN words TYPE varchar(50)",
        ):
            for _ in range(12):
                assert _asked_alone(asked) == [("a",)]
            change(f"ALTER TABLE passing {words}")
            if "TYPE" in words:
                with pytest.raises(NotSupportedError, match="cached plan"):
                    _asked_alone(asked)
            assert _asked_alone(asked) == [("a",)]
        change("DROP TABLE passing", "CREATE TABLE passing (id integer, words varchar(50))")
        assert _asked_alone(asked) == []
    finally:
        change("DROP TABLE passing")


def _asked_alone(asked: Prepared) -> list[tuple[object, ...]]:
    try:
        return asked.run(db.session(), {"id": 1})
    finally:
        db.session.rollback()


def ask_the_session() -> None:
    db.session.scalars(select(Mark.words).where(Mark.name == "")).all()


def ask_past_it() -> None:
    ASKED.run(db.session(), {"name": ""})


def cut_off() -> None:
    """Let the server end the session's connection, as a restart of it would."""
    number = db.session.scalar(select(func.pg_backend_pid()))
    with db.engine.connect() as other:
        assert other.scalar(select(func.pg_terminate_backend(number, 10_000)))


@pytest.mark.parametrize("ask", [ask_the_session, ask_past_it])
def test_a_connection_that_dies_is_said_and_replaced(app: Flask, ask: Callable[[], None]) -> None:
    if is_sqlite():
        return  # it has no server
    for moment in ("before it is used", "in a transaction", "at its commit", "at its rollback"):
        with pytest.raises(OperationalError) as said:
            if moment == "before it is used":
                ask()
                cut_off()
                ask()
            with transaction():
                ask()
                cut_off()
                if moment == "in a transaction":
                    ask()
                if moment == "at its rollback":
                    raise RuntimeError("stop")
        assert said.value.connection_invalidated, moment
        db.session.rollback()
        make_mark(moment)
        ask()
    assert count_marks() == 4


class NoTime(threading.Event):
    """An end that nobody waits for."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_worker_outlives_a_connection_that_dies_in_its_hands(
    app: Flask, monkeypatch: pytest.MonkeyPatch, is_noticed: bool
) -> None:
    if is_sqlite():
        return  # it has no server
    stop, rounds = NoTime(), []

    def one_round(limit: int) -> int:
        ask_the_session()
        rounds.append(limit)
        if len(rounds) > 1:
            stop.set()
            return 0
        cut_off()
        if is_noticed:
            ask_the_session()
        return 1

    monkeypatch.setattr(worker, "run_due", one_round)
    worker.work(app, stop)

    assert len(rounds) == 2
    make_mark("and the next action works")


def test_two_that_lock_crosswise_leave_one_that_can_try_again(app: Flask) -> None:
    if is_sqlite():
        return  # only one writes at a time
    make_mark("left")
    make_mark("right")
    both, ended = threading.Barrier(2), []

    def lock(first: str, second: str) -> None:
        with app.app_context():
            try:
                with transaction() as session:
                    write_new(Mark(name=f"by {first}", words="", set_at=clock.now()))
                    assert locked(Mark, first)
                    both.wait(60)
                    assert locked(Mark, second)
                ended.append("done")
            except OperationalError as error:
                ended.append(type(error.orig).__name__)
                assert not error.connection_invalidated
                assert session.get(Mark, f"by {first}") is None
                make_mark("again")  # and the connection is as good as before
            finally:
                db.session.remove()

    threads = [threading.Thread(target=lock, args=names) for names in (("left", "right"), ("right", "left"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ended) == ["DeadlockDetected", "done"]
    assert count_marks() == 4


def test_an_answer_that_cannot_be_read_leaves_no_read_open(app: Flask) -> None:
    if not is_sqlite():
        return  # it refuses such text when it is stored
    unreadable = Prepared(select(literal_column("CAST(x'ff' AS text)", String), Mark.name))
    db.engine.dispose()  # so that all is asked on one connection
    make_mark("first")
    make_mark("second")
    with pytest.raises(OperationalError, match="UTF-8"):
        unreadable.run(db.session())
    db.session.rollback()
    elsewhere = lone_driver(db.engine)
    elsewhere.execute("INSERT INTO mark VALUES ('third', '', '2026-01-01')")
    elsewhere.close()
    assert count_marks() == 3


def test_an_error_leaves_its_cursor_behind(app: Flask) -> None:
    broken = Prepared(select(literal_column("nothing", String)))
    for _ in range(3):
        with pytest.raises(DBAPIError), transaction() as session:
            broken.run(session)
        ask_past_it()
        db.session.rollback()


def test_no_cursor_outlives_its_connection(app: Flask) -> None:
    db.engine.dispose()  # so that all is asked on one connection
    for take_away in (lambda: lone_driver(db.engine).close(), db.engine.dispose):
        ask_past_it()
        db.session.rollback()
        take_away()
        ask_past_it()
        db.session.rollback()


def test_threads_that_make_the_same_statement_at_once_do_not_disturb_each_other(app: Flask) -> None:
    make_mark("a")
    asked = Prepared(select(Mark.words, Mark.set_at).where(Mark.name == bindparam("name")))
    start, seen = threading.Barrier(8), list[tuple[object, ...]]()

    def ask() -> None:
        with app.app_context():
            start.wait(60)
            seen.extend(asked.run(db.session(), {"name": "a"}))
            db.session.remove()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 8 and len(set(seen)) == 1
