"""
Work done later, written down in the same transaction as the fact it follows from.

A *task* (``noun.verb``) has exactly one handler, registered by ``@job``. A *fact* (``noun.past``) has any number of
listeners, registered by ``@listens``; each gets a row of its own, so that one failing never makes another run twice.
If the action rolls back, the row never existed. Delivery is at least once: a handler's docstring says why repeating it is
harmless. No telephone and no code belongs in a row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Dialect, Index, Insert, Integer, String, Text, func, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, mapped_column

from commons import audit, clock
from commons.columns import JSON, UtcDateTime
from commons.db import Base, WriteOutsideTransaction, db, in_transaction, locked
from commons.errors import Missing
from commons.prepared import Prepared

Handler = Callable[..., None]

TASKS: dict[str, Handler] = {}
LISTENERS: dict[str, dict[str, Handler]] = {}
TIMED: dict[str, Timed] = {}


@dataclass(frozen=True, slots=True)
class Timed:
    """A task that the clock asks for: every so often, counted from midnight in UTC plus *offset*."""

    kind: str
    every: timedelta
    offset: timedelta = timedelta(0)

    def latest_due(self, now: datetime) -> datetime:
        """Return the last moment, not after *now*, at which the task was due."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + self.offset
        if midnight > now:
            midnight -= timedelta(days=1)
        return midnight + ((now - midnight) // self.every) * self.every


class Job(Base):
    """One piece of work for one handler."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state_due_at", "state", "due_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    handler: Mapped[str] = mapped_column(String(160))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    unique_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")  # waiting, done, failed
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def job(
    kind: str, *, every: timedelta | None = None, offset: timedelta = timedelta(0)
) -> Callable[[Handler], Handler]:
    """Register the one handler of the task *kind*; with *every*, the clock asks for it too."""

    def register(handler: Handler) -> Handler:
        if kind in TASKS and TASKS[kind].__module__ != handler.__module__:
            raise RuntimeError(f"{kind} has a handler already")
        TASKS[kind] = handler
        if every is not None:
            TIMED[kind] = Timed(kind, every, offset)
        return handler

    return register


def listens(fact: str) -> Callable[[Handler], Handler]:
    """Register a listener of *fact*."""

    def register(handler: Handler) -> Handler:
        LISTENERS.setdefault(fact, {})[f"{handler.__module__}:{handler.__qualname__}"] = handler
        return handler

    return register


def enqueue(
    kind: str, *, due_at: datetime | None = None, unique_key: str | None = None, **payload: Any
) -> None:
    """
    Write the work *kind* into the current transaction, due at *due_at* (UTC, now when not given).

    With *unique_key* a second call changes nothing. A task without a handler raises ``KeyError``; a fact to which nobody
    listens leaves no row.
    """
    if not in_transaction():
        raise WriteOutsideTransaction("enqueue() belongs inside transaction()")
    names = list(LISTENERS.get(kind, ())) if kind not in TASKS else ["task"]
    if not names and kind not in LISTENERS and not _is_fact(kind):
        raise KeyError(f"no handler for {kind}")
    now = clock.now()
    for name in names:
        key = f"{unique_key}|{name}" if unique_key else None
        values = {
            "kind": kind, "handler": name, "payload": payload, "unique_key": key, "state": "waiting",
            "due_at": due_at or now, "attempts": 0, "created_at": now,
        }  # fmt: skip
        _WRITE_DOWN.run(db.session(), values)


def _insert_once(dialect: Dialect) -> Insert:
    made = (sqlite_insert if dialect.name == "sqlite" else pg_insert)(Job)
    return made.on_conflict_do_nothing(index_elements=["unique_key"])


_WRITE_DOWN = Prepared(
    _insert_once,
    ("kind", "handler", "payload", "unique_key", "state", "due_at", "attempts", "created_at"),
)


def _is_fact(kind: str) -> bool:
    return kind.rsplit(".", 1)[-1].endswith(("ed", "en", "wn", "aid", "ent", "old", "ost"))


def handler_of(kind: str, name: str) -> Handler:
    """Return the function that does the work of a row of this kind and handler; ``KeyError`` if this version has none."""
    return TASKS[kind] if name == "task" else LISTENERS[kind][name]


def failed_jobs(limit: int = 50) -> list[Job]:
    """Return the jobs that were given up, newest first, for the operator's page."""
    statement = select(Job).where(Job.state == "failed").order_by(Job.id.desc()).limit(limit)
    return list(db.session.scalars(statement))


def failed_count() -> int:
    """Return how many jobs were given up."""
    return db.session.scalar(select(func.count()).where(Job.state == "failed")) or 0


def run_again(job_id: int) -> None:
    """
    Give a job that was given up all its attempts anew, from now on. Runs inside ``transaction()``.

    Raises:
        Missing: there is no such job, or it was not given up.
    """
    row = locked(Job, job_id)
    if row is None or row.state != "failed":
        raise Missing()
    row.state, row.attempts, row.due_at = "waiting", 0, clock.now()
    audit.record("run-job-again", subject=f"job:{job_id}", kind=row.kind)


def tick(now: datetime | None = None) -> None:
    """Write down every timed task that has come due, once per task and due time. Runs inside ``transaction()``."""
    moment = now or clock.now()
    for timed in TIMED.values():
        due = timed.latest_due(moment)
        enqueue(timed.kind, unique_key=f"{timed.kind}@{due.isoformat()}")
