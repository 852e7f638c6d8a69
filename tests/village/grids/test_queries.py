"""Reading the grids of a village."""

from __future__ import annotations

from flask import Flask

from commons import clock
from commons.db import transaction
from tests.make.doors import LAT, LNG, make_grid
from tests.make.people import make_official
from village.grids import queries


def test_a_village_lists_its_standing_grids_with_their_officers(app: Flask) -> None:
    first, second = make_grid(around=(LAT, LNG), name="湾里"), make_grid(groups=(5, 3))
    with transaction():
        make_official(role="officer", area=first.area, name="周明")
        second.removed_at = clock.now()

    (line,) = queries.grid_lines(first.village_code)

    assert (line.number, line.name, line.cells, line.officers) == (1, "湾里", 19, ("周明",))


def test_the_number_of_a_removed_grid_still_counts(app: Flask) -> None:
    grid = make_grid(groups=(3,))
    with transaction():
        grid.removed_at = clock.now()

    assert queries.last_number(grid.village_code) == 1
    assert queries.belonging_in(grid.village_code).grid_of(LAT, LNG, 3) is None
