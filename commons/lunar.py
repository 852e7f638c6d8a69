"""Days in the old calendar, which villages count by."""

from __future__ import annotations

from datetime import date

from lunar_python.Solar import Solar

from commons import clock


def lunar_day(day: date) -> str:
    """
    Return the day in the old calendar, with 闰 before a leap month; nothing for a day that is not of our times.

    Of others its tables are not sure, and they lack days that Rome once left out.

    >>> lunar_day(date(2026, 11, 24)), lunar_day(date(1582, 10, 10))
    ('十月十六', '')
    """
    if not clock.is_near(day):
        return ""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    return f"{lunar.getMonthInChinese()}月{lunar.getDayInChinese()}"


def lunar_numbers(day: date) -> str:
    """
    Return the day in the old calendar for readers of other languages: month and day, a leap month as such.

    >>> lunar_numbers(date(2026, 11, 24)), lunar_numbers(date(2025, 7, 25)), lunar_numbers(date(1582, 10, 10))
    ('10/16', 'leap 6/1', '')
    """
    if not clock.is_near(day):
        return ""
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    month = int(lunar.getMonth())  # below nothing for a leap month
    return f"{'leap ' if month < 0 else ''}{abs(month)}/{lunar.getDay()}"
