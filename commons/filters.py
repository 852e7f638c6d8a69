"""Template filters: how moments, dates and money read on a page."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _

from commons import clock
from commons.lunar import lunar_day, lunar_numbers


def init_app(app: Flask) -> None:
    """Make the filters known to every template."""
    app.jinja_env.filters.update(
        {
            "day": day,
            "moment": moment,
            "iso": iso,
            "yuan": yuan,
            "weekday": weekday,
            "lunar": lunar,
            "month_day": month_day,
            "month_name": month_name,
            "full_moment": full_moment,
            "time_of_day": time_of_day,
        }  # fmt: skip
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _local(value: datetime | date) -> datetime | date:
    return clock.to_beijing(value) if isinstance(value, datetime) else value


def day(value: datetime | date) -> str:
    """2026年11月22日, on a calendar in China."""
    local = _local(value)
    return _("%(year)d年%(month)s%(day)d日", year=local.year, month=month_name(local.month), day=local.day)


def month_day(value: datetime | date) -> str:
    """11月22日."""
    local = _local(value)
    return _("%(month)s%(day)d日", month=month_name(local.month), day=local.day)


def month_name(month: int) -> str:
    """11月."""
    names = [
        _("1月"), _("2月"), _("3月"), _("4月"), _("5月"), _("6月"),
        _("7月"), _("8月"), _("9月"), _("10月"), _("11月"), _("12月"),
    ]  # fmt: skip
    return names[month - 1]


def moment(value: datetime) -> str:
    """11月22日 14:05, on a clock in China."""
    local = clock.to_beijing(value)
    return f"{month_day(local)} {local:%H:%M}"


def time_of_day(value: datetime) -> str:
    """14:05."""
    return f"{clock.to_beijing(value):%H:%M}"


def full_moment(value: datetime) -> str:
    """星期日 11月22日（农历十月十四） 14:05: a moment that people come to, or must not miss."""
    local = clock.to_beijing(value)
    return _(
        "%(weekday)s %(day)s（%(lunar)s）%(time)s",
        weekday=weekday(local), day=month_day(local), lunar=lunar(local), time=time_of_day(local),
    )  # fmt: skip


def weekday(value: datetime | date) -> str:
    """星期日."""
    names = [_("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日")]
    return names[_local(value).weekday()]


def lunar(value: datetime | date) -> str:
    """农历十月十四, in numbers for who reads no Chinese; nothing for a day that the old calendar's tables are not sure of."""
    local = _local(value)
    known = local.date() if isinstance(local, datetime) else local
    locale = get_locale()
    words = lunar_day(known) if locale is None or locale.language == "zh" else lunar_numbers(known)
    return _("农历%(day)s", day=words) if words else ""


def iso(value: datetime | date) -> str:
    """The machine form for ``<time datetime>``."""
    if isinstance(value, datetime):
        return clock.to_beijing(value).isoformat(timespec="minutes")
    return value.isoformat()


def yuan(fen: int) -> str:
    """4.80 for 480 fen; the sign stands in front."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
