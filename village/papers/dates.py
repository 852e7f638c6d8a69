"""
Dates as the village writes them: with the weekday, and with the lunar date beside the solar one.

Every moment must carry its time zone; what is printed is the wall clock in China.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from commons.lunar import lunar_day

CHINA = ZoneInfo("Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"


def in_china(moment: datetime) -> datetime:
    """Return *moment* on the wall clock. A moment without a zone is a programming mistake: ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a printed moment needs its time zone")
    return moment.astimezone(CHINA)


def weekday_text(day: date) -> str:
    """Return the weekday in words: 周三."""
    return f"周{_WEEKDAYS[day.weekday()]}"


def day_text(day: date) -> str:
    """Return month, day and weekday: 11 月 25 日 周三."""
    return f"{day.month} 月 {day.day} 日 {weekday_text(day)}"


def full_day_text(day: date) -> str:
    """Return the date as a paper is signed: 2026 年 11 月 22 日."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def lunar_text(day: date) -> str:
    """Return the lunar date: 农历十月十七, with 闰 before a leap month; nothing for a year that its tables are not sure of."""
    known = lunar_day(day)
    return f"农历{known}" if known else ""


def day_part(hour: int) -> str:
    """Return the part of the day that people say before an hour."""
    for until, name in ((5, "凌晨"), (8, "早上"), (12, "上午"), (13, "中午"), (18, "下午")):
        if hour < until:
            return name
    return "晚上"


def spoken_hour(hour: int) -> int:
    """
    Return the hour on a clock with twelve, as it is said after the part of the day; midnight stays zero.
    """
    return hour if hour <= 12 else hour - 12


def clock_text(moment: datetime) -> str:
    """Return the time of day: 上午 8 点, 下午 2 点 30 分."""
    local = in_china(moment)
    minutes = f" {local.minute} 分" if local.minute else ""
    return f"{day_part(local.hour)} {spoken_hour(local.hour)} 点{minutes}"


def moment_text(moment: datetime) -> str:
    """Return day and time: 11 月 25 日 周三 上午 8 点."""
    return f"{day_text(in_china(moment).date())} {clock_text(moment)}"
