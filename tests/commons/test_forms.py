"""What our people type: phones, yuan and moments."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms.validators import Optional

from commons.errors import Refusal
from commons.forms import (
    ChoicesField,
    DayField,
    FenField,
    Form,
    LineField,
    MomentField,
    choices,
    normal_phone,
    tidy,
    tidy_prose,
)


class PriceForm(Form):
    price = FenField("价格")
    at = MomentField("时间")
    name = LineField("名称", longest=5)
    on = DayField("日子", [Optional()])
    trades = ChoicesField("手艺", choices=choices({"carpenter": "木匠"}))


def posted(app: Flask, **fields: str) -> PriceForm:
    with app.test_request_context(method="POST", data=fields):
        form = PriceForm(MultiDict(fields), meta={"csrf": False})
        form.validate()
        return form


@pytest.mark.parametrize("typed", ["100 0000 0000", "+86 100-0000-0000", "１００００００００００"])
def test_a_phone_may_be_typed_in_the_usual_ways(typed: str) -> None:
    assert normal_phone(typed) == "10000000000"


@pytest.mark.parametrize("typed", ["", "12345", "20000000000", "100000000000", "1000000000a", "1" * 1000])
def test_a_phone_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        normal_phone(typed)
    assert (caught.value.code, caught.value.field) == ("bad_phone", "phone")


@pytest.mark.parametrize(
    ("typed", "fen"), [("4.80", 480), ("4.8", 480), ("¥12", 1200), ("0.01", 1), ("１２．５ 元", 1250)]
)
def test_yuan_become_whole_fen(app: Flask, typed: str, fen: int) -> None:
    assert posted(app, price=typed).price.fen == fen


@pytest.mark.parametrize("typed", ["-1", "1.234", "abc", "1e3", "NaN", "Infinity", "99999999", "1,5"])
def test_an_odd_amount_is_refused_and_kept_as_typed(app: Flask, typed: str) -> None:
    form = posted(app, price=typed)

    assert form.price.errors
    assert form.price.data == typed


def test_a_moment_is_read_from_a_clock_in_china(app: Flask) -> None:
    form = posted(app, at="2026-11-22T10:00")

    assert form.at.moment is not None
    assert form.at.moment.isoformat() == "2026-11-22T02:00:00+00:00"


@pytest.mark.parametrize("typed", ["0001-01-01", "1582-10-10", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_a_day_outside_our_times_is_refused_and_kept_as_typed(app: Flask, typed: str) -> None:
    day = posted(app, on=typed).on

    assert (day.data, day._value()) == (None, typed)
    assert "1900 年到 2199 年" in str(day.errors)


@pytest.mark.parametrize("typed", ["1900-01-01", "2199-12-31"])
def test_a_day_of_our_times_is_read(app: Flask, typed: str) -> None:
    assert str(posted(app, on=typed).on.data) == typed


def test_a_choice_that_is_none_is_refused_in_chinese(app: Flask) -> None:
    assert list(posted(app, trades="xx").trades.errors) == ["请从列出的里面选"]
    assert not posted(app, trades="carpenter").trades.errors


def test_invisible_and_turning_characters_are_taken_out() -> None:
    assert tidy("青\u200b石\u202e湾\x00") == "青石湾"


@pytest.mark.parametrize("tidier", [tidy, tidy_prose])
def test_characters_of_private_meaning_are_taken_out(tidier: Callable[[str], str]) -> None:
    assert tidier("青\ue000石\uf8ff\U000f0000湾\U0010fffd") == "青石湾"


def test_a_text_that_is_too_long_says_how_long_it_may_be(app: Flask) -> None:
    assert "5" in str(posted(app, name="一二三四五六").name.errors[0])
