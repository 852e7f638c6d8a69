"""Greetings, weeks and bars: what the first page of the desk is reckoned from. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lunar_python import Solar

WEEKS_SHOWN = 6
# The drawing's own units: as wide as the column beside the table, a row of figures above the bars, two lines below.
CHART_WIDTH = 284
CHART_TOP, CHART_BOTTOM = 20, 92
BAR_WIDTH, BAR_GAP = 16, 2


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its place in the drawing and the number it stands for."""

    x: float
    y: float
    height: float
    number: int


@dataclass(frozen=True, slots=True)
class BarPair:
    """What came and what was closed in one week."""

    week: Week
    middle: float
    came: Bar
    closed: Bar


def greeting(hour: int) -> str:
    """Return how one greets at that hour in China."""
    if hour < 5:
        return "夜里好"
    if hour < 11:
        return "上午好"
    if hour < 13:
        return "中午好"
    return "下午好" if hour < 18 else "晚上好"


def weeks_until(today: date, count: int = WEEKS_SHOWN) -> list[Week]:
    """Return the last *count* weeks, the one under way last."""
    monday = today - timedelta(days=today.weekday())
    firsts = [monday - timedelta(weeks=back) for back in range(count - 1, -1, -1)]
    return [Week(first, first + timedelta(days=6)) for first in firsts]


def old_calendar(day: date) -> tuple[str, str]:
    """
    Return the day in the old calendar and the solar term it lies in.

    >>> old_calendar(date(2026, 11, 22))
    ('十月十四', '小雪')
    """
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return f"{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}", lunar.getPrevJieQi(True).getName()


def bar_pairs(weeks: Sequence[Week], came: Sequence[int], closed: Sequence[int]) -> list[BarPair]:
    """Return the bars of some weeks, all on one scale; a week without anything has bars of no height."""
    most = max([1, *came, *closed])
    step = CHART_WIDTH / max(1, len(weeks))
    pairs = []
    for place, week in enumerate(weeks):
        middle = round(step * (place + 0.5), 1)
        left = _bar(middle - BAR_GAP / 2 - BAR_WIDTH, came[place], most)
        pairs.append(BarPair(week, middle, left, _bar(middle + BAR_GAP / 2, closed[place], most)))
    return pairs


def _bar(x: float, number: int, most: int) -> Bar:
    height = round((CHART_BOTTOM - CHART_TOP) * number / most, 1)
    return Bar(round(x, 1), round(CHART_BOTTOM - height, 1), height, number)
