"""Which ground belongs to which grid, and whether a drawing may stand beside the others. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geocode import cells
from village.drawing.errors import CellsTaken, GroupsTaken, NothingChosen, TooManyCells
from village.grids.rules import GRID_RESOLUTION, MOST_CELLS, Belonging, GridShape

MOST_LISTED = 1_500


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a door is, and of which group."""

    id: int
    lat: float
    lng: float
    group_no: int
    grid_id: int | None

    @property
    def cell(self) -> str:
        """The cell of the grids' resolution that holds it."""
        return cells.latlng_to_cell(self.lat, self.lng, GRID_RESOLUTION)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What somebody drew. ``seen`` is the mark of the grids that they had before their eyes, see :func:`mark_of`."""

    name: str
    cells: tuple[str, ...]
    groups: tuple[int, ...]
    seen: str


def grid_title(number: int, name: str) -> str:
    """
    Return how a grid is called in a sentence.

    >>> grid_title(2, "东片"), grid_title(2, "")
    ('第 2 网格（东片）', '第 2 网格')
    """
    return f"第 {number} 网格（{name}）" if name else f"第 {number} 网格"


def mark_of(shapes: Iterable[GridShape]) -> str:
    """Return a short mark of how a village is divided: another one after every change."""
    said = [
        [one.number, sorted(one.cells), sorted(one.groups)] for one in sorted(shapes, key=lambda s: s.number)
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def check_drawing(drawing: Drawing, others: Iterable[GridShape], titles: Mapping[int, str]) -> None:
    """
    Refuse a drawing that is empty, too large, or lies on another grid; *titles* says by number how grids are called.

    Raises:
        NothingChosen, TooManyCells, CellsTaken, GroupsTaken
    """
    if not drawing.cells and not drawing.groups:
        raise NothingChosen()
    if len(drawing.cells) > MOST_CELLS:
        raise TooManyCells(MOST_CELLS)
    for other in sorted(others, key=lambda one: one.number):
        both = other.cells.intersection(drawing.cells)
        if both:
            raise CellsTaken(titles[other.number], len(both))
        shared = other.groups.intersection(drawing.groups)
        if shared:
            raise GroupsTaken(titles[other.number], shared)


def moved_doors(spots: Iterable[Spot], belonging: Belonging) -> dict[int | None, list[int]]:
    """Return the ids of the doors that change their grid, by the grid they come to (None: to no grid)."""
    moved: dict[int | None, list[int]] = {}
    for spot in spots:
        grid_id = belonging.grid_of(spot.lat, spot.lng, spot.group_no)
        if grid_id != spot.grid_id:
            moved.setdefault(grid_id, []).append(spot.id)
    return moved


def ground_of(spots: Iterable[Spot], shapes: Iterable[GridShape]) -> dict[str, int]:
    """
    Return which cells count as the ground of which grid (by id), each cell for one grid only.

    Drawn cells are theirs who drew them. A cell that nobody drew belongs where most of its doors belong by their group;
    this is what a grid made of groups looks like on a map.
    """
    shapes = sorted(shapes, key=lambda one: one.number)
    belonging = Belonging.of(shapes)
    ground = dict(belonging.by_cell)
    votes: dict[str, Counter[int]] = {}
    for spot in spots:
        grid_id = belonging.by_group.get(spot.group_no) if spot.group_no else None
        cell = spot.cell
        if grid_id is not None and cell not in ground:
            votes.setdefault(cell, Counter())[grid_id] += 1
    order = {one.id: at for at, one in enumerate(shapes)}
    for cell, counts in votes.items():
        ground[cell] = min(counts, key=lambda grid_id: (-counts[grid_id], order[grid_id]))
    return ground


def listed_cells(spots: Iterable[Spot], held: Iterable[str], most: int = MOST_LISTED) -> list[str]:
    """
    Return the cells that a form offers: those with doors, those beside them, and those that grids hold.

    Where that is more than *most*, the empty ones beside doors are left out; where it still is, there is nothing to offer
    and grids are drawn by groups or by a file.
    """
    with_doors = {spot.cell for spot in spots}
    needed = with_doors | set(held)
    around = (
        needed.union(*(cells.grid_disk(cell, 1) for cell in with_doors))
        if len(with_doors) <= most
        else needed
    )
    for found in (around, needed):
        if len(found) <= most:
            return sorted(found)
    return []
