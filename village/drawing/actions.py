"""Draw grids, draw them anew, remove them; the doors follow within the same transaction."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import update

from commons import clock
from commons.accounts.actions import end_appointment
from commons.accounts.permissions import require_scope
from commons.audit import record
from commons.columns import area
from commons.db import db
from commons.errors import Missing
from village.divisions.models import Village
from village.doors.actions import lock_counter
from village.doors.models import Door
from village.drawing.errors import DrawnMeanwhile, TooManyGrids
from village.drawing.queries import grid_of_number, officers_in_office, spots_of
from village.drawing.rules import Drawing, check_drawing, grid_title, ground_of, mark_of, moved_doors
from village.grids.models import Grid
from village.grids.queries import belonging_in, grids_of, last_number, shapes_in
from village.grids.rules import MOST_GRIDS, GridShape, grid_area, outline_wkt
from village.public import bump_page

_AT_ONCE = 400


def draw_grid(village_code: str, drawing: Drawing) -> Grid:
    """
    Add a grid; the very same one sent again is the one that stands.

    Raises:
        Missing, NotAllowed: no such village, or not the official's.
        NothingChosen, TooManyCells, TooManyGrids, CellsTaken, GroupsTaken, DrawnMeanwhile: it cannot stand like this.
    """
    _begin(village_code)
    shapes = shapes_in(village_code)
    twin = _twin(village_code, drawing)
    if twin is not None:
        return twin
    _check(village_code, drawing, shapes, shapes)
    number = last_number(village_code) + 1
    if number > MOST_GRIDS:
        raise TooManyGrids(MOST_GRIDS)
    grid = Grid(
        village_code=village_code,
        number=number,
        area=grid_area(village_code, number),
        name=drawing.name,
        cells=sorted(drawing.cells),
        groups=sorted(drawing.groups),
        created_at=clock.now(),
    )
    db.session.add(grid)
    db.session.flush()  # doors refer to it
    _settle(village_code)
    _record("grid.drawn", grid)
    return grid


def redraw_grid(village_code: str, number: int, drawing: Drawing) -> Grid:
    """
    Give a standing grid another shape or name.

    Raises:
        Missing, NotAllowed: no such grid, or not the official's.
        NothingChosen, TooManyCells, CellsTaken, GroupsTaken, DrawnMeanwhile: it cannot stand like this.
    """
    _begin(village_code)
    grid = _standing(village_code, number)
    shapes = shapes_in(village_code)
    _check(village_code, drawing, [one for one in shapes if one.id != grid.id], shapes)
    grid.name, grid.cells, grid.groups = drawing.name, sorted(drawing.cells), sorted(drawing.groups)
    db.session.flush()  # where doors belong is read anew
    _settle(village_code)
    _record("grid.redrawn", grid)
    return grid


def remove_grid(village_code: str, number: int) -> None:
    """
    Take a grid away: its doors are free, its officer's appointment ends, its number is never given again.

    Raises:
        Missing, NotAllowed: no such grid, or not the official's.
    """
    _begin(village_code)
    grid = _standing(village_code, number)
    for held in officers_in_office(grid.area):
        end_appointment(held)
    grid.cells, grid.groups, grid.outline, grid.removed_at = [], [], None, clock.now()
    db.session.flush()  # where doors belong is read anew
    _settle(village_code)
    _record("grid.removed", grid)


def _begin(village_code: str) -> None:
    """Let one drawing at a time into a village, and no import of doors beside it: each reads what the other writes."""
    if db.session.get(Village, village_code) is None:
        raise Missing("这个村还没有启用")
    require_scope("draw-grids", village_code)
    lock_counter(village_code)


def _standing(village_code: str, number: int) -> Grid:
    grid = grid_of_number(village_code, number)
    if grid is None:
        raise Missing("没有这个网格，可能已经撤掉了")
    return grid


def _twin(village_code: str, drawing: Drawing) -> Grid | None:
    for grid in grids_of(village_code):
        if (grid.cells, grid.groups, grid.name) == (
            sorted(drawing.cells),
            sorted(drawing.groups),
            drawing.name,
        ):
            return grid
    return None


def _check(
    village_code: str, drawing: Drawing, others: Iterable[GridShape], shapes: Iterable[GridShape]
) -> None:
    titles = {grid.number: grid_title(grid.number, grid.name) for grid in grids_of(village_code)}
    check_drawing(drawing, others, titles)
    if drawing.seen != mark_of(shapes):
        raise DrawnMeanwhile()


def _settle(village_code: str) -> None:
    """Bring doors, outlines and the pages' version in line with the grids as they now are."""
    spots = spots_of(village_code)
    for grid_id, ids in moved_doors(spots, belonging_in(village_code)).items():
        for start in range(0, len(ids), _AT_ONCE):
            part = update(Door).where(Door.id.in_(ids[start : start + _AT_ONCE]))
            db.session.execute(part.values(grid_id=grid_id), execution_options={"synchronize_session": False})
    held: dict[int, list[str]] = {}
    for cell, owner in ground_of(spots, shapes_in(village_code)).items():
        held.setdefault(owner, []).append(cell)
    for grid in grids_of(village_code):
        mine = held.get(grid.id)
        grid.outline = area(outline_wkt(mine)) if mine else None
    db.session.flush()  # the outlines, before the version says that they are there
    bump_page(village_code)


def _record(action: str, grid: Grid) -> None:
    record(
        action, subject=f"grid:{grid.id}", area=grid.area, cells=len(grid.cells), groups=sorted(grid.groups)
    )
