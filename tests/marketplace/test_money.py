"""Money is divided and written without losing a fen."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace import money
from marketplace.money import BadMoneyError, buyers_part, fen, share_of, split, take_back, yuan

AMOUNTS = st.integers(0, money.LARGEST_FEN)


def test_the_examples_in_the_docstrings_hold() -> None:
    failed, tried = doctest.testmod(money)

    assert (failed, tried > 5) == (0, True)


@given(st.integers(-(10**13), 10**13))
def test_yuan_text_read_again_is_the_same_money(amount: int) -> None:
    assert fen(yuan(amount)) == amount


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "1.", ".5", "1.234", "1,000", "1e3", "+1", "--1", "１", "٣", "1\n", "9" * 13]
)
def test_text_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadMoneyError):
        fen(text)


@given(AMOUNTS, st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_parts_add_up_and_no_part_is_a_fen_from_its_share(amount: int, shares: list[int]) -> None:
    parts = split(amount, shares)

    assert sum(parts) == amount
    whole = sum(shares)
    for part, share in zip(parts, shares, strict=True):
        assert abs(part * whole - amount * share) < whole
        assert share or not part


@pytest.mark.parametrize(("amount", "shares"), [(-1, [1]), (1, []), (1, [0]), (1, [2, -1])])
def test_what_cannot_be_split_is_refused(amount: int, shares: list[int]) -> None:
    with pytest.raises(BadMoneyError):
        split(amount, shares)


@given(AMOUNTS, st.integers(0, money.BASIS))
def test_the_platform_never_takes_more_than_its_share(amount: int, points: int) -> None:
    share = share_of(amount, points)

    assert share * money.BASIS <= amount * points < (share + 1) * money.BASIS


@given(AMOUNTS, st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_part_given_back_is_rounded_in_the_buyers_favour(amount: int, part: int, whole: int) -> None:
    part = min(part, whole)
    given_back = buyers_part(amount, part, whole)

    assert given_back * whole >= amount * part
    assert (given_back - 1) * whole < amount * part
    assert given_back <= amount


@given(st.data())
def test_refunds_in_parts_take_back_exactly_what_each_received(data: st.DataObject) -> None:
    gross = data.draw(st.integers(1, 10**7))
    net = gross - share_of(gross, data.draw(st.integers(0, money.BASIS)))
    gone = seller = platform = 0
    while gone < gross:
        part = data.draw(st.integers(min((gross + 5) // 6, gross - gone), gross - gone))
        from_seller, from_platform = take_back(part, gone, seller, gross, net)
        assert from_seller >= 0 and from_platform >= 0
        assert from_seller + from_platform == part
        gone, seller, platform = gone + part, seller + from_seller, platform + from_platform
        assert seller * gross <= gone * net

    assert (seller, platform) == (net, gross - net)


def test_more_than_was_shared_out_cannot_be_taken_back() -> None:
    with pytest.raises(BadMoneyError):
        take_back(2, 99, 96, 100, 97)
