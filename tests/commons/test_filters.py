"""How days read in both languages."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask
from flask_babel import force_locale

from commons.filters import day, full_moment, lunar, month_day

AT = datetime.fromisoformat("2026-12-02T17:00:00+08:00")


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("zh_Hans_CN", ["12月2日", "2026年12月2日", "农历十月廿四", "星期三 12月2日（农历十月廿四）17:00"]),
        ("en", ["2 Dec", "2 Dec 2026", "Lunar 10/24", "Wednesday 2 Dec (Lunar 10/24) 17:00"]),
    ],
)
def test_a_day_reads_as_its_readers_write_it(app: Flask, locale: str, words: list[str]) -> None:
    with app.test_request_context(), force_locale(locale):
        assert [month_day(AT), day(AT), lunar(AT), full_moment(AT)] == words
        assert lunar(date(1582, 10, 10)) == ""
