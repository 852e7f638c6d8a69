"""Pure rules of accounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commons.accounts.rules import (
    is_idle,
    is_over,
    is_phone_fresh,
    masked_phone,
    new_code,
    new_recovery_code,
    normal_code,
    normal_recovery_code,
    own_path,
    password_fault,
    pin_fault,
)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

FOREIGN = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    " /shop",
    "shop",
    "",
    None,
    "/%0a/".replace("%0a", "\x7f"),
    "/" + "a" * 3000,
]


@pytest.mark.parametrize("address", FOREIGN)
def test_only_a_path_of_ours_is_followed(address: str | None) -> None:
    assert own_path(address, "/me") == "/me"


@pytest.mark.parametrize(
    "address", ["/", "/shop?page=2", "/orders/12#lines", "/D/ABC?x=https://else.example"]
)
def test_a_path_of_ours_is_kept_as_it_is(address: str) -> None:
    assert own_path(address, "/me") == address


@given(st.text(max_size=60))
def test_whatever_is_asked_for_the_answer_stays_on_this_site(address: str) -> None:
    found = own_path(address)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))


@pytest.mark.parametrize("typed", ["123 456", "１２３４５６", "123-456", " 123456 "])
def test_a_code_is_read_however_it_was_spaced(typed: str) -> None:
    assert normal_code(typed) == "123456"


def test_codes_are_six_digits_with_their_zeros() -> None:
    assert all(len(code) == 6 and code.isdigit() for code in (new_code() for _ in range(200)))


def test_a_recovery_code_survives_being_copied_by_hand() -> None:
    code = new_recovery_code()
    assert normal_recovery_code(code.lower().replace("-", " ")) == code


def test_a_telephone_is_masked_in_the_middle() -> None:
    assert masked_phone("10000001234") == "100****1234"


def test_a_desk_is_idle_after_ten_minutes_and_not_before() -> None:
    assert not is_idle("official", NOW - timedelta(minutes=9, seconds=59), NOW)
    assert is_idle("official", NOW - timedelta(minutes=10), NOW)
    assert not is_idle("person", NOW - timedelta(days=3), NOW)


def test_one_visit_ends_after_twenty_idle_minutes_or_two_hours() -> None:
    assert not is_over("person", True, NOW - timedelta(minutes=30), NOW - timedelta(minutes=19), NOW)
    assert is_over("person", True, NOW - timedelta(minutes=30), NOW - timedelta(minutes=21), NOW)
    assert is_over("person", True, NOW - timedelta(hours=3), NOW, NOW)
    assert not is_over("person", False, NOW - timedelta(days=89), NOW - timedelta(days=80), NOW)


def test_a_telephone_is_fresh_for_ninety_days() -> None:
    assert is_phone_fresh(NOW - timedelta(days=90), NOW)
    assert not is_phone_fresh(NOW - timedelta(days=91), NOW)
    assert not is_phone_fresh(None, NOW)


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaa", "1234567890", "liujianguo-2026", "x" * 201])
def test_a_weak_password_is_named_as_such(weak: str) -> None:
    assert password_fault(weak, "liujianguo")


def test_a_good_password_passes() -> None:
    assert password_fault("稻田-青石-水车-月亮-灯", "liujianguo") == ""


@pytest.mark.parametrize("weak", ["1111", "1234", "9876", "12", "12a4", "123456789"])
def test_a_weak_pin_is_named_as_such(weak: str) -> None:
    assert pin_fault(weak)


def test_a_good_pin_passes() -> None:
    assert pin_fault("2749") == ""
