"""H3 cells one by one: made, read, compared and counted."""

import re
from collections.abc import Iterable
from math import isfinite
from typing import Any, Final, NamedTuple

import h3

from geocode._geojson import Position
from geocode._numbers import as_float, is_whole
from geocode.errors import BadCellError, BadLatLngError, BadLevelError

DOOR_RESOLUTION: Final = 12
MAP_RESOLUTION: Final = 9

Cell = str | int

_TEXT: Final = re.compile(r"[0-9a-fA-F]{15}")
MOST_CELLS: Final = 5_000_000


class LatLng(NamedTuple):
    """A point in degrees, latitude first."""

    lat: float
    lng: float


def latlng_to_cell(lat: float, lng: float, resolution: int = DOOR_RESOLUTION) -> str:
    """
    Return the cell that holds a point, as text.

    Args:
        lat: degrees north, -90 to 90, WGS-84 or CGCS2000.
        lng: degrees east, -180 to 180.
        resolution: 0 to 15; 12 is a door, 9 a map.

    Raises:
        BadLatLngError: not a point on the earth.
        BadLevelError: no such resolution.

    >>> latlng_to_cell(31.77583, 111.82944), latlng_to_cell(31.77583, 111.82944, resolution=9)
    ('8c40a33889603ff', '8940a338897ffff')
    """
    resolution = check_resolution(resolution)
    return str(h3.latlng_to_cell(*_check_point(lat, lng), resolution))


def latlng_to_cell_int(lat: float, lng: float, resolution: int = DOOR_RESOLUTION) -> int:
    """
    Return the cell that holds a point, as the number the database stores (it fits a signed BIGINT).

    Raises:
        BadLatLngError: not a point on the earth.
        BadLevelError: no such resolution.

    >>> latlng_to_cell_int(31.77583, 111.82944)
    631641064189854719
    """
    return int(latlng_to_cell(lat, lng, resolution), 16)


def _check_point(lat: Any, lng: Any) -> tuple[float, float]:
    try:
        lat, lng = as_float(lat), as_float(lng)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadLatLngError(f"not a point: {error}") from error
    if not (isfinite(lat) and isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):
        raise BadLatLngError(f"not a point on the earth: {lat!r}, {lng!r}")
    return lat, lng


def check_resolution(resolution: Any, lowest: int = 0, highest: int = 15) -> int:
    if not is_whole(resolution):
        raise BadLevelError(f"a resolution is a whole number, not {resolution!r:.40}")
    if not lowest <= resolution <= highest:
        raise BadLevelError(f"resolution must be {lowest} to {highest}, not {resolution!r:.40}")
    return int(resolution)


def cell_to_text(cell: Cell) -> str:
    """
    Return a cell as the fifteen lower-case hexadecimal digits h3 writes.

    Raises:
        BadCellError: not an H3 cell.

    >>> cell_to_text(631641064189854719)
    '8c40a33889603ff'
    """
    text = f"{cell:x}" if is_whole(cell) and cell >= 0 else cell  # type: ignore[operator]
    if not isinstance(text, str) or not _TEXT.fullmatch(text) or not h3.is_valid_cell(text):
        raise BadCellError(f"not an H3 cell: {cell!r:.40}")
    return text.lower()


def cell_to_int(cell: Cell) -> int:
    """
    Return a cell as a number.

    Raises:
        BadCellError: not an H3 cell.

    >>> cell_to_int("8c40a33889603ff")
    631641064189854719
    """
    return int(cell_to_text(cell), 16)


def is_valid_cell(cell: object) -> bool:
    """
    Say whether a text or number is an H3 cell. Never raises.

    >>> is_valid_cell("8c40a33889603ff"), is_valid_cell(-1), is_valid_cell(None)
    (True, False, False)
    """
    try:
        cell_to_text(cell)  # type: ignore[arg-type]
    except BadCellError:
        return False
    return True


def get_resolution(cell: Cell) -> int:
    """
    Return the resolution of a cell, 0 to 15.

    Raises:
        BadCellError: not an H3 cell.

    >>> get_resolution("8c40a33889603ff")
    12
    """
    return int(h3.get_resolution(cell_to_text(cell)))


def cell_to_latlng(cell: Cell) -> LatLng:
    """
    Return the centre of a cell, in degrees.

    Raises:
        BadCellError: not an H3 cell.

    >>> lat, lng = cell_to_latlng("8c40a33889603ff")
    >>> round(lat, 3), round(lng, 3)
    (31.776, 111.829)
    """
    return LatLng(*h3.cell_to_latlng(cell_to_text(cell)))


