"""One place, one code: GB/T 39409-2020 in two dimensions, clauses 5.1 and 5.2."""

from math import isfinite
from typing import Final, NamedTuple, NoReturn

from geocode._beidou_levels import (
    COLUMNS,
    EDGE_SNAP,
    HEIGHTS,
    LENGTHS,
    LEVEL_OF_LENGTH,
    POLAR_DEGREE,
    ROWS,
    UNITS_PER_DEGREE,
    WIDTHS,
    check_level,
)
from geocode._beidou_tables import (
    EAST_MINUTES,
    FINE_SHIFT,
    HALVES,
    LEVEL_4,
    LEVEL_7,
    LEVEL_8,
    LEVELS_2_3,
    LEVELS_5_6,
    LEVELS_9_10,
    MINUTE,
    NORTH_MINUTES,
    ROOTS,
    SOUTH_MINUTES,
    TAIL_MASK,
    TAILS,
    WEST_MINUTES,
    X_FINE,
    Y_FINE,
)
from geocode._numbers import as_float
from geocode.errors import BadBeidouCodeError, BadLatLngError

_U: Final = UNITS_PER_DEGREE
_LAST_X: Final = 180 * UNITS_PER_DEGREE - 1
_DOOR_LEVEL: Final = 8  # compared by identity: 8.0 is equal and no level
_DOOR_LENGTH: Final = LENGTHS[8]
# The last four digits of a door's code in one, and the half cell from its corner to its centre.
_DOOR_END: Final = {
    seven + eight: LEVEL_7[seven] + LEVEL_8[eight] + HALVES[_DOOR_LENGTH]
    for seven in LEVEL_7
    for eight in LEVEL_8
    if seven and eight
}
_POLAR_Y: Final = POLAR_DEGREE * UNITS_PER_DEGREE


class Bounds(NamedTuple):
    """The four sides of a cell, in degrees."""

    south: float
    west: float
    north: float
    east: float


class Index(NamedTuple):
    """
    A cell by number: column and row of its level, counted through zero like a coordinate.

    Column 0 lies east of the prime meridian and column -1 west of it, so neighbours differ by one everywhere.
    """

    level: int
    column: int
    row: int


