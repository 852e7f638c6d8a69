"""Heights: clause 6, Annex C, and where they part."""

from __future__ import annotations

import copy
import math
import pickle
from decimal import Decimal, getcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocode import BadBeidouCodeError, BadHeightError, BadLevelError, height
from geocode.height import AMBIGUOUS_FROM_M
from tests.geocode.shared_data import shared_rows

HEIGHTS = st.floats(-10_000, 10_000)
LEVELS = st.integers(1, 10)
VARIANTS = st.sampled_from(["annexC", "clause6"])
PUBLISHED_3D = "N036J0093000780B3010010520430140"


def exact_layer(metres: str) -> int:
    """The layer of a height by the formula of clause 6.1, with fifty digits."""
    getcontext().prec = 50
    pi = Decimal("3.14159265358979323846264338327950288419716939937510")
    radius = Decimal(6378137)
    layer = 7372800 * ((Decimal(metres) + radius) / radius).ln() / (1 + pi / 180).ln()
    return math.floor(layer)


def digits_of(layer: int, radices: tuple[int, ...]) -> str:
    """Sign, two decimal digits, then one digit for each level."""
    digits: list[int] = []
    rest = abs(layer)
    for radix in reversed(radices):
        rest, digit = divmod(rest, radix)
        digits.insert(0, digit)
    return f"{int(layer < 0)}{digits[0]:02d}" + "".join(f"{digit:X}" for digit in digits[1:])


ANNEX_C = (64, 8, 2, 16, 16, 2, 8, 8, 8, 8)
CLAUSE_6 = (64, 8, 2, 15, 15, 2, 8, 8, 8, 8)


@pytest.mark.parametrize(
    "metres", ["0.02", "123.7", "500", "1839.58", "1839.6", "2000.5", "3105.4", "8848.86", "60000"]
)
@pytest.mark.parametrize("sign", ["", "-"])
def test_both_readings_are_what_fifty_digits_say(metres: str, sign: str) -> None:
    layer = exact_layer(sign + metres)
    for level in range(1, 11):
        annex = height.height_to_code(float(sign + metres), level)
        clause = height.height_to_code(float(sign + metres), level, variant="clause6")
        assert annex == digits_of(layer, ANNEX_C)[: level + 2]
        assert clause == digits_of(layer, CLAUSE_6)[: level + 2]


def test_every_shared_height_vector_holds() -> None:
    for row in shared_rows("beidou_height_vectors.csv"):
        code = height.height_to_code(float(row["height_m"]), int(row["level"]))
        assert (code, code.ambiguous) == (row["code"], row["ambiguous"] == "yes")
        assert height.code_to_height(code) == pytest.approx(float(row["bottom_m_of_cell"]), abs=1e-6)


def test_every_shared_3d_vector_holds() -> None:
    for row in shared_rows("beidou_3d_vectors.csv"):
        lat, lng, metres = float(row["lat"]), float(row["lon"]), float(row["height_m"])
        code = height.latlng_height_to_code3d(lat, lng, metres, int(row["level"]))
        assert code == row["code3d"]
        south, west, north, east, bottom, top = height.code3d_to_bounds(code)
        assert south <= lat < north and west <= lng < east and bottom <= metres < top


def test_the_published_3d_code_interleaves_plane_and_height() -> None:
    south, west, north, east, bottom, top = height.code3d_to_bounds(PUBLISHED_3D)
    middle = (south + north) / 2, (west + east) / 2, (bottom + top) / 2
    assert height.latlng_height_to_code3d(*middle, 10) == PUBLISHED_3D


@pytest.mark.parametrize(
    ("level", "length"), list(enumerate((7, 10, 12, 15, 18, 20, 23, 26, 29, 32), start=1))
)
def test_3d_codes_have_the_lengths_of_the_table(level: int, length: int) -> None:
    assert len(height.latlng_height_to_code3d(31.0, 112.0, 80.0, level)) == length


@given(st.floats(0, AMBIGUOUS_FROM_M - 1e-3), LEVELS)
def test_the_readings_agree_below_the_flag(metres: float, level: int) -> None:
    annex, clause = height.height_to_code(metres, level), height.height_to_code(metres, level, "clause6")
    assert annex == clause
    assert not annex.ambiguous and not clause.ambiguous


@given(st.floats(AMBIGUOUS_FROM_M + 1e-3, 60_000))
def test_the_readings_differ_above_the_flag(metres: float) -> None:
    annex, clause = height.height_to_code(metres, 10), height.height_to_code(metres, 10, "clause6")
    assert annex != clause
    assert annex.ambiguous and clause.ambiguous


