"""How cells, groups and doors belong together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geocode import cells

GRID_RESOLUTION = 10
MOST_CELLS = 5_000
MOST_GRIDS = 99


@dataclass(frozen=True, slots=True)
class GridShape:
    """What a grid is made of."""

    id: int
    number: int
    cells: frozenset[str]
    groups: frozenset[int]


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where the doors of a village belong: by their cell first, by their group where no grid has the cell."""

    by_cell: Mapping[str, int]
    by_group: Mapping[int, int]

    @classmethod
    def of(cls, shapes: Iterable[GridShape]) -> Belonging:
        """Turn the grids of one village around; they hold no cell and no group twice."""
        by_cell: dict[str, int] = {}
        by_group: dict[int, int] = {}
        for shape in shapes:
            by_cell.update(dict.fromkeys(shape.cells, shape.id))
            by_group.update(dict.fromkeys(shape.groups, shape.id))
        return cls(by_cell, by_group)

    def grid_of(self, lat: float, lng: float, group_no: int) -> int | None:
        """Return the id of the grid of a door, None where nobody drew one."""
        if self.by_cell:
            found = self.by_cell.get(cells.latlng_to_cell(lat, lng, GRID_RESOLUTION))
            if found is not None:
                return found
        return self.by_group.get(group_no) if group_no else None


def grid_area(village_code: str, number: int) -> str:
    """
    Return the area code that the officer of a grid is appointed to.

    >>> grid_area("420199104207", 3)
    '420199104207-03'
    """
    return f"{village_code}-{number:02d}"


def outline_wkt(held: Iterable[str]) -> str:
    """Return the dissolved outline of cells as WKT."""
    areas = cells.cells_to_polygon(held)["coordinates"]
    return f"MULTIPOLYGON({','.join(_area_wkt(area) for area in areas)})"


def _area_wkt(area: list[list[list[float]]]) -> str:
    rings = ("(" + ",".join(f"{lng!r} {lat!r}" for lng, lat in ring) + ")" for ring in area)
    return f"({','.join(rings)})"
