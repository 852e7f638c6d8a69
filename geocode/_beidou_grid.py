"""Walking the grid: parents, children, neighbours, disks, distances and sizes."""

from collections.abc import Iterable
from itertools import product
from math import cos, radians, sin, sqrt
from typing import Final, NamedTuple

from geocode._beidou_levels import COLUMNS, DIGITS, LENGTHS, ROWS, SPLITS, Z_ORDER_LEVELS, check_level
from geocode._beidou_scalar import (
    Index,
    code_to_bounds,
    code_to_index,
    get_level,
    index_to_code,
    normalize_code,
)
from geocode._numbers import is_whole
from geocode.errors import BadBeidouCodeError, BadLevelError

# CGCS2000: semi-major axis in metres and flattening.
_AXIS: Final = 6378137.0
_FLATTENING: Final = 1 / 298.257222101
_ECCENTRICITY: Final = sqrt(_FLATTENING * (2 - _FLATTENING))

_MOST_CELLS: Final = 5_000_000
_WIDEST_DISK: Final = 1000


class CellSize(NamedTuple):
    """Sides of a cell in metres."""

    east_west_m: float
    north_south_m: float


def code_to_parent(code: str, level: int | None = None) -> str:
    """
    Return the code of the coarser cell that holds a cell: its prefix.

    Args:
        code: a code of levels 1 to 10.
        level: 1 to the code's own level; without it, one level up.

    Raises:
        BadBeidouCodeError: not a code.
        BadLevelError: the level is finer than the code's own, or level 1 has no parent.

    >>> code_to_parent("N50J47539B825534", 4), code_to_parent("N50J47")
    ('N50J47539', 'N50J')
    """
    plain = normalize_code(code)
    own = get_level(plain)
    if level is None and own == 1:
        raise BadLevelError("a cell of level 1 has no parent")
    return plain[: LENGTHS[check_level(own - 1 if level is None else level, highest=own)]]


def _child_digits(level: int) -> list[str]:
    columns, rows = SPLITS[level]
    if level in Z_ORDER_LEVELS:
        return [str(digit) for digit in range(columns * rows)]
    return [DIGITS[a] + DIGITS[b] for a, b in product(range(columns), range(rows))]


def _count_children(own: int, level: int) -> int:
    count = 1
    for step in range(own + 1, level + 1):
        count *= SPLITS[step][0] * SPLITS[step][1]
    return count


def code_to_children(code: str, level: int | None = None) -> list[str]:
    """
    Return the codes of the finer cells that tile a cell, sorted.

    Args:
        code: a code of levels 1 to 10.
        level: the code's own level to 10; without it, one level down.

    Raises:
        BadBeidouCodeError: not a code.
        BadLevelError: the level is coarser than the code's own or above 10, or there are over five million.

    >>> code_to_children("N50J47539B8")
    ['N50J47539B80', 'N50J47539B81', 'N50J47539B82', 'N50J47539B83']
    """
    plain = normalize_code(code)
    own = get_level(plain)
    if level is None and own == 10:
        raise BadLevelError("a cell of level 10 has no children")
    level = check_level(own + 1 if level is None else level, lowest=own)
    if _count_children(own, level) > _MOST_CELLS:
        raise BadLevelError(f"a cell of level {own} has too many cells of level {level}")
    found = [plain]
    for step in range(own + 1, level + 1):
        digits = _child_digits(step)
        found = [above + digit for above in found for digit in digits]
    return found


def code_neighbors(code: str) -> list[str]:
    """
    Return the cells around a cell that share an edge or a corner with it, row by row from the south west.

    Eight of them, or five beside a polar cap, where this grid ends. The meridian and the equator are no
    seams here: across them, too, neighbours are mutual.

    Raises:
        BadBeidouCodeError: not a code of levels 1 to 10.

    >>> code_neighbors("N50J47")
    ['N50J36', 'N50J46', 'N50J56', 'N50J37', 'N50J57', 'N50K30', 'N50K40', 'N50K50']
    """
    own = normalize_code(code)
    return [near for near in grid_disk(own, 1) if near != own]


def grid_disk(code: str, k: int = 1) -> list[str]:
    """
    Return the cells at most *k* steps away, the cell itself among them, row by row from the south west.

    A step goes to any of the eight neighbours, so a disk is a square of (2k + 1) x (2k + 1) cells. Cells that
    would lie in a polar cap are left out; around the earth no cell is counted twice.

    Raises:
        BadBeidouCodeError: not a code of levels 1 to 10.
        BadLevelError: k is not a whole number from 0 to 1000.

    >>> len(grid_disk("N50J47539B825534", 2))
    25
    """
    level, column, row = code_to_index(code)
    steps = check_steps(k)
    rows = range(max(row - steps, -ROWS[level]), min(row + steps, ROWS[level] - 1) + 1)
    columns = range(column - steps, column - steps + min(2 * steps + 1, COLUMNS[level]))
    return [index_to_code(Index(level, c, r)) for r in rows for c in columns]


