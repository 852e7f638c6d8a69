"""The map: every cell once, numbered as one reads, and nothing that names a door."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from geocode import cells
from tests.make.doors import LAT, LNG
from village.drawing.map_rules import VillageMap, make_map
from village.drawing.rules import Spot, ground_of, listed_cells, mark_of
from village.grids.rules import GRID_RESOLUTION, GridShape

HERE = cells.latlng_to_cell(LAT, LNG, GRID_RESOLUTION)
DISK = cells.grid_disk(HERE, 3)


def map_of(held: dict[str, int] | None = None) -> VillageMap:
    found = make_map(DISK, [(LAT, LNG), (LAT, LNG), (LAT + 0.002, LNG)], held or {}, {7: 1, 8: 2})
    assert found is not None
    return found


def spot(number: int, group_no: int, lat: float = LAT, lng: float = LNG) -> Spot:
    return Spot(number, lat, lng, group_no, None)


def test_cells_are_numbered_from_north_to_south_and_from_west_to_east() -> None:
    drawn = map_of()

    assert [cell.number for cell in drawn.cells] == list(range(1, len(DISK) + 1))
    assert {cell.id for cell in drawn.cells} == set(DISK)
    for row in drawn.rows:
        assert [cell.x for cell in row] == sorted(cell.x for cell in row)
    heights = [sum(cell.y for cell in row) / len(row) for row in drawn.rows]
    assert heights == sorted(heights)


def test_doors_are_counted_in_their_cells_and_drawn_as_dots_once() -> None:
    drawn = map_of()

    assert {cell.id: cell.doors for cell in drawn.cells}[HERE] == 2
    assert sum(cell.doors for cell in drawn.cells) == 3
    assert len(drawn.dots) == 2


def test_everything_lies_on_the_sheet() -> None:
    drawn = map_of()

    for cell in drawn.cells:
        begin = re.match(r"M(\d+) (\d+)l", cell.path)
        assert begin is not None
        assert 0 < int(begin[1]) < drawn.width
        assert 0 < int(begin[2]) < drawn.height
    assert drawn.width_px <= 2_400


def test_a_village_with_one_door_far_away_still_fits() -> None:
    far = cells.latlng_to_cell(LAT + 2, LNG + 2, GRID_RESOLUTION)
    drawn = make_map([HERE, far], [], {}, {})

    assert drawn is not None
    assert max(drawn.width_px, drawn.height_px) <= 2_400


def test_each_grid_is_one_dissolved_area_with_its_mark_inside() -> None:
    drawn = map_of(dict.fromkeys(DISK[:5], 7) | {DISK[9]: 8})

    assert [(area.grid_id, area.pattern) for area in drawn.areas] == [(7, 0), (8, 1)]
    middles = {(cell.x, cell.y): cell.id for cell in drawn.cells}
    assert middles[(drawn.areas[0].x, drawn.areas[0].y)] in DISK[:5]


def test_nothing_to_draw_is_no_map() -> None:
    assert make_map([], [], {}, {}) is None


def test_a_cell_that_nobody_drew_goes_to_the_group_with_most_doors() -> None:
    shapes = [GridShape(1, 1, frozenset(), frozenset({1})), GridShape(2, 2, frozenset(), frozenset({2}))]

    assert ground_of([spot(1, 1), spot(2, 2), spot(3, 2)], shapes) == {HERE: 2}
    assert ground_of([spot(1, 1), spot(2, 2)], shapes) == {HERE: 1}
    assert ground_of([spot(1, 3)], shapes) == {}
    drawn = [*shapes, GridShape(3, 3, frozenset({HERE}), frozenset())]
    assert ground_of([spot(1, 1)], drawn) == {HERE: 3}


def test_a_form_offers_the_cells_of_doors_and_those_beside_them() -> None:
    assert set(listed_cells([spot(1, 1)], [])) == set(cells.grid_disk(HERE, 1))
    assert set(listed_cells([spot(1, 1)], [], most=3)) == {HERE}
    assert listed_cells([spot(1, 1)], DISK, most=3) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.sets(st.sampled_from(DISK)), st.sets(st.integers(1, 9)))))
def test_the_mark_changes_with_every_change_and_with_nothing_else(
    drawn: list[tuple[int, set[str], set[int]]],
) -> None:
    shapes = [
        GridShape(at, number, frozenset(held), frozenset(groups))
        for at, (number, held, groups) in enumerate(drawn)
    ]
    shapes = list({shape.number: shape for shape in shapes}.values())

    assert mark_of(shapes) == mark_of(reversed(shapes))
    assert mark_of([*shapes, GridShape(99, 99, frozenset(), frozenset({1}))]) != mark_of(shapes)
