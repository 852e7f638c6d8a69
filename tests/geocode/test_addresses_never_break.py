"""Any text at all: an answer or a GeocodeError, and normalising twice is normalising once."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geocode.addresses import normalize_address, parse_address
from geocode.errors import GeocodeError
from tests.geocode.address_fuzz import TARGETS, random_bytes, torn_address
from tests.geocode.address_tables import CORPUS, fictional_table, read_rows

TABLE = fictional_table()
ADDRESSES = [row["address"] for path in CORPUS.glob("*.csv") for row in read_rows(path) if "address" in row]
MANY = 100_000
# Noise is read in time that grows with its length, and most of it is long before it is odd: short texts meet as much.
SLOW = ("addresses.normalize_address", "addresses.parse_address")

pieces = st.sampled_from(
    [
        "湖北省",
        "襄阳市",
        "南漳县",
        "谷城县",
        "云溪镇",
        "鹿鸣镇",
        "石鼓乡",
        "石鼓村",
        "太平村",
        "太平社区",
        "太平",
        "云溪",
        "恩施",
        "荆州",
        "李家湾",
        "新田村",
        "新田镇",
        "老街",
        "仙桃市",
        "莲台镇",
        "第三组",
        "地址",
        "市辖区",
        "直辖县级行政区划",
        "--",
        "3组",
        "十二组",
        "5队",
        "12号",
        "附1号",
        "3-4",
        "3栋",
        "2单元",
        "301室",
        "（旁边）",
        "，",
        "建设路",
        "张三家",
        "八一组",
        "一号桥",
        "村",
        "号",
        "組",
        "１",
        "九",
        "-",
    ]
)
addresses = st.lists(pieces, min_size=1, max_size=9).map("".join)


@given(addresses)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    try:
        once = normalize_address(text, TABLE)
    except GeocodeError:
        return
    assert normalize_address(once, TABLE) == once


@given(st.text(max_size=60))
@example("A\u00b4")  # what is left after the accent's own space is gone composes into one letter
def test_normalising_any_text_twice_is_normalising_it_once(text: str) -> None:
    try:
        once = normalize_address(text, TABLE)
    except GeocodeError:
        return
    assert normalize_address(once, TABLE) == once


@given(addresses)
def test_a_chosen_village_is_named_in_the_text(text: str) -> None:
    try:
        address = parse_address(text, TABLE)
    except GeocodeError:
        return
    if address.village_code:
        assert address.village in text


@given(st.integers(1, 99), st.integers(1, 99_999), st.integers(1, 999))
def test_every_number_below_the_village_is_read_back(group: int, door: int, sub_door: int) -> None:
    text = f"湖北省襄阳市南漳县云溪镇石鼓村{group}组{door}号附{sub_door}号"
    address = parse_address(text, TABLE)

    assert (address.group, address.door, address.sub_door) == (group, door, sub_door)
    assert address.canonical == text
    assert address.warnings == ()


@pytest.mark.parametrize("name", TARGETS)
def test_random_bytes_give_an_answer_or_a_geocode_error(name: str) -> None:
    _try_many(TARGETS[name], lambda chance: random_bytes(chance, 16 if name in SLOW else 40))


@pytest.mark.parametrize("name", TARGETS)
def test_torn_addresses_and_codes_give_an_answer_or_a_geocode_error(name: str) -> None:
    _try_many(TARGETS[name], lambda chance: torn_address(chance, ADDRESSES), count=MANY // 10)


def _try_many(
    target: Callable[[str], object], make: Callable[[random.Random], str], count: int = MANY
) -> None:
    chance = random.Random(20200630)
    for _ in range(count):
        text = make(chance)
        try:
            target(text)
        except GeocodeError:
            pass
        except Exception as broken:
            raise AssertionError(f"{text!r} broke it") from broken
