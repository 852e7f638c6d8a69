"""Yuan text and Beijing's clock, exactly."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.payments.alipay.amounts import (
    LARGEST_FEN,
    BadAmountError,
    beijing_moment,
    beijing_text,
    fen_of,
    yuan_text,
)


@given(st.integers(min_value=1, max_value=LARGEST_FEN))
def test_every_amount_comes_back_as_it_went(fen: int) -> None:
    assert fen_of(yuan_text(fen)) == fen


@pytest.mark.parametrize("fen", [0, -1, LARGEST_FEN + 1, 1.0, True, "1"])
def test_what_is_no_amount_is_refused(fen: object) -> None:
    with pytest.raises(BadAmountError):
        yuan_text(fen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "fen"), [("0", 0), ("12.3", 1230), ("-12.30", -1230), ("0.05", 5), ("7", 700)]
)
def test_yuan_text_is_read_exactly(text: str, fen: int) -> None:
    assert fen_of(text) == fen


@pytest.mark.parametrize(
    "text", ["", ".5", "1.", "1.234", "1e3", "１.００", "1,000.00", " 1", "+1", "nan", "1.0\n"]
)
def test_other_text_is_no_amount(text: str) -> None:
    with pytest.raises(BadAmountError):
        fen_of(text)


def test_moments_are_written_in_beijing_time() -> None:
    moment = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)

    assert beijing_text(moment) == "2026-03-02 04:30:00"
    assert beijing_moment("2026-03-02 04:30:00.123") == moment
    with pytest.raises(ValueError, match="time zone"):
        beijing_text(datetime(2026, 3, 1))  # noqa: DTZ001
