"""A map of cells, doors and grids as plain SVG paths: no tiles, no script, nothing that says whose door it is. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, radians

from geocode import cells

PATTERNS = 6
_METRES_PER_DEGREE = 111_320.0
# A cell of resolution 10 is some 130 m wide and 48 px on the screen: room enough for its number.
_PIXELS_PER_METRE = 0.36
_WIDEST = 2_400
_MARGIN = 30
_ROW_M = 90
# Room beneath the cells for the bar that says how long 200 m are.
_FOOT = 40


@dataclass(frozen=True, slots=True)
class MapCell:
    """One cell: its number on the map, its row from the north, where it lies, how many doors it has and whose it is."""

    id: str
    number: int
    row: int
    path: str
    x: int
    y: int
    doors: int
    grid_id: int | None


@dataclass(frozen=True, slots=True)
class MapArea:
    """The ground of one grid, dissolved."""

    grid_id: int
    pattern: int
    path: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class VillageMap:
    """Everything a template needs to draw it. Lengths are metres on the ground; ``width_px`` is the size on a screen."""

    width: int
    height: int
    width_px: int
    height_px: int
    cells: tuple[MapCell, ...]
    areas: tuple[MapArea, ...]
    dots: tuple[tuple[int, int], ...]

    @property
    def rows(self) -> list[list[MapCell]]:
        """The cells from north to south, each row from west to east."""
        found: dict[int, list[MapCell]] = {}
        for cell in self.cells:
            found.setdefault(cell.row, []).append(cell)
        return list(found.values())


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Turns degrees into whole metres from the map's north-west corner."""

    west: float
    north: float
    shrink: float

    def at(self, lng: float, lat: float) -> tuple[int, int]:
        x = (lng - self.west) * self.shrink * _METRES_PER_DEGREE
        return round(x) + _MARGIN, round((self.north - lat) * _METRES_PER_DEGREE) + _MARGIN

    def path(self, rings: Iterable[Iterable[Iterable[float]]]) -> str:
        pieces = []
        for ring in rings:
            (x, y), *rest = [self.at(*spot) for spot in list(ring)[:-1]]
            steps = []
            for next_x, next_y in rest:
                steps.append(f"{next_x - x} {next_y - y}")
                x, y = next_x, next_y
            first = self.at(*next(iter(ring)))
            pieces.append(f"M{first[0]} {first[1]}l{' '.join(steps)}z")
        return "".join(pieces)


def make_map(
    listed: Iterable[str],
    spots: Iterable[tuple[float, float]],
    ground: Mapping[str, int],
    numbers: Mapping[int, int],
) -> VillageMap | None:
    """
    Return the map of *listed* cells with dots for doors at *spots* (lat, lng); None where there is nothing to draw.

    *ground* says which grid (by id) a cell belongs to, *numbers* the number of each grid.
    """
    rings = {cell: cells.cell_to_boundary(cell) for cell in listed}
    if not rings:
        return None
    lngs = [lng for ring in rings.values() for lng, _ in ring]
    lats = [lat for ring in rings.values() for _, lat in ring]
    sheet = _Sheet(min(lngs), max(lats), cos(radians((min(lats) + max(lats)) / 2)))
    right, low = sheet.at(max(lngs), min(lats))
    width, height = right + _MARGIN, low + _MARGIN + _FOOT
    scale = min(_PIXELS_PER_METRE, _WIDEST / max(width, height))
    spots = list(spots)
    counts = Counter(
        cells.latlng_to_cell(lat, lng, cells.get_resolution(next(iter(rings)))) for lat, lng in spots
    )
    return VillageMap(
        width,
        height,
        round(width * scale),
        round(height * scale),
        _numbered(rings, sheet, counts, ground),
        _areas(rings, sheet, ground, numbers),
        tuple(sorted({sheet.at(lng, lat) for lat, lng in spots})),
    )


def _numbered(
    rings: Mapping[str, list[tuple[float, float]]],
    sheet: _Sheet,
    counts: Mapping[str, int],
    ground: Mapping[str, int],
) -> tuple[MapCell, ...]:
    placed = []
    for cell, ring in rings.items():
        middle = cells.cell_to_latlng(cell)
        x, y = sheet.at(middle.lng, middle.lat)
        placed.append((y // _ROW_M, x, y, cell, ring))
    placed.sort(key=lambda one: one[:4])
    rows = {row: at for at, row in enumerate(sorted({one[0] for one in placed}), start=1)}
    return tuple(
        MapCell(cell, number, rows[row], sheet.path([ring]), x, y, counts.get(cell, 0), ground.get(cell))
        for number, (row, x, y, cell, ring) in enumerate(placed, start=1)
    )


def _areas(
    rings: Mapping[str, object], sheet: _Sheet, ground: Mapping[str, int], numbers: Mapping[int, int]
) -> tuple[MapArea, ...]:
    held: dict[int, list[str]] = {}
    for cell in rings:
        if cell in ground:
            held.setdefault(ground[cell], []).append(cell)
    areas = []
    for grid_id, mine in sorted(held.items(), key=lambda one: numbers[one[0]]):
        outlines = cells.cells_to_polygon(mine)["coordinates"]
        x, y = _middle(mine, sheet)
        path = "".join(sheet.path(polygon) for polygon in outlines)
        areas.append(MapArea(grid_id, (numbers[grid_id] - 1) % PATTERNS, path, x, y))
    return tuple(areas)


def _middle(mine: list[str], sheet: _Sheet) -> tuple[int, int]:
    """The middle of the cell nearest to the middle of all: a place that surely lies inside."""
    spots = [sheet.at(middle.lng, middle.lat) for middle in map(cells.cell_to_latlng, mine)]
    x, y = sum(x for x, _ in spots) / len(spots), sum(y for _, y in spots) / len(spots)
    return min(spots, key=lambda spot: ((spot[0] - x) ** 2 + (spot[1] - y) ** 2, spot))
