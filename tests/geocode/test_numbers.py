"""What counts as a number or a code, the same in every function of the library."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from geocode import (
    GeocodeError,
    addresses,
    beidou,
    cells,
    datums,
    division_codes,
    door_codes,
    height,
    police_schemes,
)

NO_NUMBERS = [
    np.True_, np.bytes_(b"30.6"), b"30.6", np.str_("30.6"), np.complex128(30 + 1j), np.array("30.6"), np.array([30.6]),
    np.ma.masked, np.timedelta64(5, "s"), Decimal("sNaN"), None, [], True,
]  # fmt: skip
NUMBERS = [np.float32(30.5), Decimal("30.5"), Fraction(61, 2), np.array(30.5), np.longdouble(30.5)]
TAKERS: list[Callable[[Any], object]] = [
    lambda number: beidou.latlng_to_code(number, 114.3),
    lambda number: datums.wgs84_to_gcj02(number, 114.3),
    lambda number: cells.latlng_to_cell(number, 114.3),
    height.height_to_code,
]


@pytest.mark.parametrize("take", TAKERS)
def test_numbers_of_every_make_are_taken_and_nothing_else_is(take: Callable[[Any], object]) -> None:
    assert {take(number) for number in NUMBERS} == {take(30.5)}
    for thing in NO_NUMBERS:
        with pytest.raises(GeocodeError):
            take(thing)


@pytest.mark.parametrize(
    "level", [8.0, Decimal(8), np.array([8]), np.array([4, 5]), np.float64(8), True, "8", None]
)
def test_a_level_is_one_whole_number(level: Any) -> None:
    with pytest.raises(GeocodeError):
        beidou.latlng_to_code(30.6, 114.3, level)
    with pytest.raises(GeocodeError):
        beidou.latlngs_to_codes([30.6], [114.3], level)


def test_a_level_may_be_numpys() -> None:
    level: Any = np.int64(8)
    assert beidou.latlng_to_code(30.6, 114.3, level) == beidou.latlng_to_code(30.6, 114.3)


@pytest.mark.parametrize(
    "lats", [np.array(["30.6"], object), np.array([True], object), np.ma.array([30.6], mask=[True])]
)
def test_a_column_takes_what_one_value_may_be(lats: Any) -> None:
    for convert in (beidou.latlngs_to_codes, datums.wgs84_to_gcj02_array):
        with pytest.raises(GeocodeError):
            convert(lats, [114.3])


@pytest.mark.parametrize("wrap", [lambda column: column, memoryview])
def test_a_column_may_be_an_array_of_the_standard_library(wrap: Callable[[Any], Any]) -> None:
    lats, lngs = wrap(array("d", [30.6])), wrap(array("d", [114.3]))

    assert beidou.latlngs_to_codes(lats, lngs).tolist() == [beidou.latlng_to_code(30.6, 114.3).encode()]
    assert datums.wgs84_to_gcj02_array(lats, lngs)[0][0] == pytest.approx(
        datums.wgs84_to_gcj02(30.6, 114.3)[0]
    )


@pytest.mark.parametrize("codes", [{"N50J47"}, {"N50J47": 1}, np.ma.array([b"N50J47"], mask=[True])])
def test_codes_without_an_order_or_behind_a_mask_are_refused(codes: Any) -> None:
    for read in (beidou.codes_to_latlngs, beidou.are_valid_codes):
        with pytest.raises(GeocodeError):
            read(codes)


def test_codes_may_come_as_the_bytes_that_many_at_once_give() -> None:
    many = beidou.latlngs_to_codes([30.6, 31.6], [114.3, 114.3])
    assert beidou.code_to_latlng(many[0]) == pytest.approx((30.6, 114.3), abs=1e-5)
    assert beidou.compact_codes(many) == sorted(many.astype(str).tolist())
    assert not beidou.is_valid_code("é".encode())
    assert cells.cell_to_text(np.uint64(631641064189854719)) == "8c40a33889603ff"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call",
    [
        lambda: beidou.compact_codes(None),  # type: ignore[arg-type]
        lambda: beidou.codes_to_latlngs(deque(["N50J"])),
        lambda: beidou.code_to_children("N50J47539B8255340000"),
        lambda: beidou.code_to_parent("N50J"),
        lambda: cells.roll_up(None),  # type: ignore[arg-type]
        lambda: addresses.Divisions.load([{"code": "420000000000"}]),
        lambda: addresses.Divisions.load([{"code": "420000000000", "name": None}]),  # type: ignore[dict-item]
        lambda: addresses.parse_address("石鼓村", []),  # type: ignore[arg-type]
        lambda: division_codes.urban_rural_class_name(["220"], "2023"),  # type: ignore[arg-type]
        lambda: police_schemes.register("x", 5),  # type: ignore[arg-type]
        lambda: door_codes.new_codes("3"),  # type: ignore[arg-type]
        lambda: door_codes.new_codes(2.5),  # type: ignore[arg-type]
        lambda: door_codes.new_codes(-1),
        lambda: beidou.compact_codes(memoryview(np.array([b"N50J"]))),  # type: ignore[arg-type]
        lambda: beidou.codes_to_latlngs(memoryview(np.array([b"N50J"]))),  # type: ignore[arg-type]
        lambda: beidou.codes_to_latlngs(bytearray(b"N50J")),  # type: ignore[arg-type]
        lambda: cells.cells_to_polygon(None),  # type: ignore[arg-type]
        lambda: addresses.Divisions.load(None),  # type: ignore[arg-type]
        lambda: addresses.Divisions.load([], 5),  # type: ignore[arg-type]
    ],
)
def test_whatever_is_wrong_is_said_as_a_refusal(call: Callable[[], object]) -> None:
    with pytest.raises(GeocodeError):
        call()


def test_a_checker_that_breaks_lets_nothing_pass_and_raises_nothing() -> None:
    police_schemes.register("breaks", lambda text: bool(1 / 0))
    assert not police_schemes.is_valid("breaks", "A1")


def test_the_stand_in_for_direct_counties_is_no_county_itself() -> None:
    assert not division_codes.is_direct_county("429000000000")
