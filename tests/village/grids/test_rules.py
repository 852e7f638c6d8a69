"""How cells, groups and doors belong together."""

from __future__ import annotations

import shapely
from hypothesis import given
from hypothesis import strategies as st

from geocode import cells
from tests.make.doors import LAT, LNG
from village.grids.rules import GRID_RESOLUTION, Belonging, GridShape, grid_area, outline_wkt

HERE = cells.latlng_to_cell(LAT, LNG, GRID_RESOLUTION)


def test_a_door_belongs_by_its_cell_before_its_group() -> None:
    belonging = Belonging.of(
        [GridShape(1, 1, frozenset([HERE]), frozenset([5])), GridShape(2, 2, frozenset(), frozenset([3]))]
    )

    assert belonging.grid_of(LAT, LNG, 3) == 1
    assert belonging.grid_of(LAT + 0.1, LNG, 3) == 2
    assert belonging.grid_of(LAT + 0.1, LNG, 4) is None
    assert belonging.grid_of(LAT + 0.1, LNG, 0) is None


def test_an_outline_is_the_cells_dissolved_with_its_parts_and_holes() -> None:
    ring = [cell for cell in cells.grid_disk(HERE, 1) if cell != HERE]
    apart = cells.latlng_to_cell(LAT + 0.05, LNG, GRID_RESOLUTION)

    area = shapely.from_wkt(outline_wkt([*ring, apart]))

    assert area.is_valid and area.geom_type == "MultiPolygon" and shapely.get_num_geometries(area) == 2
    assert not area.contains(shapely.Point(*reversed(cells.cell_to_latlng(HERE))))
    assert area.contains(shapely.Point(*reversed(cells.cell_to_latlng(ring[0]))))


def test_an_area_code_begins_with_its_village() -> None:
    assert grid_area("420199104207", 3) == "420199104207-03"


@given(st.floats(min_value=30.8, max_value=30.9), st.floats(min_value=113.9, max_value=114.0))
def test_every_place_in_a_cell_of_a_grid_belongs_to_it(lat: float, lng: float) -> None:
    cell = cells.latlng_to_cell(lat, lng, GRID_RESOLUTION)

    assert Belonging.of([GridShape(7, 1, frozenset([cell]), frozenset())]).grid_of(lat, lng, 0) == 7
