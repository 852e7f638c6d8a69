"""What must hold for every point and every cell."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geocode import BadBeidouCodeError, BadLevelError, beidou
from geocode._beidou_levels import LENGTHS, SPLITS, WIDTHS
from tests.geocode import exact_grid

LATS = st.floats(-87.9999999, 87.9999999)
LNGS = st.floats(-180, 180)
LEVELS = st.integers(1, 10)
# Two micrometres in degrees, the distance at which a float is taken to mean the edge.
SNAP = 2e-4 / 7_372_800


@st.composite
def codes(draw: st.DrawFn, lowest: int = 1, highest: int = 10) -> str:
    level = draw(st.integers(lowest, highest))
    return beidou.latlng_to_code(draw(LATS), draw(LNGS), level)


@given(LATS, LNGS, LEVELS)
def test_a_point_lies_in_its_cell(lat: float, lng: float, level: int) -> None:
    south, west, north, east = beidou.code_to_bounds(beidou.latlng_to_code(lat, lng, level))
    assert south - SNAP <= lat <= north + SNAP
    assert west - SNAP <= lng <= east + SNAP


@given(codes())
def test_the_centre_of_a_cell_has_its_code(code: str) -> None:
    lat, lng = beidou.code_to_latlng(code)
    assert beidou.latlng_to_code(lat, lng, beidou.get_level(code)) == code


@given(codes())
def test_bounds_are_those_of_the_exact_reference(code: str) -> None:
    assert tuple(beidou.code_to_bounds(code)) == tuple(float(side) for side in exact_grid.decode(code))


@given(LATS, LNGS, LEVELS, LEVELS)
def test_a_parent_is_a_prefix(lat: float, lng: float, one: int, other: int) -> None:
    coarse, fine = sorted((one, other))
    code = beidou.latlng_to_code(lat, lng, fine)
    assert code.startswith(beidou.latlng_to_code(lat, lng, coarse))
    assert beidou.code_to_parent(code, coarse) == beidou.latlng_to_code(lat, lng, coarse)
    assert len(code) == LENGTHS[fine]


@given(codes())
def test_neighbours_are_mutual(code: str) -> None:
    around = beidou.code_neighbors(code)
    assert len(around) == len(set(around)) and len(around) in (5, 8)
    for near in around:
        assert code in beidou.code_neighbors(near)
        assert beidou.grid_distance(code, near) == 1


@given(codes())
def test_neighbours_share_an_edge_or_a_corner(code: str) -> None:
    south, west, north, east = beidou.code_to_bounds(code)
    for near in beidou.code_neighbors(code):
        s, w, n, e = beidou.code_to_bounds(near)
        assert s <= north and n >= south
        if abs(w - west) < 180:
            assert w <= east and e >= west


@given(codes(highest=9))
def test_children_tile_their_parent(code: str) -> None:
    children = beidou.code_to_children(code)
    level = beidou.get_level(code)
    assert len(set(children)) == SPLITS[level + 1][0] * SPLITS[level + 1][1]
    whole = exact_grid.decode(code)
    area = (whole.north - whole.south) * (whole.east - whole.west)
    for child in children:
        box = exact_grid.decode(child)
        assert whole.south <= box.south < box.north <= whole.north
        assert whole.west <= box.west < box.east <= whole.east
        area -= (box.north - box.south) * (box.east - box.west)
    # All inside, all different, all of one size and the areas add up: no gap and no overlap.
    assert area == 0


@given(codes(highest=9))
def test_compacting_children_gives_the_parent(code: str) -> None:
    children = beidou.code_to_children(code)
    assert beidou.compact_codes(children) == [code]
    assert beidou.compact_codes([*children, code, children[0]]) == [code]
    assert beidou.compact_codes(children[1:]) == children[1:]
    assert beidou.uncompact_codes([code], beidou.get_level(code) + 1) == children


@given(st.lists(codes(lowest=5, highest=7), max_size=8))
def test_compacting_keeps_the_ground(many: list[str]) -> None:
    ground = {child for code in many for child in beidou.code_to_children(code, 7)}
    small = beidou.compact_codes([*many, *ground])
    assert beidou.uncompact_codes(small, 7) == sorted(ground)
    assert len(small) <= len(set(many))


@given(codes(), st.integers(0, 4))
def test_a_disk_is_the_cells_within_its_radius(code: str, k: int) -> None:
    disk = beidou.grid_disk(code, k)
    assert len(disk) == len(set(disk)) and code in disk
    assert all(beidou.grid_distance(code, near) <= k for near in disk)
    lat, _ = beidou.code_to_latlng(code)
    if abs(lat) < 60:
        assert len(disk) == (2 * k + 1) ** 2


def test_a_disk_never_counts_a_cell_twice_around_the_earth() -> None:
    disk = beidou.grid_disk("N31A", 100)
    assert len(disk) == len(set(disk)) == 60 * 44


@given(codes(), codes())
def test_distances_are_symmetric(one: str, other: str) -> None:
    if len(one) == len(other):
        assert beidou.grid_distance(one, other) == beidou.grid_distance(other, one)
        assert (beidou.grid_distance(one, other) == 0) == (one == other)
    else:
        with pytest.raises(BadBeidouCodeError):
            beidou.grid_distance(one, other)


def test_the_antimeridian_is_no_seam() -> None:
    east, west = beidou.latlng_to_code(30.0, 180.0), beidou.latlng_to_code(30.0, -180.0)
    assert beidou.grid_distance(east, west) == 1
    assert west in beidou.code_neighbors(east)


def test_meridian_and_equator_are_no_seams() -> None:
    around = set(beidou.code_neighbors("N31A"))
    assert {"N30A", "S31A", "S30A"} < around


@given(codes(lowest=2))
def test_sizes_agree_with_the_sphere(code: str) -> None:
    wide, high = beidou.cell_size_m(code)
    south, west, north, east = beidou.code_to_bounds(code)
    middle = math.radians((south + north) / 2)
    assert wide == pytest.approx(math.radians(east - west) * 6_371_000 * math.cos(middle), rel=0.01)
    assert high == pytest.approx(math.radians(north - south) * 6_371_000, rel=0.01)


@pytest.mark.parametrize(
    ("level", "wide", "high"),
    [(2, 47.7e3, 55.4e3), (4, 1590, 1848), (6, 53, 61.6), (8, 0.83, 0.96), (10, 0.0129, 0.015)],
)
def test_sizes_at_31_north_are_those_of_the_table(level: int, wide: float, high: float) -> None:
    size = beidou.cell_size_m(beidou.latlng_to_code(31.0, 114.0, level))
    assert size.east_west_m == pytest.approx(wide, rel=0.01)
    assert size.north_south_m == pytest.approx(high, rel=0.01)


def test_children_of_a_column_of_cells_add_up_to_a_quarter_meridian() -> None:
    """10,001,966 m from equator to pole on this ellipsoid, less the last two degrees of 223,388 m."""
    total = sum(beidou.cell_size_m(f"N31{chr(65 + row)}").north_south_m for row in range(22))
    assert total == pytest.approx(10_001_965.7 - 223_387.6, abs=2)


@given(codes())
def test_the_boundary_is_a_closed_ring_turning_left(code: str) -> None:
    ring = beidou.code_to_boundary(code)
    assert ring[0] == ring[-1] and len(ring) == 5
    turn = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, ring[1:], strict=False))
    if beidou.get_level(code) < 6:
        assert turn > 0


@given(codes())
def test_parents_and_children_stop_at_the_ends_of_the_ladder(code: str) -> None:
    level = beidou.get_level(code)
    assume(level < 10)
    with pytest.raises(BadLevelError):
        beidou.code_to_parent(code, level + 1)
    if level > 1:
        with pytest.raises(BadLevelError):
            beidou.code_to_children(code, level - 1)


@pytest.mark.parametrize("k", [-1, 1001, 1.5, "1", None, True])
def test_impossible_steps_are_refused(k: object) -> None:
    with pytest.raises(BadLevelError):
        beidou.grid_disk("N50J", k)  # type: ignore[arg-type]


def test_what_would_fill_the_memory_is_refused() -> None:
    for refused in (
        lambda: beidou.code_to_children("N50J", 8),
        lambda: beidou.uncompact_codes(["N50J", "N50K"], 8),
        lambda: beidou.uncompact_codes(["N50J47"], 1),
        lambda: beidou.code_to_children("N50J47539B82553415" + "24"),
        lambda: beidou.code_to_parent("N50J"),
    ):
        with pytest.raises(BadLevelError):
            refused()


def test_widths_divide_the_circle() -> None:
    assert all(360 * 7_372_800 % width == 0 for width in WIDTHS.values())
