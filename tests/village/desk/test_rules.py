"""Greetings, weeks and bars."""

from __future__ import annotations

from datetime import date

import pytest

from village.desk.rules import (
    CHART_BOTTOM,
    CHART_TOP,
    CHART_WIDTH,
    bar_pairs,
    greeting,
    old_calendar,
    weeks_until,
)


@pytest.mark.parametrize(
    ("hour", "words"),
    [(0, "夜里好"), (5, "上午好"), (10, "上午好"), (12, "中午好"), (15, "下午好"), (23, "晚上好")],
)
def test_a_greeting_fits_the_hour(hour: int, words: str) -> None:
    assert greeting(hour) == words


@pytest.mark.parametrize("day", [date(2026, 11, 16), date(2026, 11, 18), date(2026, 11, 22)])
def test_the_last_week_is_the_one_under_way(day: date) -> None:
    weeks = weeks_until(day)

    assert (weeks[-1].first, weeks[-1].last) == (date(2026, 11, 16), date(2026, 11, 22))
    assert weeks[0].first == date(2026, 10, 12)
    assert all((after.first - before.last).days == 1 for before, after in zip(weeks, weeks[1:], strict=False))


def test_a_day_has_its_date_in_the_old_calendar_and_its_term() -> None:
    assert old_calendar(date(2026, 11, 22)) == ("十月十四", "小雪")
    assert old_calendar(date(2026, 11, 21))[1] == "立冬"


def test_all_bars_stand_on_one_scale_inside_the_drawing() -> None:
    weeks = weeks_until(date(2026, 11, 22))
    pairs = bar_pairs(weeks, [1, 0, 3, 14, 2, 7], [0, 0, 2, 13, 1, 7])
    bars = [bar for pair in pairs for bar in (pair.came, pair.closed)]

    assert max(bar.height for bar in bars) == CHART_BOTTOM - CHART_TOP
    assert all(bar.height * 14 == pytest.approx(72 * bar.number, abs=1) for bar in bars)
    assert all(bar.x >= 0 and bar.x + 16 <= CHART_WIDTH for bar in bars)
    assert all(pair.came.x + 16 <= pair.closed.x for pair in pairs)


def test_weeks_without_anything_have_no_bars() -> None:
    weeks = weeks_until(date(2026, 11, 22))

    assert {bar.came.height for bar in bar_pairs(weeks, [0] * 6, [0] * 6)} == {0}