def cell_to_boundary(cell: Cell) -> list[Position]:
    """
    Return the outline of a cell as a GeoJSON ring: closed, (lng, lat) pairs. h3 itself gives (lat, lng).

    Raises:
        BadCellError: not an H3 cell.

    >>> len(cell_to_boundary("8c40a33889603ff"))
    7
    """
    ring = [(lng, lat) for lat, lng in h3.cell_to_boundary(cell_to_text(cell))]
    return [*ring, ring[0]]


def cell_to_parent(cell: Cell, resolution: int = MAP_RESOLUTION) -> str:
    """
    Return the cell of a coarser resolution that a cell belongs to.

    Raises:
        BadCellError: not an H3 cell.
        BadLevelError: the resolution is finer than the cell's own.

    >>> cell_to_parent("8c40a33889603ff")
    '8940a338897ffff'
    """
    text = cell_to_text(cell)
    return str(h3.cell_to_parent(text, check_resolution(resolution, 0, int(h3.get_resolution(text)))))


def map_cell(cell: Cell) -> int:
    """
    Return the number of the resolution-9 cell a door's cell is counted in on maps.

    Raises:
        BadCellError: not an H3 cell.
        BadLevelError: the cell is coarser than resolution 9 already.

    >>> map_cell("8c40a33889603ff") == cell_to_int("8940a338897ffff")
    True
    """
    return int(cell_to_parent(cell, MAP_RESOLUTION), 16)


def roll_up(cells: Iterable[Cell], resolution: int = MAP_RESOLUTION) -> dict[str, int]:
    """
    Count cells by their parent, the way a map of many doors is drawn.

    Raises:
        BadCellError: one of them is not an H3 cell.
        BadLevelError: one of them is coarser than the resolution.

    >>> roll_up(["8c40a33889603ff", "8c40a33889603ff"])
    {'8940a338897ffff': 2}
    """
    if not isinstance(cells, Iterable):
        raise BadCellError(f"give cells, not {type(cells).__name__}")
    counts: dict[str, int] = {}
    for cell in cells:
        parent = cell_to_parent(cell, resolution)
        counts[parent] = counts.get(parent, 0) + 1
    return counts


def cell_to_children(cell: Cell, resolution: int) -> list[str]:
    """
    Return the cells of a finer resolution inside a cell, sorted.

    Raises:
        BadCellError: not an H3 cell.
        BadLevelError: the resolution is coarser than the cell's own, or gives too many cells.

    >>> len(cell_to_children("8940a338897ffff", 12))
    343
    """
    text = cell_to_text(cell)
    resolution = check_resolution(resolution, int(h3.get_resolution(text)))
    if h3.cell_to_children_size(text, resolution) > MOST_CELLS:
        raise BadLevelError(f"resolution {resolution} has too many cells there")
    return sorted(h3.cell_to_children(text, resolution))


def grid_disk(cell: Cell, k: int = 1) -> list[str]:
    """
    Return the cells at most *k* steps away, the cell itself among them, sorted.

    Raises:
        BadCellError: not an H3 cell.
        BadLevelError: k is not a whole number from 0 to 1000.

    >>> len(grid_disk("8c40a33889603ff")), len(grid_disk("8c40a33889603ff", 2))
    (7, 19)
    """
    return sorted(h3.grid_disk(cell_to_text(cell), check_resolution(k, 0, 1000)))


def grid_neighbors(cell: Cell) -> list[str]:
    """
    Return the six cells (five around a pentagon) that share an edge with a cell, sorted.

    Raises:
        BadCellError: not an H3 cell.

    >>> len(grid_neighbors("8c40a33889603ff"))
    6
    """
    text = cell_to_text(cell)
    return [near for near in grid_disk(text, 1) if near != text]


def grid_distance(one: Cell, other: Cell) -> int:
    """
    Return how many steps lie between two cells of one resolution.

    Raises:
        BadCellError: not H3 cells of one resolution, or too far apart for h3 to count.

    >>> grid_distance("8c40a33889603ff", "8c40a33889603ff")
    0
    """
    try:
        return int(h3.grid_distance(cell_to_text(one), cell_to_text(other)))
    except h3.H3BaseException as error:
        raise BadCellError(f"h3 cannot count the steps between {one!r:.40} and {other!r:.40}") from error
