"""Reference codes and short codes, clauses 7 and 8."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geocode import BadBeidouCodeError, beidou
from tests.geocode.test_beidou_properties import codes


@pytest.mark.parametrize(
    ("base", "code", "text"),
    [
        ("N50J475491E", "N50J475493E", "-20"),
        ("N50J475492E", "N50J475493E", "-10"),
        ("N50J475493E", "N50J475491E", "-B0"),
    ],
)
def test_clause_8_gives_the_published_steps(base: str, code: str, text: str) -> None:
    assert beidou.to_reference_code(base, code) == text
    assert beidou.from_reference_code(base, text) == code
    assert beidou.from_reference_code(base, base + text) == code
    assert beidou.from_reference_code(base, f"村委会{text.lower()}") == code
    assert beidou.from_reference_code(base, text.replace("-", "－")) == code


@given(codes(lowest=5), st.integers(-7, 7), st.integers(-7, 7), st.data())
def test_there_and_back(base: str, east: int, north: int, data: st.DataObject) -> None:
    side = 15
    disk = beidou.grid_disk(base, 7)
    assume(len(disk) == side * side)
    target = disk[(north + 7) * side + east + 7]
    letters = "GFEDCBA01234567"
    assert beidou.to_reference_code(base, target) == f"-{letters[east + 7]}{letters[north + 7]}"
    for _ in range(data.draw(st.integers(0, 10 - beidou.get_level(target)))):
        target = data.draw(st.sampled_from(beidou.code_to_children(target)))
    text = beidou.to_reference_code(base, target)
    assert beidou.from_reference_code(base, text) == target


def test_finer_groups_are_the_plain_digits_in_the_north_east() -> None:
    assert beidou.to_reference_code("N50J47539B8", "N50J47539B82553415") == "-00-01-55-34-15"


def test_finer_groups_count_away_from_the_origin_in_the_south_west() -> None:
    assert beidou.to_reference_code("S11J47539B8", "S11J47539B8255") == "-00-0A-EE"


@pytest.mark.parametrize(
    "text",
    ["", "-", "-2", "-200", "20", "-H0", "-80", "-20-", "-20--10", "N50J475492E-20", "-20-20", "-00-01-88"],
)
def test_what_is_no_reference_code_is_refused(text: str) -> None:
    with pytest.raises(BadBeidouCodeError):
        beidou.from_reference_code("N50J475491E", text)


def test_bases_too_coarse_and_cells_too_far_are_refused() -> None:
    for base, code in (
        ("N50J47549", "N50J47549"),
        ("N50J475491E", "N50J475499E"),
        ("N50J475491E", "N50J47549"),
        ("N50J475491E", "村"),
    ):
        with pytest.raises(BadBeidouCodeError):
            beidou.to_reference_code(base, code)


def test_steps_cross_the_antimeridian_but_not_the_polar_cap() -> None:
    east = beidou.latlng_to_code(30.0, 180.0, 5)
    assert beidou.from_reference_code(east, "-10") == beidou.latlng_to_code(30.0, -180.0, 5)
    with pytest.raises(BadBeidouCodeError):
        beidou.from_reference_code(beidou.latlng_to_code(87.9999, 0.0, 5), "-07")
    with pytest.raises(BadBeidouCodeError):
        beidou.from_reference_code(beidou.latlng_to_code(87.0, 0.0, 10), "-00-00")
