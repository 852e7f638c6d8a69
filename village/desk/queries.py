"""The figures of the first page, all within the reach of the official here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from commons import clock
from commons.db import db
from village.desk.rules import Week
from village.matters.category_rules import Desk
from village.matters.models import Matter
from village.matters.queries import OPEN, MatterLine, at_own_desk, in_reach, lines
from village.public import village_ref

ROWS_SHOWN = 6
VILLAGES_SHOWN = 8
IN_THE_VILLAGE = (Desk.officer.value, Desk.clerk.value)


@dataclass(frozen=True, slots=True)
class Figures:
    """What stands open now, and what was closed since the first of the month."""

    late: int
    due_today: int
    closed: int
    mean_days: float
    closed_in_village: int


@dataclass(frozen=True, slots=True)
class OwnMatters:
    """The most pressing open matters: of the own desk, or, if it is empty, of the whole reach."""

    rows: list[MatterLine]
    total: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class VillageLine:
    """How many matters stand open in one village of a town or county."""

    name: str
    open: int
    late: int


def figures(today: date) -> Figures:
    """Return the figures of *today*. Two queries."""
    is_open = Matter.state.in_(OPEN)
    late, due = and_(is_open, Matter.due_on < today), and_(is_open, Matter.due_on == today)
    counted = select(*(func.count().filter(each) for each in (late, due))).select_from(Matter)
    row = db.session.execute(counted.where(in_reach())).one()
    month = clock.start_of_day(today.replace(day=1))
    statement = select(Matter.reported_at, Matter.closed_at, Matter.desk).where(
        in_reach(), Matter.closed_at >= month
    )
    closed = db.session.execute(statement).all()
    took = [closed_at - reported_at for reported_at, closed_at, _desk in closed if closed_at is not None]
    mean = sum(took, timedelta()) / len(took) / timedelta(days=1) if took else 0.0
    inside = sum(1 for each in closed if each.desk in IN_THE_VILLAGE)
    return Figures(row[0], row[1], len(closed), mean, inside)


def own_matters(person_id: int) -> OwnMatters:
    """Return what waits for the person here, the earliest promise first."""
    own, total = _open_ones(at_own_desk(person_id))
    if total:
        return OwnMatters(own, total, True)
    rows, total = _open_ones(in_reach())
    return OwnMatters(rows, total, False)


def _open_ones(where: ColumnElement[bool]) -> tuple[list[MatterLine], int]:
    chosen = select(Matter).where(Matter.state.in_(OPEN), where)
    total = db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    return lines(chosen.order_by(Matter.due_on, Matter.id).limit(ROWS_SHOWN)) if total else [], total


def weekly_counts(weeks: Sequence[Week]) -> tuple[list[int], list[int]]:
    """Return how many matters came and how many were closed in each week. One query."""
    came = [func.count().filter(_during(Matter.reported_at, week)) for week in weeks]
    closed = [func.count().filter(_during(Matter.closed_at, week)) for week in weeks]
    row = db.session.execute(select(*came, *closed).select_from(Matter).where(in_reach())).one()
    return list(row[: len(weeks)]), list(row[len(weeks) :])


def _during(column: InstrumentedAttribute[Any], week: Week) -> ColumnElement[bool]:
    begins, ends = clock.start_of_day(week.first), clock.start_of_day(week.last + timedelta(days=1))
    return and_(column >= begins, column < ends)


def villages_with_matters(today: date) -> list[VillageLine]:
    """Return the villages in reach with open matters, those with the most late ones first."""
    late = func.count().filter(Matter.due_on < today)
    statement = (
        select(Matter.village_code, func.count(), late)
        .where(in_reach(), Matter.state.in_(OPEN), Matter.village_code.is_not(None))
        .group_by(Matter.village_code)
        .order_by(late.desc(), func.count().desc(), Matter.village_code)
        .limit(VILLAGES_SHOWN)
    )
    found = []
    for code, count, late_count in db.session.execute(statement):
        village = village_ref(code or "")
        found.append(VillageLine(village.name if village else str(code), count, late_count))
    return found
