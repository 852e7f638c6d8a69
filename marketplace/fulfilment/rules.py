"""When a weekly round closes and when its goods can be fetched. Pure; clocks are China's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

WEEK_DAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Week:
    """A weekly round: orders until one moment, goods at another; days count from 1, Monday."""

    cutoff_day: int
    cutoff_minute: int
    pickup_day: int
    from_minute: int
    until_minute: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """One round of a week: when it closes, and when its goods can be fetched."""

    closes_at: datetime
    ready_from: datetime
    ready_until: datetime


def next_cycle(week: Week, now: datetime) -> Cycle:
    """
    Return the round into which an order of this moment falls; *now* and the answer bear one time zone, China's.

    An order of the very minute of the cut-off is too late. Goods are fetched on the first such day after the cut-off.
    """
    closes_at = _next(week.cutoff_day, week.cutoff_minute, now)
    ready_from = _next(week.pickup_day, week.from_minute, closes_at)
    return Cycle(closes_at, ready_from, ready_from + timedelta(minutes=week.until_minute - week.from_minute))


def _next(day: int, minute: int, after: datetime) -> datetime:
    """Return the first moment later than *after* on that day of the week at that minute."""
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + timedelta(days=(day - after.isoweekday()) % 7, minutes=minute)
    return moment if moment > after else moment + timedelta(days=7)
