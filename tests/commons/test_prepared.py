"""Statements past the session's own way: they write and read what the session would, and refuse what it would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, StatementError

from commons import clock
from commons.db import WriteOutsideTransaction, db, locked, transaction
from commons.marks import Mark
from commons.outbox import Job
from commons.prepared import Prepared
from commons.rows import write_changes, write_new

MADE = Prepared(insert(Mark), ("name", "words", "set_at"))
ASKED = Prepared(select(Mark.words, Mark.set_at).where(Mark.name == bindparam("name")))
BEIJING = datetime(2026, 11, 27, 8, 0, tzinfo=timezone(timedelta(hours=8)))


def mark(name: str, words: str = "a") -> dict[str, Any]:
    return {"name": name, "words": words, "set_at": BEIJING}


def job(**more: Any) -> Job:
    told = {
        "kind": "a.b",
        "handler": "task",
        "payload": {"字": [1]},
        "due_at": BEIJING,
        "created_at": BEIJING,
    }
    return Job(**told | more)


def test_values_go_in_and_come_back_as_the_models_types_say(app: Flask) -> None:
    with transaction() as session:
        MADE.run(session, mark("one", "两\x00"[:1]))
        assert ASKED.run(session, {"name": "one"}) == [("两", datetime(2026, 11, 27, tzinfo=UTC))]
        assert ASKED.run(session, {"name": "two"}) == []
    assert db.session.get_one(Mark, "one").set_at == BEIJING


def test_a_moment_without_a_zone_is_refused_as_by_the_session(app: Flask) -> None:
    naive = mark("one") | {"set_at": datetime(2026, 1, 1)}  # noqa: DTZ001 - what is to be refused
    with pytest.raises(ValueError, match="time zone"), transaction() as session:
        MADE.run(session, naive)


def test_what_it_wrote_is_undone_with_its_transaction(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction() as session:
        MADE.run(session, mark("gone"))
        raise RuntimeError
    assert db.session.get(Mark, "gone") is None


def test_a_broken_rule_is_the_sessions_error_without_any_value(app: Flask) -> None:
    with transaction() as session:
        MADE.run(session, mark("twice", "geheim"))
    with pytest.raises(IntegrityError) as refused, transaction() as session:
        MADE.run(session, mark("twice", "geheim"))
    assert "geheim" not in str(refused.value).replace("(twice)", "")
    with transaction() as session:  # and the connection is as good as before
        assert len(ASKED.run(session, {"name": "twice"})) == 1


def test_constants_of_a_statement_are_said_also_where_they_are_nothing(app: Flask) -> None:
    emptied = Prepared(
        update(Job).where(Job.id == bindparam("number")).values(state="done", leased_until=None, attempts=7)
    )
    with transaction():
        row = job(leased_until=BEIJING, state="waiting")
        write_new(row)
    with transaction() as session:
        emptied.run(session, {"number": row.id})
    db.session.refresh(row)
    assert (row.state, row.leased_until, row.attempts) == ("done", None, 7)


def test_a_savepoint_that_is_undone_takes_it_along(app: Flask) -> None:
    with transaction() as session:
        MADE.run(session, mark("kept"))
        with pytest.raises(RuntimeError), session.begin_nested():
            MADE.run(session, mark("undone"))
            raise RuntimeError
        MADE.run(session, mark("after"))
    assert set(db.session.scalars(select(Mark.name))) >= {"kept", "after"}
    assert db.session.get(Mark, "undone") is None


def test_a_new_row_gets_its_number_and_its_models_defaults_and_is_the_sessions(app: Flask) -> None:
    with transaction() as session:
        row, other = job(), job(payload={})
        write_new(row, other)
        assert row in session and not session.dirty and not session.new
        assert row.id and other.id and row.id != other.id
        assert (row.state, row.attempts, row.unique_key, row.last_error) == ("waiting", 0, None, None)
        assert session.get(Job, row.id) is row
        row.last_error = "左给 flush"
    db.session.expire_all()
    assert (row.payload, row.last_error, row.due_at) == ({"字": [1]}, "左给 flush", BEIJING)


def test_changes_are_written_at_once_and_only_they(app: Flask) -> None:
    with transaction():
        row = job()
        write_new(row)
    with transaction() as session:
        held = locked(Job, row.id)
        assert held is row
        row.state, row.done_at, row.attempts = "done", clock.now(), row.attempts
        write_changes(row)
        assert row in session and not session.dirty
        assert session.execute(select(Job.state).where(Job.id == row.id)).scalar() == "done"
        write_changes(row)  # nothing is left to be written
    db.session.expire_all()
    assert row.state == "done" and row.payload == {"字": [1]}


def test_outside_a_transaction_nothing_is_written(app: Flask) -> None:
    for write in (write_new, write_changes):
        with pytest.raises(WriteOutsideTransaction):
            write(job())


def test_locking_writes_what_was_changed_before_and_reads_what_is_there(app: Flask) -> None:
    with transaction():
        row = job()
        write_new(row)
    with transaction() as session:
        mine = session.get_one(Job, row.id)
        mine.state = "failed"
        assert locked(Job, row.id) is mine and mine.state == "failed"
        session.execute(update(Job).values(state="done").execution_options(synchronize_session=False))
        assert mine.state == "failed"
        assert locked(Job, row.id) is mine and mine.state == "done"
        assert not session.dirty
        assert locked(Job, row.id + 1) is None


def test_a_key_of_another_type_is_refused_or_finds_nothing(app: Flask) -> None:
    with transaction():
        row = job()
        write_new(row)
    try:
        with transaction():
            found = locked(Job, str(row.id))
            assert found is None or found is row
    except StatementError:
        pass
