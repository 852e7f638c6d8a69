"""Jobs: written with the fact, run at least once, given up visibly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from commons import outbox, worker
from commons.clock import FrozenClock
from commons.db import WriteOutsideTransaction, db, transaction
from commons.outbox import Job, enqueue, job, listens, tick

DONE: list[str] = []


@pytest.fixture(autouse=True)
def handlers(app: Flask) -> Iterator[None]:
    """Handlers of this file alone, taken away again afterwards; those of the application have to be known before."""
    tables: tuple[dict[str, Any], ...] = (outbox.TASKS, outbox.LISTENERS, outbox.TIMED)
    before = [dict(table) for table in tables]
    DONE.clear()

    @job("bell.ring")
    def ring(name: str) -> None:
        """Safe to repeat: a bell rung twice is a bell rung."""
        DONE.append(f"ring {name}")

    @job("bell.break")
    def break_it() -> None:
        """Safe to repeat: it never succeeds."""
        raise ValueError("no clapper")

    @listens("bell.rung")
    def hear(name: str) -> None:
        """Safe to repeat."""
        DONE.append(f"hear {name}")

    @listens("bell.rung")
    def fail_to_hear(name: str) -> None:
        """Safe to repeat."""
        raise ValueError("deaf")

    yield
    for table, kept in zip(tables, before, strict=True):
        table.clear()
        table.update(kept)


def jobs(kind: str) -> list[Job]:
    db.session.rollback()
    return list(db.session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id)))


def test_a_job_of_an_action_that_failed_never_existed(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        enqueue("bell.ring", name="a")
        raise RuntimeError("stop")

    assert jobs("bell.ring") == []


def test_a_job_outside_a_transaction_is_refused(app: Flask) -> None:
    with pytest.raises(WriteOutsideTransaction):
        enqueue("bell.ring", name="a")


def test_an_unknown_task_is_a_programming_error(app: Flask) -> None:
    with pytest.raises(KeyError), transaction():
        enqueue("bell.polish", name="a")


def test_the_same_key_is_written_once(app: Flask) -> None:
    with transaction():
        enqueue("bell.ring", name="a", unique_key="one")
        enqueue("bell.ring", name="a", unique_key="one")

    assert worker.run_due() == 1
    assert DONE == ["ring a"]


def test_a_job_waits_until_it_is_due(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        enqueue("bell.ring", name="later", due_at=clock.at + timedelta(minutes=5))

    assert worker.run_due() == 0
    clock.move(minutes=5)
    assert worker.run_due() == 1


def test_a_failing_listener_does_not_make_another_run_twice(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        enqueue("bell.rung", name="a")
    worker.run_due()
    clock.move(hours=1)
    worker.run_due()

    assert DONE == ["hear a"]
    assert sorted(row.attempts for row in jobs("bell.rung")) == [1, 2]


def test_a_job_that_never_succeeds_is_kept_and_marked(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        enqueue("bell.break")
    for _ in range(len(worker.WAITS) + 1):
        worker.run_due()
        clock.move(days=2)

    (row,) = jobs("bell.break")
    assert row.state == "failed"
    assert row.last_error == "ValueError"
    assert [given_up.id for given_up in outbox.failed_jobs()] == [row.id]


def test_done_work_is_forgotten_after_a_week_by_the_worker_itself(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        enqueue("bell.ring", name="a")
        enqueue("bell.break")
    worker.run_due()
    clock.move(days=6)
    assert "job.forget" in outbox.TIMED
    outbox.TASKS["job.forget"]()
    assert [row.state for row in jobs("bell.ring")] == ["done"]

    clock.move(days=1, hours=1)
    worker.beat()
    worker.run_due()
    assert jobs("bell.ring") == []
    assert [row.state for row in jobs("bell.break")] == ["waiting"]  # whatever is not done stays


def test_a_worker_that_dies_lets_its_lease_end(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        enqueue("bell.ring", name="a")
    assert len(worker.claim()) == 1  # and then the worker is gone

    assert worker.run_due() == 0
    clock.move(minutes=3)
    assert worker.run_due() == 1
    assert DONE == ["ring a"]


def test_a_timed_task_is_asked_for_once_per_due_time(app: Flask, clock: FrozenClock) -> None:
    outbox.TIMED.clear()
    job("bell.ring", every=timedelta(minutes=10))(outbox.TASKS["bell.ring"])
    for _ in range(3):
        with transaction():
            tick()
        clock.move(minutes=6)

    assert len(jobs("bell.ring")) == 2
