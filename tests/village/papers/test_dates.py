"""Dates as the village writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from village.papers.dates import clock_text, day_text, full_day_text, lunar_text, moment_text


def test_a_day_has_its_weekday_and_its_lunar_date() -> None:
    assert day_text(date(2026, 11, 25)) == "11 月 25 日 周三"
    assert lunar_text(date(2026, 11, 25)) == "农历十月十七"
    assert full_day_text(date(2026, 11, 22)) == "2026 年 11 月 22 日"


def test_a_leap_month_and_the_new_year_are_named() -> None:
    assert lunar_text(date(2025, 7, 25)) == "农历闰六月初一"
    assert lunar_text(date(2026, 2, 17)) == "农历正月初一"


@pytest.mark.parametrize(
    ("utc_hour", "said"),
    [(0, "上午 8 点"), (4, "中午 12 点"), (6, "下午 2 点"), (11, "晚上 7 点"), (16, "凌晨 0 点")],
)
def test_a_time_is_that_of_the_clock_in_china(utc_hour: int, said: str) -> None:
    assert clock_text(datetime(2026, 11, 25, utc_hour, tzinfo=UTC)) == said


def test_the_day_too_is_that_of_china() -> None:
    assert moment_text(datetime(2026, 11, 24, 16, 30, tzinfo=UTC)) == "11 月 25 日 周三 凌晨 0 点 30 分"


def test_a_moment_without_a_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock_text(datetime(2026, 11, 25))  # noqa: DTZ001
