"""Where codecs go wrong: edges, seams, quadrants, the ends of the earth, and texts that are no codes."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from geocode import BadBeidouCodeError, BadLatLngError, BadLevelError, beidou
from tests.geocode import exact_grid

LEVELS = range(1, 11)
UNIT = exact_grid.SIZES[-1][0]


def edges_of(level: int, chance: random.Random) -> list[tuple[Fraction, Fraction]]:
    """South-west corners of cells: all of the coarse levels, a sample of the fine ones."""
    wide, high = exact_grid.SIZES[level - 1]
    columns, rows = int(180 / wide), int(88 / high)
    if columns * rows <= 1000:
        return [(b * high, a * wide) for a in range(columns) for b in range(rows)]
    return [(chance.randrange(rows) * high, chance.randrange(columns) * wide) for _ in range(500)]


@pytest.mark.parametrize("level", LEVELS)
def test_every_cell_edge_falls_outward_in_every_quadrant(level: int) -> None:
    for lat, lng in edges_of(level, random.Random(level)):
        for up, right in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            spot = up * lat, right * lng
            for fine in {level, 10}:
                found = beidou.latlng_to_code(float(spot[0]), float(spot[1]), fine)
                assert found == exact_grid.encode(*spot, fine), (spot, fine)


@pytest.mark.parametrize("level", LEVELS)
def test_just_inside_an_edge_falls_inward(level: int) -> None:
    for lat, lng in edges_of(level, random.Random(-level)):
        if lat and lng:
            spot = lat - UNIT / 8, UNIT / 8 - lng
            found = beidou.latlng_to_code(float(spot[0]), float(spot[1]), level)
            assert found == exact_grid.encode(*spot, level)


@pytest.mark.parametrize(
    ("lat", "lng", "code"),
    [
        (30.6, 114.3, "N50H05136"),
        (0.0, 0.0, "N31A00000"),
        (-0.0, -0.0, "N31A00000"),
        (-1e-9, -1e-9, "S30A00000"),
        (30.0, 180.0, "N60HB41E0"),
        (30.0, -180.0, "N01HB41E0"),
        (10.0, -6.0, "N29C04000"),
        (87.9999999, 179.9999999, "N60VB75E9"),
        (-87.9999999, -179.9999999, "S01VB75E9"),
    ],
)
def test_the_cases_the_standard_leaves_open_follow_our_choice(lat: float, lng: float, code: str) -> None:
    assert beidou.latlng_to_code(lat, lng, 4) == code
    assert beidou.latlng_to_code(lat, lng, 10).startswith(code)


def test_the_four_quadrants_mirror_each_other() -> None:
    digits = {beidou.latlng_to_code(u * 30.59, r * 114.31, 10)[4:] for u in (1, -1) for r in (1, -1)}
    assert len(digits) == 1
    assert {beidou.latlng_to_code(u * 30.59, r * 114.31, 1) for u in (1, -1) for r in (1, -1)} == {
        "N50H",
        "N11H",
        "S50H",
        "S11H",
    }


@pytest.mark.parametrize("lat", [88.0, -88.0, 89.9, 90.0, 87.9999999999999, -87.9999999999999, 1e300])
def test_polar_caps_are_refused(lat: float) -> None:
    with pytest.raises(BadLatLngError):
        beidou.latlng_to_code(lat, 114.3)
    with pytest.raises(BadLatLngError):
        beidou.latlngs_to_codes([30.0, lat], [114.3, 114.3])


@pytest.mark.parametrize(
    ("lat", "lng"),
    [
        (math.nan, 0.0),
        (0.0, math.nan),
        (math.inf, 0.0),
        (0.0, -math.inf),
        (30.0, 180.0000001),
        (30.0, -180.0000001),
        (30.0, 1e300),
        ("30", 114.0),
        (None, 114.0),
        (30.0, [114.0]),
        (30.0, 1j),
        (True, 114.0),
        (10**400, 0),
    ],
)
def test_what_is_no_point_is_refused_with_a_value_error(lat: object, lng: object) -> None:
    with pytest.raises(BadLatLngError) as refusal:
        beidou.latlng_to_code(lat, lng)  # type: ignore[arg-type]
    assert isinstance(refusal.value, ValueError)
    assert refusal.value.code == "bad_latlng"


@pytest.mark.parametrize("number", [Decimal("30.6"), Fraction(306, 10), np.float64(30.6)])
def test_any_real_number_will_do(number: float) -> None:
    assert beidou.latlng_to_code(number, 114.3) == beidou.latlng_to_code(30.6, 114.3)
    assert beidou.latlng_to_code(30, 114) == beidou.latlng_to_code(30.0, 114.0)


def test_a_narrow_float_is_widened_before_it_is_used() -> None:
    narrow = np.float32(30.123456)
    assert beidou.latlng_to_code(narrow, 114.3, 10) == beidou.latlng_to_code(float(narrow), 114.3, 10)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0, 11, -1, 99, "8", None, 8.5, True, [8]])
def test_other_levels_are_refused(level: object) -> None:
    with pytest.raises(BadLevelError):
        beidou.latlng_to_code(30.6, 114.3, level)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["n50j47539", "N50J 47 539", "Ｎ５０Ｊ４７５３９", "ｎ50j　47539"])
def test_case_width_and_spaces_are_forgiven(text: str) -> None:
    assert beidou.normalize_code(text) == "N50J47539"
    assert beidou.code_to_latlng(text) == beidou.code_to_latlng("N50J47539")
    assert beidou.is_valid_code(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "N",
        "N5",
        "N50",
        "E50J",
        "N00J",
        "N61J",
        "N50W",
        "N50JC0",
        "N50J08",
        "N50J476",
        "N50J47A",
        "N50J475F0",
        "N50J4750A",
        "N50J47539F0",
        "N50J47539B84",
        "N50J47539B8285",
        "N50J47539B825534152",
        "N000",
        "N0001031",
        "N50J47\n",
        "N50J\t47",
        "N５0J47é",
        "N50J47⑤",
        "N50J47-20",
        "٣50J",
        b"N50\xff",
        None,
        5,
        ["N50J"],
        ("N", "5", "0", "J"),
        "N50J" * 100_000,
    ],
)
def test_what_is_no_code_is_refused_and_never_valid(text: object) -> None:
    assert beidou.is_valid_code(text) is False
    for reader in (beidou.code_to_latlng, beidou.code_to_bounds, beidou.get_level, beidou.code_neighbors):
        with pytest.raises(BadBeidouCodeError):
            reader(text)  # type: ignore[arg-type]
