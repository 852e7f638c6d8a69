"""Days in the old calendar, which villages count by."""

from __future__ import annotations

from datetime import date

from lunar_python.Solar import Solar


def lunar_day(day: date) -> str:
    """
    Return the day in the old calendar, with 闰 before a leap month.

    >>> lunar_day(date(2026, 11, 24))
    '十月十六'
    """
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return f"{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}"
