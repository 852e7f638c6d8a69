"""H3 cells of doors and grids."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geocode import BadCellError, BadGeometryError, BadLatLngError, BadLevelError, beidou, cells

DOOR = "8c40a33889603ff"


def box(west: float, south: float, east: float, north: float) -> dict[str, object]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.mark.parametrize(
    ("lat", "lng", "nine", "twelve"),
    [
        (31.77583, 111.82944, "8940a338897ffff", "8c40a33889603ff"),
        (30.59276, 114.30525, "8940a68046bffff", "8c40a68046a45ff"),
        (29.99, 109.48, "89401e4b62fffff", "8c401e4b62e43ff"),
    ],
)
def test_known_doors_have_their_cells(lat: float, lng: float, nine: str, twelve: str) -> None:
    assert cells.latlng_to_cell(lat, lng) == twelve
    assert cells.latlng_to_cell(lat, lng, 9) == nine
    assert cells.latlng_to_cell_int(lat, lng) == int(twelve, 16) == cells.cell_to_int(twelve)
    assert cells.cell_to_parent(twelve) == nine
    assert cells.map_cell(twelve) == int(nine, 16)


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 15))
def test_text_and_number_are_one_cell_and_fit_the_database(lat: float, lng: float, resolution: int) -> None:
    text = cells.latlng_to_cell(lat, lng, resolution)
    number = cells.cell_to_int(text)
    assert 0 < number < 2**63
    assert cells.cell_to_text(number) == text == cells.cell_to_text(text.upper())
    assert cells.get_resolution(number) == resolution
    assert cells.latlng_to_cell(*cells.cell_to_latlng(number), resolution) == text


@given(st.floats(-60, 60), st.floats(-170, 170), st.integers(3, 15))
def test_neighbours_are_mutual_and_one_step_away(lat: float, lng: float, resolution: int) -> None:
    cell = cells.latlng_to_cell(lat, lng, resolution)
    around = cells.grid_neighbors(cell)
    assert len(around) in (5, 6) and cell not in around
    for near in around:
        assert cell in cells.grid_neighbors(near)
        assert cells.grid_distance(cell, near) == 1


def test_doors_roll_up_to_map_cells() -> None:
    doors = [cells.latlng_to_cell(30.5 + n / 5000, 114.3) for n in range(40)]
    counts = cells.roll_up(doors)
    assert sum(counts.values()) == 40 and 2 < len(counts) < 10
    assert all(cells.get_resolution(cell) == 9 for cell in counts)


def test_children_lie_in_their_parent() -> None:
    children = cells.cell_to_children("8940a338897ffff", 12)
    assert len(children) == 343 and DOOR in children
    assert {cells.cell_to_parent(child) for child in children} == {"8940a338897ffff"}


def test_areas_side_by_side_share_no_cell_and_leave_none_out() -> None:
    west = cells.polygon_to_cells(box(114.30, 30.59, 114.305, 30.60), 11)
    east = cells.polygon_to_cells(box(114.305, 30.59, 114.31, 30.60), 11)
    whole = cells.polygon_to_cells(box(114.30, 30.59, 114.31, 30.60), 11)
    assert not set(west) & set(east)
    assert sorted([*west, *east]) == whole


def test_the_three_containments_nest() -> None:
    area = box(114.30, 30.59, 114.31, 30.60)
    full, center, overlap = (
        set(cells.polygon_to_cells(area, 11, how)) for how in ("full", "center", "overlap")
    )
    assert full < center < overlap


def test_a_hole_has_no_cells() -> None:
    area = box(114.30, 30.59, 114.31, 30.60)
    hole = [[114.304, 30.594], [114.306, 30.594], [114.306, 30.596], [114.304, 30.596], [114.304, 30.594]]
    area["coordinates"].append(hole)  # type: ignore[attr-defined]
    ring = cells.polygon_to_cells(area, 11)
    inside = cells.latlng_to_cell(30.595, 114.305, 11)
    assert ring and inside not in ring
    outline = cells.cells_to_polygon(ring)
    assert len(outline["coordinates"]) == 1 and len(outline["coordinates"][0]) == 2


def test_the_outline_of_cells_gives_the_cells_back() -> None:
    given_cells = [*cells.grid_disk(DOOR, 2), *cells.grid_disk(cells.latlng_to_cell(30.6, 114.3), 1)]
    outline = cells.cells_to_polygon([*given_cells, cells.cell_to_int(DOOR)])
    assert outline["type"] == "MultiPolygon" and len(outline["coordinates"]) == 2
    assert cells.polygon_to_cells(outline, 12) == sorted(set(given_cells))
    for area in outline["coordinates"]:
        assert all(ring[0] == ring[-1] for ring in area)
        assert shapely.Polygon(area[0]).is_valid


def test_no_cells_have_an_empty_outline() -> None:
    assert cells.cells_to_polygon([]) == {"type": "MultiPolygon", "coordinates": []}


@settings(max_examples=40)
@given(st.floats(-60, 60), st.floats(-170, 170), st.integers(4, 10))
def test_the_cells_of_a_beidou_code_cover_it(lat: float, lng: float, level: int) -> None:
    code = beidou.latlng_to_code(lat, lng, level)
    resolution = 9 if level < 6 else 12
    ground = shapely.Polygon(beidou.code_to_boundary(code))
    found = cells.code_to_cells(code, resolution)
    hexagons = shapely.union_all([shapely.Polygon(cells.cell_to_boundary(cell)) for cell in found])
    missing = ground.difference(hexagons.buffer(1e-9))
    assert missing.area <= 1e-6 * ground.area
    assert all(shapely.Polygon(cells.cell_to_boundary(cell)).distance(ground) < 1e-9 for cell in found)


def test_a_boundary_is_a_geojson_ring() -> None:
    ring = cells.cell_to_boundary(DOOR)
    lat, lng = cells.cell_to_latlng(DOOR)
    assert ring[0] == ring[-1] and len(ring) == 7
    assert all(abs(x - lng) < 0.001 and abs(y - lat) < 0.001 for x, y in ring)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "zz",
        "8c40a33889603f",
        DOOR * 2,
        f"0x{DOOR}",
        f" {DOOR}",
        f"-{DOOR}",
        "0" * 15,
        "f" * 15,
        "８c40a33889603ff",
    ]
    + [-1, 0, 1 << 70, True, None, 1.5, b"8c40a33889603ff", [DOOR]],
)
def test_what_is_no_cell_is_refused_and_never_valid(cell: object) -> None:
    assert cells.is_valid_cell(cell) is False
    for reader in (
        cells.cell_to_text,
        cells.cell_to_int,
        cells.cell_to_latlng,
        cells.grid_disk,
        cells.map_cell,
    ):
        with pytest.raises(BadCellError):
            reader(cell)  # type: ignore[arg-type]


@pytest.mark.parametrize("spot", [(91, 0), (0, 181), (math.nan, 0), ("1", 0), (None, 0)])
def test_what_is_no_point_is_refused(spot: tuple[float, float]) -> None:
    with pytest.raises(BadLatLngError):
        cells.latlng_to_cell(*spot)


@pytest.mark.parametrize("resolution", [-1, 16, 9.0, "9", None, True])
def test_other_resolutions_are_refused(resolution: int) -> None:
    for refused in (
        lambda: cells.latlng_to_cell(30.0, 114.0, resolution),
        lambda: cells.cell_to_parent(DOOR, resolution),
        lambda: cells.polygon_to_cells(box(114, 30, 115, 31), resolution),
        lambda: cells.code_to_cells("N50J", resolution),
    ):
        with pytest.raises(BadLevelError):
            refused()


def test_going_the_wrong_way_or_too_far_is_refused() -> None:
    for refused in (
        lambda: cells.cell_to_parent("8940a338897ffff", 12),
        lambda: cells.cell_to_children(DOOR, 9),
        lambda: cells.cell_to_children("8940a338897ffff", 15).append(
            cells.cell_to_children("8240a7fffffffff", 12)[0]
        ),
        lambda: cells.grid_disk(DOOR, 1001),
    ):
        with pytest.raises(BadLevelError):
            refused()
    with pytest.raises(BadCellError):
        cells.grid_distance(DOOR, "8940a338897ffff")
    with pytest.raises(BadCellError):
        cells.cells_to_polygon([DOOR, "8940a338897ffff"])


def test_areas_too_large_or_misshapen_are_refused() -> None:
    for area in (
        box(60, 0, 140, 60),
        {"type": "Point", "coordinates": [114, 30]},
        box(-170, 0, 170, 1),
        {},
        None,
    ):
        with pytest.raises(BadGeometryError):
            cells.polygon_to_cells(area, 12)
    with pytest.raises(BadGeometryError):
        cells.polygon_to_cells(box(114, 30, 114.1, 30.1), 9, "touch")  # type: ignore[arg-type]
    with pytest.raises(BadGeometryError):
        cells.code_to_cells("N50J", 12)