def latlng_to_code(lat: float, lng: float, level: int = 8) -> str:
    """
    Return the BeiDou grid code of the cell that holds a point (GB/T 39409-2020, clauses 5.1 and 5.2).

    Args:
        lat: degrees north of the equator, CGCS2000 or WGS-84, between -88 and 88, both excluded.
        lng: degrees east of Greenwich, -180 to 180. Both ends are taken inward, to zones 01 and 60.
        level: 1 (6 by 4 degrees) to 10 (about 1.5 cm). Level 8, about 0.9 m, is a door.

    Raises:
        BadLatLngError: not a finite number, out of range, or in a polar cap.
        BadLevelError: no such level.

    A point on an edge belongs to the cell farther from the equator or the prime meridian. Points of latitude
    0 count as north, of longitude 0 as east; the standard leaves both open.

    >>> latlng_to_code(39.993161111, 116.312602778)
    'N50J47539B825534'
    >>> latlng_to_code(30.6, 114.3, level=4)
    'N50H05136'
    """
    if type(lat) is not float or type(lng) is not float:
        lat, lng = _as_degrees(lat), _as_degrees(lng)
    try:
        if lat >= 0:
            y = int(lat * _U + EDGE_SNAP)
            band = NORTH_MINUTES[y // MINUTE]
        else:
            y = int(EDGE_SNAP - lat * _U)
            band = SOUTH_MINUTES[y // MINUTE]
        if lng >= 0:
            x = int(lng * _U + EDGE_SNAP)
            zone = EAST_MINUTES[x // MINUTE]
        else:
            x = int(EDGE_SNAP - lng * _U)
            zone = WEST_MINUTES[x // MINUTE]
    except (ValueError, OverflowError, IndexError):
        # Outside the tables: the antimeridian itself is an answer, everything else a refusal.
        x, y, zone, band = _at_antimeridian(lat, lng)
    number = zone + band + X_FINE[x % MINUTE >> FINE_SHIFT] + Y_FINE[y % MINUTE >> FINE_SHIFT]
    code = number.to_bytes(16, "big").decode("ascii")
    if level is _DOOR_LEVEL:
        return code
    if type(level) is not int or level not in LENGTHS:
        level = check_level(level)
    if level <= 8:
        return code[: LENGTHS[level]]
    return (code + TAILS[(x & TAIL_MASK) << 6 | y & TAIL_MASK])[: LENGTHS[level]]


def _as_degrees(number: object) -> float:
    """Take any real number, of numpy or of the standard library; a text is not a number."""
    try:
        return as_float(number)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadLatLngError(f"not a number of degrees: {error}") from error


def check_latlng(lat: float, lng: float) -> tuple[float, float]:
    """Return the point as two floats, or say why it has no cell."""
    lat, lng = _as_degrees(lat), _as_degrees(lng)
    if not (isfinite(lat) and isfinite(lng)):
        raise BadLatLngError(f"latitude and longitude must be finite, not {lat!r}, {lng!r}")
    if int(abs(lat) * _U + EDGE_SNAP) >= _POLAR_Y:
        raise BadLatLngError(f"latitude {lat!r} is not between -88 and 88: polar caps have no codes here")
    if abs(lng) > 180:
        raise BadLatLngError(f"longitude {lng!r} is not between -180 and 180")
    return lat, lng


def _at_antimeridian(lat: float, lng: float) -> tuple[int, int, int, int]:
    lat, lng = check_latlng(lat, lng)
    y = int(abs(lat) * _U + EDGE_SNAP)
    x = min(int(abs(lng) * _U + EDGE_SNAP), _LAST_X)
    zones = EAST_MINUTES if lng >= 0 else WEST_MINUTES
    bands = NORTH_MINUTES if lat >= 0 else SOUTH_MINUTES
    return x, y, zones[x // MINUTE], bands[y // MINUTE]


_NARROW: Final = {
    ord(" "): None,
    0x3000: None,
    **{ord(c): c.upper() for c in "abcdefghijklmnopqrstuvwxyz"},
    **{ord(c) + 0xFEE0: c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"},
    **{ord(c) + 0xFEE0: c.upper() for c in "abcdefghijklmnopqrstuvwxyz"},
}


def plain_text(text: object) -> str:
    """Upper case, narrow letters, no spaces. Nothing else is forgiven."""
    if isinstance(text, bytes):
        text = text.decode("ascii", "replace")  # what the functions for many codes return
    if not isinstance(text, str):
        raise BadBeidouCodeError(f"a code is a text, not {type(text).__name__}")
    if len(text) > 200:
        raise BadBeidouCodeError(f"a code is never {len(text)} characters long")
    return text.translate(_NARROW)


def _decode(code: str) -> tuple[int, int, complex, int]:
    """Sign of lng and lat, the corner nearest the origin in u, and the length."""
    east, north, root = ROOTS[code[:4]]
    corner = (
        root
        + LEVELS_2_3[code[4:7]]
        + LEVEL_4[code[7:9]]
        + LEVELS_5_6[code[9:12]]
        + LEVEL_7[code[12:14]]
        + LEVEL_8[code[14:16]]
        + LEVELS_9_10[code[16:]]
    )
    return east, north, corner, len(code)


def _forgiving(code: str) -> tuple[int, int, complex, int]:
    """Decode any text that may be a code, forgiving case, width and spaces."""
    try:
        return _decode(code)
    except (LookupError, TypeError):
        pass
    plain = plain_text(code)
    try:
        return _decode(plain)
    except LookupError:
        _refuse(code, plain)


def decode(code: str) -> tuple[int, int, int, int, int]:
    """Sign of lng and lat, the corner nearest the origin in whole u, and the level."""
    east, north, corner, length = _forgiving(code)
    return east, north, int(corner.real), int(corner.imag), LEVEL_OF_LENGTH[length]


def _refuse(code: str, plain: str) -> NoReturn:
    if len(plain) not in LEVEL_OF_LENGTH:
        raise BadBeidouCodeError(f"a code has 4, 6, 7, 9, 11, 12, 14, 16, 18 or 20 characters: {code!r:.60}")
    if plain[1:4] == "000":
        raise BadBeidouCodeError(f"polar caps are not supported: {code!r:.60}")
    raise BadBeidouCodeError(f"a digit is out of its level's range: {code!r:.60}")


def code_to_latlng(code: str) -> tuple[float, float]:
    """
    Return the centre of a cell, in degrees of CGCS2000 (clause 5.2 read backwards).

    The centre, not the corner nearest the origin: a corner shown as "the point" moves every door.

    Raises:
        BadBeidouCodeError: not a code of levels 1 to 10.

    >>> code_to_latlng("N50J")
    (38.0, 117.0)
    """
    try:
        # A door's code, the commonest by far, is read here without another call.
        if len(code) == _DOOR_LENGTH:
            east, north, root = ROOTS[code[:4]]
            centre = (
                root
                + LEVELS_2_3[code[4:7]]
                + LEVEL_4[code[7:9]]
                + LEVELS_5_6[code[9:12]]
                + _DOOR_END[code[12:]]
            )
            return north * centre.imag / _U, east * centre.real / _U
    except (LookupError, TypeError):
        pass
    east, north, corner, length = _forgiving(code)
    centre = corner + HALVES[length]
    return north * centre.imag / _U, east * centre.real / _U


def code_to_bounds(code: str) -> Bounds:
    """
    Return the sides of a cell as (south, west, north, east), in degrees.

    Raises:
        BadBeidouCodeError: not a code of levels 1 to 10.

    >>> code_to_bounds("N50J47")
    Bounds(south=39.5, west=116.0, north=40.0, east=116.5)
    >>> code_to_bounds("S30A").west
    -6.0
    """
    level, column, row = code_to_index(code)
    width, height = WIDTHS[level], HEIGHTS[level]
    return Bounds(row * height / _U, column * width / _U, (row + 1) * height / _U, (column + 1) * width / _U)


def code_to_boundary(code: str) -> list[tuple[float, float]]:
    """
    Return the outline of a cell as a GeoJSON ring: closed, counter-clockwise, (lng, lat) pairs.

    Raises:
        BadBeidouCodeError: not a code of levels 1 to 10.

    >>> code_to_boundary("N50J47")
    [(116.0, 39.5), (116.5, 39.5), (116.5, 40.0), (116.0, 40.0), (116.0, 39.5)]
    """
    south, west, north, east = code_to_bounds(code)
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def is_valid_code(code: object) -> bool:
    """
    Say whether a text is a code of levels 1 to 10. Never raises.

    Lower case, spaces and full-width letters are forgiven, as everywhere on input.

    >>> is_valid_code("n50j 47"), is_valid_code("N50J4F"), is_valid_code(None)
    (True, False, False)
    """
    try:
        decode(code)  # type: ignore[arg-type]
    except BadBeidouCodeError:
        return False
    return True


def get_level(code: str) -> int:
    """
    Return the level of a code, 1 to 10.

    Raises:
        BadBeidouCodeError: not a code of levels 1 to 10.

    >>> get_level("N50J47539B825534")
    8
    """
    return decode(code)[4]


def normalize_code(code: str) -> str:
    """
    Return a code as the standard writes it: upper case, narrow, no spaces.

    Raises:
        BadBeidouCodeError: not a code of levels 1 to 10.

    >>> normalize_code("ｎ50j 47")
    'N50J47'
    """
    decode(code)
    return plain_text(code)


def code_to_index(code: str) -> Index:
    """Return the column and row of a cell, counted through zero."""
    east, north, x, y, level = decode(code)
    a, b = x // WIDTHS[level], y // HEIGHTS[level]
    return Index(level, a if east > 0 else -1 - a, b if north > 0 else -1 - b)


def wrap_column(column: int, around: int) -> int:
    """Go round the earth: the column past zone 60 is zone 01."""
    return (column + around // 2) % around - around // 2


def index_to_code(index: Index) -> str:
    """Return the code of a column and row; columns go round the earth, rows end at the polar caps."""
    level, column, row = index
    around, rows = COLUMNS[level], ROWS[level]
    if not -rows <= row < rows:
        raise BadLatLngError("the cell lies in a polar cap")
    column = wrap_column(column, around)
    x = (column if column >= 0 else -1 - column) * WIDTHS[level]
    y = (row if row >= 0 else -1 - row) * HEIGHTS[level]
    zone = (EAST_MINUTES if column >= 0 else WEST_MINUTES)[x // MINUTE]
    band = (NORTH_MINUTES if row >= 0 else SOUTH_MINUTES)[y // MINUTE]
    number = zone + band + X_FINE[x % MINUTE >> FINE_SHIFT] + Y_FINE[y % MINUTE >> FINE_SHIFT]
    code = number.to_bytes(16, "big").decode("ascii")
    return (code + TAILS[(x & TAIL_MASK) << 6 | y & TAIL_MASK])[: LENGTHS[level]]
