"""The one place that asks what time it is, so that tests and simulations can say it instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")

_source: Callable[[], datetime] | None = None


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC) if _source is None else _source()


def today() -> date:
    """Return today's date as a person in China reads it from a calendar (Asia/Shanghai)."""
    return now().astimezone(BEIJING).date()


def to_beijing(moment: datetime) -> datetime:
    """Return *moment* (aware) on a clock in China."""
    return moment.astimezone(BEIJING)


def from_beijing(wall: datetime) -> datetime:
    """Return the UTC moment at which a clock in China shows *wall* (naive, as typed in a form)."""
    return wall.replace(tzinfo=BEIJING).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Return the UTC moment at which *day* begins in China."""
    return from_beijing(datetime(day.year, day.month, day.day))  # noqa: DTZ001 - made aware at once


def is_near(day: date) -> bool:
    """
    Say whether *day* is of our times.

    Before and after, calendars disagree about what day it is, the last has no other time zone, and nothing of ours is meant.
    """
    return 1900 <= day.year <= 2199


def day_of(text: str) -> date | None:
    """Return the near day that *text* names (``2026-11-22``), if it names one."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if is_near(day) else None


@contextmanager
def reading(source: Callable[[], datetime]) -> Iterator[None]:
    """Let every caller in this process read the time from *source* while the block runs."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before


class FrozenClock:
    """A clock that moves only when it is told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> datetime:
        """Move by ``timedelta(**by)`` and return the new moment."""
        self.at += timedelta(**by)
        return self.at
