"""Days in the old calendar, which villages count by."""

from __future__ import annotations

from datetime import date

from lunar_python.Solar import Solar

# The old calendar's tables are sure of these years, and lack days that Rome once left out.
LUNAR_YEARS = range(1900, 2200)


def lunar_day(day: date) -> str:
    """
    Return the day in the old calendar, with 闰 before a leap month; nothing for a year that its tables are not sure of.

    >>> lunar_day(date(2026, 11, 24)), lunar_day(date(1582, 10, 10))
    ('十月十六', '')
    """
    if day.year not in LUNAR_YEARS:
        return ""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return f"{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}"
