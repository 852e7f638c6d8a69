"""
The ladder of GB/T 39409-2020: what every level is made of, in whole numbers.

The unit is u = 1/2048 arc-second, so one degree is 7,372,800 u and every cell of every level is a whole
number of u. Nothing here rounds.
"""

from typing import Final

from geocode._numbers import is_whole
from geocode.errors import BadLevelError

UNITS_PER_DEGREE: Final = 7_372_800
"""How many u make one degree."""

EDGE_SNAP: Final = 1e-4
"""In u, about 1.5 micrometres: a float this close below a cell edge is meant to be on the edge."""

POLAR_DEGREE: Final = 88
"""The polar caps begin here (clause 5.3); this library refuses them."""

LEVELS: Final = range(1, 11)

# Splits of a cell of the level above, east-west then north-south. Level 1 splits the hemisphere quadrant.
SPLITS: Final[dict[int, tuple[int, int]]] = {
    1: (30, 22),
    2: (12, 8),
    3: (2, 3),
    4: (15, 10),
    5: (15, 15),
    6: (2, 2),
    7: (8, 8),
    8: (8, 8),
    9: (8, 8),
    10: (8, 8),
}

# One digit in Z order instead of a digit for each direction (figures 5 and 7 of the standard).
Z_ORDER_LEVELS: Final = frozenset({3, 6})

DIGITS: Final = "0123456789ABCDE"


def _sizes(direction: int, widest: int) -> dict[int, int]:
    sizes = {1: widest}
    for level in range(2, 11):
        sizes[level] = sizes[level - 1] // SPLITS[level][direction]
    return sizes


WIDTHS: Final = _sizes(0, 6 * UNITS_PER_DEGREE)
"""East-west size of a cell of each level, in u."""

HEIGHTS: Final = _sizes(1, 4 * UNITS_PER_DEGREE)
"""North-south size of a cell of each level, in u."""

LENGTHS: Final[dict[int, int]] = {1: 4, 2: 6, 3: 7, 4: 9, 5: 11, 6: 12, 7: 14, 8: 16, 9: 18, 10: 20}
"""Characters in the code of each level."""

LEVEL_OF_LENGTH: Final = {length: level for level, length in LENGTHS.items()}

COLUMNS: Final = {level: 360 * UNITS_PER_DEGREE // width for level, width in WIDTHS.items()}
"""Cells around the equator at each level."""

ROWS: Final = {level: POLAR_DEGREE * UNITS_PER_DEGREE // height for level, height in HEIGHTS.items()}
"""Cells from the equator to the polar cap at each level, on one side."""


def check_level(level: int, lowest: int = 1, highest: int = 10) -> int:
    """Return the level, or say that this operation has no such level."""
    if not is_whole(level):
        raise BadLevelError(f"level must be a whole number, not {level!r:.40}")
    if not lowest <= level <= highest:
        raise BadLevelError(f"level must be {lowest} to {highest}, not {level!r:.40}")
    return int(level)
