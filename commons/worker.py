"""Does the work of the outbox: claim in a short transaction, run without one, finish in a third."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy import String, bindparam, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from commons import clock
from commons.columns import UtcDateTime
from commons.db import Base, db, locked, locking, transaction
from commons.logs import words_of
from commons.outbox import Job, handler_of, job, tick
from commons.prepared import Prepared

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
WAITS = [timedelta(seconds=s) for s in (5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)]
KEEP_DONE = timedelta(days=7)

# Every job is claimed, read and finished, so all three are made once.
JOBS = Base.metadata.tables[Job.__tablename__]
DUE = Prepared(
    locking(
        select(JOBS.c.id)
        .where(JOBS.c.state == "waiting", JOBS.c.due_at <= bindparam("now"))
        .where(or_(JOBS.c.leased_until.is_(None), JOBS.c.leased_until < bindparam("now")))
        .order_by(JOBS.c.due_at, JOBS.c.id)
        .limit(bindparam("most")),
        skip_locked=True,
    )
)
WANTED = Prepared(
    select(JOBS.c.kind, JOBS.c.handler, JOBS.c.payload, JOBS.c.state).where(JOBS.c.id == bindparam("number"))
)
DONE = Prepared(
    JOBS.update()
    .where(JOBS.c.id == bindparam("number"))
    .values(state="done", done_at=bindparam("now"), leased_until=None, last_error=None)
)


class WorkerHeartbeat(Base):
    """When a worker last said that it lives; ``/healthz`` shows its age."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def claim(limit: int = 10) -> list[int]:
    """Lease up to *limit* due jobs to this worker and return their ids. Opens its own transaction."""
    now = clock.now()
    with transaction():
        ids = [number for (number,) in DUE.run(db.session(), {"now": now, "most": limit})]
        if ids:
            leased = {"leased_until": now + LEASE, "attempts": JOBS.c.attempts + 1}
            db.session.execute(JOBS.update().where(JOBS.c.id.in_(ids)).values(leased))
        return ids


def run_one(job_id: int) -> bool:
    """Run one claimed job and write down how it ended; return whether it went well."""
    found = WANTED.run(db.session(), {"number": job_id})
    db.session.rollback()
    kind, name, payload, state = found[0] if found else ("", "", {}, "gone")
    if state != "waiting":
        return False
    handler_error = None
    try:
        handler_of(kind, name)(**payload)
    except Exception as error:
        db.session.rollback()
        handler_error = words_of(error)[:2000]
        log.exception("job_failed", kind=kind, job_id=job_id)
    finish(job_id, handler_error)
    return handler_error is None


def finish(job_id: int, error: str | None) -> None:
    """Mark the job done, or set its next attempt; after the last attempt it stays, marked as failed."""
    now = clock.now()
    with transaction():
        if error is None:
            DONE.run(db.session(), {"number": job_id, "now": now})
            return
        row = locked(Job, job_id)
        if row is None:
            return
        row.leased_until = None
        row.last_error = error
        if row.attempts > len(WAITS):
            row.state = "failed"
        else:
            row.due_at = now + WAITS[row.attempts - 1]


def run_due(limit: int = 1000) -> int:
    """Run everything that is due now, and what that work makes due at once; return how many jobs ran."""
    ran = 0
    while ran < limit and (ids := claim()):
        for job_id in ids:
            run_one(job_id)
            ran += 1
    return ran


def beat(name: str = "worker") -> None:
    """Say that the worker lives, and let the clock ask for its timed tasks."""
    with transaction() as session:
        row = session.get(WorkerHeartbeat, name)
        if row is None:
            session.add(WorkerHeartbeat(name=name, at=clock.now()))
        else:
            row.at = clock.now()
        tick()


@job("job.forget", every=timedelta(days=1), offset=timedelta(hours=18))
def forget_done() -> None:
    """Remove jobs that were done more than a week ago; what was given up stays. Safe to repeat: what is gone is gone."""
    with transaction() as session:
        session.execute(delete(Job).where(Job.state == "done", Job.done_at < clock.now() - KEEP_DONE))


def worker_age_seconds() -> float | None:
    """Return for how many seconds no worker has said anything; None if none ever did."""
    last = db.session.scalar(select(WorkerHeartbeat.at).order_by(WorkerHeartbeat.at.desc()).limit(1))
    return None if last is None else (clock.now() - last).total_seconds()


def work(app: Flask, stop: threading.Event, *, pause: float = 0.5) -> None:
    """Work until *stop* is set; a fault of the database is waited out, never fatal."""
    next_beat = 0.0
    while not stop.is_set():
        try:
            with app.app_context():
                try:
                    if time.monotonic() >= next_beat:
                        beat()
                        next_beat = time.monotonic() + 10
                    ran = run_due(limit=50)
                finally:
                    db.session.remove()
        except Exception:  # a connection that died may say so only as it is given back
            log.exception("worker_stumbled")
            ran = 0
            stop.wait(2)
        if not ran:
            stop.wait(pause)
