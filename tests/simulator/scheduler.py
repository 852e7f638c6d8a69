"""Greenlets instead of processes: one runs at a time, and who is next is drawn from the seed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from flask import Flask
from greenlet import GreenletExit, getcurrent, greenlet
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from commons import clock
from commons.db import _begin_sqlite, db, end_read
from commons.errors import Missing, Refusal


class Point(StrEnum):
    """Where a process can be interrupted. At *commit* it holds locks, so it can die there but not give way."""

    begin = "begin"
    commit = "commit"
    committed = "committed"
    asks = "asks"
    answered = "answered"
    waits = "waits"


@dataclass(eq=False)
class Task:
    """One process, as far as this simulation goes: a request, a worker's job, somebody's walk through the pages."""

    name: str
    wakes_at: datetime
    line: greenlet = field(default_factory=greenlet)
    connection: Any = None
    is_dead: bool = False
    error: BaseException | None = None
    refusals: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.is_dead or self.line.dead


class Scheduler:
    """
    Starts tasks, lets one take one step, and kills one where it stands.

    *crashes* decides at every point whether the task dies there. *trace* is the course of events, step by step: two runs of one seed
    must have the same.
    """

    def __init__(self, app: Flask, crashes: Callable[[Task, Point], bool]) -> None:
        self._app = app
        self._crashes = crashes
        self._hub = getcurrent()
        self._current: Task | None = None
        self.tasks: list[Task] = []
        self.trace: list[str] = []

    # -- what happens inside a task ---------------------------------------------------------------------

    def point(self, point: Point, words: str = "") -> None:
        """Give way here. Outside a task (building the ground, checking the end) nothing happens."""
        task = self._current
        if task is None:
            return
        if task.is_dead:  # it is only being swept up: it does nothing more
            raise GreenletExit
        self.trace.append(f"{task.name} {point}{' ' if words else ''}{words}")
        self._hub.switch(point)

    def wait(self, at: datetime) -> None:
        """Do nothing before *at* on our clock."""
        end_read()
        assert self._current is not None
        self._current.wakes_at = at
        self.point(Point.waits)

    # -- what the world does with tasks --------------------------------------------------------------------

    def spawn(self, name: str, deed: Callable[[], object]) -> Task:
        """Start a task; it takes its first step when it is drawn."""
        task = Task(name, clock.now())
        task.line = greenlet(partial(self._live, task, deed), self._hub)
        self.tasks.append(task)
        self.trace.append(f"+ {name}")
        return task

    def _live(self, task: Task, deed: Callable[[], object]) -> None:
        with self._app.app_context():
            try:
                deed()
            except (Refusal, Missing) as refusal:
                task.refusals.append(f"{type(refusal).__name__}")
                self.trace.append(f"{task.name} refused {type(refusal).__name__}")
            except GreenletExit:
                raise
            except BaseException as error:
                task.error = error
                self.trace.append(f"{task.name} failed {type(error).__name__}")
            finally:
                db.session.remove()

    def ready(self) -> list[Task]:
        """Return who could take a step now."""
        now = clock.now()
        self.tasks = [task for task in self.tasks if not task.line.dead]
        return [task for task in self.tasks if not task.is_dead and task.wakes_at <= now]

    def sleepers(self) -> list[Task]:
        """Return who waits for a later moment."""
        return [task for task in self.tasks if not task.is_over]

    def step(self, task: Task) -> None:
        """Let *task* run to its next point, and die there if the dice say so."""
        self._current = task
        told = task.line.switch()
        while told is not None:
            point = Point(told)
            if self._crashes(task, point):
                self._kill(task, point)
                break
            if point is not Point.commit:
                break
            told = task.line.switch()
        self._current = None
        if task.error is not None:
            raise task.error

    def _kill(self, task: Task, point: Point) -> None:
        """What a killed process leaves to the database: an open connection, whose work the server throws away."""
        task.is_dead = True
        self.trace.append(f"{task.name} dies at {point}")
        if point is Point.commit:
            task.connection.rollback()

    def sweep_up(self) -> None:
        """Let go of dead and unfinished tasks, so that their connections can be used again."""
        for task in self.tasks:
            task.is_dead = True
            self._current = task
            if not task.line.dead:
                with suppress(BaseException):
                    task.line.throw(GreenletExit)
        self._current = None
        self.tasks = []

    def about_to_commit(self, connection: Connection) -> None:
        """Remember the connection that a task dying here leaves behind."""
        if self._current is not None:
            self._current.connection = connection.connection.driver_connection
        self.point(Point.commit)


class Interruptions:
    """Hangs a scheduler into an engine: where transactions begin and end, it is asked. One scheduler at a time."""

    def __init__(self, engine: Engine) -> None:
        self.scheduler: Scheduler | None = None
        # Before the listener that sends SQLite's BEGIN: nothing may be locked yet where another task goes on.
        if event.contains(engine, "begin", _begin_sqlite):
            event.remove(engine, "begin", _begin_sqlite)
            event.listen(engine, "begin", self._begin)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            event.listen(engine, "begin", self._begin)
        event.listen(engine, "commit", self._commit)
        event.listen(Session, "after_commit", self._committed)

    def remove(self) -> None:
        """Take the session's listener away again; the engine's go with the engine."""
        event.remove(Session, "after_commit", self._committed)

    def _begin(self, _connection: Connection) -> None:
        if self.scheduler is not None:
            self.scheduler.point(Point.begin)

    def _commit(self, connection: Connection) -> None:
        if self.scheduler is not None:
            self.scheduler.about_to_commit(connection)

    def _committed(self, session: Session) -> None:
        if (
            self.scheduler is not None and not session.in_nested_transaction()
        ):  # a savepoint's end keeps the locks
            self.scheduler.point(Point.committed)
