"""Which codes cover an area, and which no longer do."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from geocode import BadGeometryError, BadLatLngError, BadLevelError, beidou
from tests.geocode.test_beidou_properties import codes

TRIANGLE = {
    "type": "Polygon",
    "coordinates": [[[114.30, 30.59], [114.33, 30.60], [114.31, 30.63], [114.30, 30.59]]],
}


def cell(code: str) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [beidou.code_to_boundary(code)]}


@settings(max_examples=60)
@given(codes(), st.integers(0, 1))
def test_a_cell_is_covered_by_itself_and_by_its_children(code: str, deeper: int) -> None:
    level = beidou.get_level(code) + deeper
    assume(level <= 10)
    assert beidou.codes_covering(cell(code), level) == beidou.code_to_children(code, level)


@settings(max_examples=40)
@given(st.floats(-60, 60), st.floats(-170, 170), st.floats(0.001, 0.05), st.integers(3, 5))
def test_a_cover_holds_the_area_and_nothing_beside_it(
    lat: float, lng: float, radius: float, level: int
) -> None:
    area = shapely.Point(lng, lat).buffer(radius, quad_segs=4)
    found = beidou.codes_covering(area, level)
    boxes = [shapely.Polygon(beidou.code_to_boundary(code)) for code in found]
    assert len(found) == len(set(found)) and found == sorted(found)
    assert area.difference(shapely.union_all(boxes).buffer(1e-10)).area < 1e-12
    assert all(box.intersects(area) for box in boxes)


def test_a_cover_finds_exactly_the_cells_a_search_of_all_finds() -> None:
    area = shapely.Polygon(TRIANGLE["coordinates"][0])  # type: ignore[arg-type]
    near = beidou.grid_disk(beidou.latlng_to_code(30.61, 114.315, 5), 40)
    boxes = {code: shapely.Polygon(beidou.code_to_boundary(code)) for code in near}
    wanted = sorted(code for code, box in boxes.items() if area.intersection(box).area > 0)
    assert beidou.codes_covering(TRIANGLE, 5) == wanted


def test_a_hole_is_not_covered() -> None:
    ground, hole = beidou.code_to_boundary("N50J47539"), beidou.code_to_boundary("N50J47539B8")
    found = beidou.codes_covering({"type": "Polygon", "coordinates": [ground, hole]}, 5)
    assert found == [code for code in beidou.code_to_children("N50J47539") if code != "N50J47539B8"]


def test_points_lines_and_collections_are_covered_too() -> None:
    point = {"type": "Point", "coordinates": [114.3, 30.6, 25.0]}
    line = {"type": "LineString", "coordinates": [[114.301, 30.601], [114.349, 30.601]]}
    assert beidou.codes_covering(point, 8) == [beidou.latlng_to_code(30.6, 114.3)]
    assert beidou.codes_covering(line, 4) == [
        beidou.latlng_to_code(30.601, 114.301 + n / 60, 4) for n in range(3)
    ]
    many = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": [point, line]}},
            {"type": "Feature", "geometry": TRIANGLE, "properties": {}},
        ],
    }
    assert set(beidou.codes_covering(many, 4)) >= set(beidou.codes_covering(TRIANGLE, 4))


def test_an_area_over_meridian_and_equator_is_covered_in_all_quadrants() -> None:
    area = {"type": "Polygon", "coordinates": [[[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]]}
    assert beidou.codes_covering(area, 1) == ["N30A", "N31A", "S30A", "S31A"]
    assert len(beidou.codes_covering(area, 2)) == 16


def test_areas_at_the_antimeridian_stay_on_their_side() -> None:
    area = {"type": "Polygon", "coordinates": [[[179, 10], [180, 10], [180, 11], [179, 11], [179, 10]]]}
    assert {code[:3] for code in beidou.codes_covering(area, 3)} == {"N60"}


@pytest.mark.parametrize(
    "geojson",
    [
        None,
        "POINT (1 2)",
        {},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "Point", "coordinates": [200, 0]},
        {"type": "Point", "coordinates": ["1", "2"]},
        {"type": "Point", "coordinates": [float("nan"), 0]},
        {"type": "FeatureCollection", "features": []},
        {"type": "Feature", "geometry": None},
    ],
)
def test_what_is_no_simple_shape_is_refused(geojson: object) -> None:
    with pytest.raises(BadGeometryError):
        beidou.codes_covering(geojson, 4)


@pytest.mark.parametrize(("code", "lat"), [("N50V", 87.99), ("S11V", -87.99)])
def test_the_row_of_cells_at_the_polar_cap_can_be_covered_and_the_cap_itself_not(
    code: str, lat: float
) -> None:
    lng = beidou.code_to_latlng(code)[1]
    inner = beidou.latlng_to_code(lat, lng, 4)

    assert beidou.codes_covering(cell(code), 1) == [code]
    assert beidou.codes_covering(cell(inner), 4) == [inner]
    with pytest.raises(BadLatLngError):
        beidou.codes_covering({"type": "Point", "coordinates": [lng, 88 if lat > 0 else -88]}, 4)


def test_polar_shapes_other_levels_and_floods_are_refused() -> None:
    polar = {"type": "Polygon", "coordinates": [[[0, 87], [1, 87], [1, 89], [0, 87]]]}
    with pytest.raises(BadLatLngError):
        beidou.codes_covering(polar, 1)
    with pytest.raises(BadLevelError):
        beidou.codes_covering(TRIANGLE, 11)
    with pytest.raises(BadGeometryError):
        beidou.codes_covering(TRIANGLE, 9)