def test_the_flag_rises_at_one_thousand_eight_hundred_and_thirty_nine_metres() -> None:
    assert pytest.approx(1839.585275, abs=1e-6) == AMBIGUOUS_FROM_M
    assert not height.height_to_code(AMBIGUOUS_FROM_M - 0.001).ambiguous
    assert height.height_to_code(AMBIGUOUS_FROM_M).ambiguous
    assert height.height_to_code(-0.001).ambiguous
    assert not height.height_to_code(0).ambiguous


@pytest.mark.parametrize("metres", [-1e-3, -1e-6, -1e-9, -5e-324])
def test_the_least_depth_below_the_ellipsoid_is_below_it(metres: float) -> None:
    code = height.height_to_code(metres, 10)
    assert code == "100000000001"
    assert code.ambiguous


@given(HEIGHTS, LEVELS, VARIANTS)
def test_a_height_lies_in_its_cell(metres: float, level: int, variant: height.Variant) -> None:
    code = height.latlng_height_to_code3d(30.6, 114.3, metres, level, variant)
    bounds = height.code3d_to_bounds(code, variant)
    assert bounds.bottom_m - 2e-6 <= metres <= bounds.top_m + 2e-6
    assert bounds.ambiguous >= code.ambiguous


@given(st.integers(0, 20_000_000), VARIANTS)
def test_the_bottom_of_a_layer_has_its_code(layer: int, variant: height.Variant) -> None:
    code = digits_of(layer, ANNEX_C if variant == "annexC" else CLAUSE_6)
    assert height.height_to_code(height.code_to_height(code, variant), 10, variant) == code


@given(st.integers(1, 20_000_000))
def test_the_edge_of_a_layer_below_has_its_code(layer: int) -> None:
    code = digits_of(-layer, ANNEX_C)
    assert height.height_to_code(height.code_to_height(code), 10) == code


@given(HEIGHTS, LEVELS, LEVELS, VARIANTS)
def test_a_coarser_code_is_a_prefix(metres: float, one: int, other: int, variant: height.Variant) -> None:
    coarse, fine = sorted((one, other))
    code = height.height_to_code(metres, fine, variant)
    assert code.startswith(height.height_to_code(metres, coarse, variant))


def test_the_flag_survives_copies_and_pickles() -> None:
    code, metres = height.height_to_code(2000), height.code_to_height("1000000000")
    for again in (copy.copy(code), pickle.loads(pickle.dumps(code))):
        assert again == code and again.ambiguous
    assert pickle.loads(pickle.dumps(metres)).ambiguous
    assert isinstance(code, str) and isinstance(metres, float)


@pytest.mark.parametrize(
    "metres", [math.nan, math.inf, -math.inf, -6_378_137.0, 1e12, "5", None, [], True, 10**400]
)
def test_what_is_no_height_is_refused(metres: object) -> None:
    with pytest.raises(BadHeightError):
        height.height_to_code(metres)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "0",
        "00",
        "2000",
        "064",
        "0008",
        "00002",
        "0000G",
        "0000000008",
        "00A",
        "0000000000000",
        "0０٣",
        None,
        5,
    ],
)
def test_what_is_no_height_code_is_refused(code: object) -> None:
    with pytest.raises(BadHeightError):
        height.code_to_height(code)  # type: ignore[arg-type]
    assert not height.is_valid_height_code(code)


def test_the_clause_has_no_digit_f() -> None:
    assert height.is_valid_height_code("00000F")
    assert not height.is_valid_height_code("00000F", variant="clause6")


@pytest.mark.parametrize("variant", ["", "annexc", None, 5, []])
def test_other_variants_are_refused(variant: object) -> None:
    with pytest.raises(BadHeightError):
        height.height_to_code(5.0, 8, variant)  # type: ignore[arg-type]
    with pytest.raises(BadHeightError):
        height.code_to_height("000", variant)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [0, 11, None, "8"])
def test_other_levels_are_refused(level: object) -> None:
    with pytest.raises(BadLevelError):
        height.height_to_code(5.0, level)  # type: ignore[arg-type]
    with pytest.raises(BadLevelError):
        height.latlng_height_to_code3d(30.0, 114.0, 5.0, level)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["", "N50J", "N061J00", "N251J00", "N", "X036J00"])
def test_what_is_no_3d_code_is_refused(code: str) -> None:
    with pytest.raises((BadBeidouCodeError, BadHeightError)):
        height.code3d_to_bounds(code)
    assert not height.is_valid_code3d(code)