def check_steps(k: int) -> int:
    """Return the number of steps, or say that nobody walks that."""
    if not is_whole(k) or not 0 <= k <= _WIDEST_DISK:
        raise BadLevelError(f"steps are a whole number from 0 to {_WIDEST_DISK}, not {k!r:.40}")
    return int(k)


def grid_distance(one: str, other: str) -> int:
    """
    Return how many steps lie between two cells of one level, going the shorter way round the earth.

    Raises:
        BadBeidouCodeError: not codes, or of different levels.

    >>> grid_distance("N50J475491E", "N50J475493E")
    2
    """
    here, there = code_to_index(one), code_to_index(other)
    if here.level != there.level:
        raise BadBeidouCodeError("a distance needs two codes of one level")
    around = abs(here.column - there.column)
    return max(min(around, COLUMNS[here.level] - around), abs(here.row - there.row))


def _meridian_m(lat: float) -> float:
    """Metres along a meridian from the equator, on the CGCS2000 ellipsoid (series in the third flattening)."""
    n = _FLATTENING / (2 - _FLATTENING)
    phi = radians(lat)
    series = (
        (1 + n**2 / 4 + n**4 / 64) * phi
        - 1.5 * (n - n**3 / 8) * sin(2 * phi)
        + 15 / 16 * (n**2 - n**4 / 4) * sin(4 * phi)
        - 35 / 48 * n**3 * sin(6 * phi)
        + 315 / 512 * n**4 * sin(8 * phi)
    )
    return _AXIS / (1 + n) * series


def cell_size_m(code: str) -> CellSize:
    """
    Return the sides of a cell in metres: east-west along its middle parallel, then north-south.

    Raises:
        BadBeidouCodeError: not a code of levels 1 to 10.

    >>> wide, high = cell_size_m("N50H051354813745")
    >>> round(wide, 2), round(high, 2)
    (0.83, 0.96)
    """
    south, west, north, east = code_to_bounds(code)
    middle = radians((south + north) / 2)
    radius = _AXIS / sqrt(1 - (_ECCENTRICITY * sin(middle)) ** 2)
    if north - south < 0.01:
        # Two long arcs would cancel; over a short one the radius of curvature is as good as constant.
        curvature = _AXIS * (1 - _ECCENTRICITY**2) / (1 - (_ECCENTRICITY * sin(middle)) ** 2) ** 1.5
        high = curvature * radians(north - south)
    else:
        high = _meridian_m(north) - _meridian_m(south)
    return CellSize(radius * cos(middle) * radians(east - west), high)


def compact_codes(codes: Iterable[str]) -> list[str]:
    """
    Return the fewest codes that cover exactly the same ground, sorted.

    Levels may be mixed. Repeated codes and codes inside other given codes disappear; wherever every child of
    a cell is present, the cell stands for them.

    Raises:
        BadBeidouCodeError: one of them is not a code.

    >>> compact_codes([*code_to_children("N50J47539B8"), "N50J47539B8255"])
    ['N50J47539B8']
    """
    by_level: dict[int, set[str]] = {level: set() for level in LENGTHS}
    if not isinstance(codes, Iterable) or isinstance(codes, memoryview):
        raise BadBeidouCodeError(f"give codes, not {type(codes).__name__}")
    for code in codes:
        plain = normalize_code(code)
        by_level[get_level(plain)].add(plain)
    for level in range(10, 1, -1):
        length = LENGTHS[level - 1]
        counts: dict[str, int] = {}
        for code in by_level[level]:
            counts[code[:length]] = counts.get(code[:length], 0) + 1
        whole = SPLITS[level][0] * SPLITS[level][1]
        by_level[level - 1].update(parent for parent, count in counts.items() if count == whole)
    return sorted(_outermost(by_level))


def _outermost(by_level: dict[int, set[str]]) -> list[str]:
    kept: set[str] = set()
    for level in sorted(by_level):
        above = [LENGTHS[n] for n in range(1, level)]
        kept.update(code for code in by_level[level] if not any(code[:n] in kept for n in above))
    return list(kept)


def uncompact_codes(codes: Iterable[str], level: int) -> list[str]:
    """
    Return the codes of one level that cover the same ground, sorted, each once.

    Raises:
        BadBeidouCodeError: one of them is not a code.
        BadLevelError: a code is finer than the level, or there would be over five million.

    >>> uncompact_codes(["N50J47539B8"], 6) == code_to_children("N50J47539B8")
    True
    """
    level = check_level(level)
    given = compact_codes(codes)
    if any(get_level(code) > level for code in given):
        raise BadLevelError(f"a code is finer than level {level}")
    if sum(_count_children(get_level(code), level) for code in given) > _MOST_CELLS:
        raise BadLevelError(f"there are too many cells of level {level}")
    return sorted(child for code in given for child in code_to_children(code, level))
