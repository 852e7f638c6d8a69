"""
Look-up tables that turn whole levels of the grid into one step.

A code is a row of digits, some of which speak of longitude and the others of latitude. Written as bytes, the
longitude digits and the latitude digits are two numbers with zeros in each other's places, so a code is the
plain *sum* of what longitude says and what latitude says. In the Z-order levels both share one digit, col +
2 * row, which is a sum as well and never carries. Levels 1-4 (down to one minute) and levels 5-8 (inside the
minute) each take one table per direction; levels 9 and 10 take one joint table.
"""

from itertools import product
from typing import Final

from geocode._beidou_levels import DIGITS, HEIGHTS, LENGTHS, SPLITS, WIDTHS, Z_ORDER_LEVELS

MINUTE: Final = WIDTHS[4]
"""Both sides of a level-4 cell, in u."""

ROOT_LENGTH: Final = LENGTHS[1]

_WIDTH_8_CODE: Final = LENGTHS[8]
_X: Final = 0
_Y: Final = 1


def _at(place: int, character: int) -> int:
    """The byte *character* at *place* of a 16-byte number."""
    return character << 8 * (_WIDTH_8_CODE - 1 - place)


def _digits(level: int, direction: int) -> list[int]:
    """What each digit of one level adds to the number, for one direction."""
    place = LENGTHS[level - 1]
    count = SPLITS[level][direction]
    if level in Z_ORDER_LEVELS:
        # Longitude adds the column; latitude brings the character itself and adds two for each row.
        return [_at(place, n if direction == _X else ord("0") + 2 * n) for n in range(count)]
    return [_at(place + direction, ord(DIGITS[n])) for n in range(count)]


def _ladder(above: list[int], levels: range, direction: int) -> list[int]:
    """Refine a table by the given levels."""
    for level in levels:
        digits = _digits(level, direction)
        above = [upper + lower for upper in above for lower in digits]
    return above


def _zone(number: int) -> int:
    tens, units = divmod(number, 10)
    return _at(1, ord("0") + tens) + _at(2, ord("0") + units)


def _band(hemisphere: str, row: int) -> int:
    return _at(0, ord(hemisphere)) + _at(3, ord("A") + row)


# By minute, counted outward from the prime meridian and the equator.
EAST_MINUTES: Final = _ladder([_zone(31 + n) for n in range(30)], range(2, 5), _X)
WEST_MINUTES: Final = _ladder([_zone(30 - n) for n in range(30)], range(2, 5), _X)
NORTH_MINUTES: Final = _ladder([_band("N", n) for n in range(22)], range(2, 5), _Y)
SOUTH_MINUTES: Final = _ladder([_band("S", n) for n in range(22)], range(2, 5), _Y)

# By level-8 cell inside the minute: u >> FINE_SHIFT.
FINE_SHIFT: Final = 6
X_FINE: Final = _ladder([0], range(5, 9), _X)
Y_FINE: Final = _ladder([0], range(5, 9), _Y)

# Levels 9 and 10 inside a level-8 cell of 64 x 64 u, by (x & 63) << 6 | (y & 63).
TAIL_MASK: Final = 63
TAILS: Final = [f"{x >> 3}{y >> 3}{x & 7}{y & 7}" for x, y in product(range(64), repeat=2)]

# --- Decoding. A corner is a complex number of u: longitude real, latitude imaginary. Both are whole and small
# enough to be exact, and several levels add up in one addition of one object. ---


def _steps(level: int) -> dict[str, complex]:
    """Each digit group of one level, and the corner it adds."""
    columns, rows = SPLITS[level]
    width, height = WIDTHS[level], HEIGHTS[level]
    z_order = level in Z_ORDER_LEVELS
    return {
        (str(2 * b + a) if z_order else DIGITS[a] + DIGITS[b]): complex(a * width, b * height)
        for a in range(columns)
        for b in range(rows)
    }


def _joined(upper: int) -> dict[str, complex]:
    """Two levels read in one step; a code may also end before the first or between the two."""
    first, second = _steps(upper), _steps(upper + 1)
    both = {one + two: corner + inner for one, corner in first.items() for two, inner in second.items()}
    return {"": 0j, **first, **both}


# The root of a code, its first four characters: sign of lng, sign of lat, and the corner nearest the origin.
ROOTS: Final[dict[str, tuple[int, int, complex]]] = {
    f"{hemisphere}{31 + a if east > 0 else 30 - a:02d}{chr(65 + b)}": (
        east,
        north,
        complex(a * WIDTHS[1], b * HEIGHTS[1]),
    )
    for (hemisphere, north) in (("N", 1), ("S", -1))
    for east in (1, -1)
    for a in range(30)
    for b in range(22)
}

# Levels 7 and 8 stand apart: two small tables stay in the processor's cache where one of 4,096 would not.
LEVELS_2_3: Final = _joined(2)
LEVEL_4: Final = {"": 0j, **_steps(4)}
LEVELS_5_6: Final = _joined(5)
LEVEL_7: Final = {"": 0j, **_steps(7)}
LEVEL_8: Final = {"": 0j, **_steps(8)}
LEVELS_9_10: Final = _joined(9)

HALVES: Final = {LENGTHS[level]: complex(WIDTHS[level], HEIGHTS[level]) / 2 for level in LENGTHS}
"""By length of a code: from the corner of its cell to the centre."""
