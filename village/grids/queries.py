"""Reading grids: their shapes, their officers, how many doors each has."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from commons.accounts.queries import holders_of
from commons.db import db
from village.grids.models import Grid
from village.grids.rules import Belonging, GridShape


@dataclass(frozen=True, slots=True)
class GridLine:
    """A grid in a list of the desk."""

    id: int
    number: int
    name: str
    area: str
    cells: int
    groups: tuple[int, ...]
    officers: tuple[str, ...]


def grids_of(village_code: str) -> list[Grid]:
    """Return the grids of a village that stand, by number."""
    query = select(Grid).where(Grid.village_code == village_code, Grid.removed_at.is_(None))
    return list(db.session.scalars(query.order_by(Grid.number)))


def shapes_in(village_code: str) -> list[GridShape]:
    """Return what the grids of a village are made of."""
    query = select(Grid.id, Grid.number, Grid.cells, Grid.groups).where(
        Grid.village_code == village_code, Grid.removed_at.is_(None)
    )
    return [
        GridShape(grid_id, number, frozenset(held), frozenset(groups))
        for grid_id, number, held, groups in db.session.execute(query)
    ]


def belonging_in(village_code: str) -> Belonging:
    """Return where doors of the village belong."""
    return Belonging.of(shapes_in(village_code))


def grid_lines(village_code: str) -> list[GridLine]:
    """Return the grids of a village for a list, with the names of their officers."""
    return [
        GridLine(
            grid.id,
            grid.number,
            grid.name,
            grid.area,
            len(grid.cells),
            tuple(sorted(grid.groups)),
            tuple(person.name for person in holders_of("officer", grid.area)),
        )
        for grid in grids_of(village_code)
    ]


def last_number(village_code: str) -> int:
    """Return the highest grid number that the village ever gave, removed grids included."""
    query = select(func.max(Grid.number)).where(Grid.village_code == village_code)
    return db.session.scalar(query) or 0
