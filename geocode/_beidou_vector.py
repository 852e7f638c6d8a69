"""
Many points to codes at once, with numpy: the same answers as one at a time.

The tables are those of `_beidou_tables`, held as arrays. Encoding adds two 8-byte halves of a code as
unsigned numbers; since longitude and latitude fill different bytes, the sum is the code. Everything runs in
blocks that fit the processor's cache, so the memory used beside the answer does not grow with the number of
points.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geocode import _beidou_tables as tables
from geocode._arrays import as_floats
from geocode._beidou_levels import (
    EDGE_SNAP,
    LENGTHS,
    POLAR_DEGREE,
    UNITS_PER_DEGREE,
    check_level,
)
from geocode._beidou_scalar import check_latlng
from geocode.errors import BadLatLngError

_BLOCK: Final = 8192
_U: Final = float(UNITS_PER_DEGREE)
_POLAR_Y: Final = float(POLAR_DEGREE * UNITS_PER_DEGREE)
_LAST_X: Final = 180 * UNITS_PER_DEGREE - 1

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]


def _halves(numbers: list[int]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The 16-byte numbers of a table as two columns of 8 bytes, in the machine's own byte order."""
    raw = b"".join(number.to_bytes(16, "big") for number in numbers)
    both = np.frombuffer(raw, dtype=np.uint64).reshape(-1, 2)
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])


_MINUTES_AROUND: Final = len(tables.EAST_MINUTES)
_MINUTES_UP: Final = len(tables.NORTH_MINUTES)

# East then west, north then south, so that the hemisphere is an offset. The second half of a minute's
# number holds one latitude digit only, and the first half of a fine number nothing at all.
_X_HEAD: Final = _halves(tables.EAST_MINUTES + tables.WEST_MINUTES)[0]
_Y_HEAD, _Y_MIDDLE = _halves(tables.NORTH_MINUTES + tables.SOUTH_MINUTES)
_X_FINE: Final = _halves(tables.X_FINE)[1]
_Y_FINE: Final = _halves(tables.Y_FINE)[1]
_TAILS: Final = np.frombuffer("".join(tables.TAILS).encode(), dtype=np.uint8).reshape(-1, 4)


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK))


def _length(values: Any) -> int:
    """How many values there are; a single number or a table of numbers is not a list of values."""
    if getattr(values, "ndim", 1) != 1 or not hasattr(values, "__len__") or isinstance(values, str | bytes):
        raise BadLatLngError("give one-dimensional sequences of the same length")
    return len(values)


def _floats(values: Any, block: slice) -> Floats:
    """One block as float64, copied only when it is something else."""
    try:
        return as_floats(values[block])
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise BadLatLngError(f"latitudes and longitudes must be plain numbers: {error}") from error


def latlngs_to_codes(lats: ArrayLike, lngs: ArrayLike, level: int = 8) -> NDArray[np.bytes_]:
    """
    Return the codes of many points as an array of fixed-width bytes (dtype ``S16`` at level 8).

    The same codes as `latlng_to_code` gives one at a time. Beside the answer it needs a fixed megabyte.

    Args:
        lats: degrees north, one-dimensional: an array, a list or a column of a table.
        lngs: degrees east, as many.
        level: 1 to 10.

    Raises:
        BadLatLngError: some point has no code (the message says which), or the lengths differ.
        BadLevelError: no such level.

    >>> latlngs_to_codes([39.993161111, 30.6], [116.312602778, 114.3], level=4)
    array([b'N50J47539', b'N50H05136'], dtype='|S9')
    """
    level = check_level(level)
    count = _length(lats)
    if _length(lngs) != count:
        raise BadLatLngError("there must be as many longitudes as latitudes")
    length = LENGTHS[level]
    out = np.empty((count, length), dtype=np.uint8)
    for block in _blocks(count):
        lat, lng = _floats(lats, block), _floats(lngs, block)
        x, y = _units(lat, lng, block.start)
        _write(out[block], x, y, lat >= 0, lng >= 0, level)
    return out.reshape(-1).view(f"S{length}")


def _units(lat: Floats, lng: Floats, start: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Distance from the prime meridian and the equator in whole u."""
    y = np.abs(lat)
    x = np.abs(lng)
    inside = (x <= 180.0) & np.isfinite(y)
    y *= _U
    y += EDGE_SNAP
    inside &= y < _POLAR_Y
    if not inside.all():
        bad = int(np.argmin(inside))
        try:
            check_latlng(float(lat[bad]), float(lng[bad]))
        except BadLatLngError as error:
            raise BadLatLngError(f"point {start + bad}: {error}") from error
    x *= _U
    x += EDGE_SNAP
    return np.minimum(x.astype(np.int32), _LAST_X, dtype=np.int32), y.astype(np.int32)


def _write(
    out: Bytes,
    x: NDArray[np.int32],
    y: NDArray[np.int32],
    north: NDArray[np.bool_],
    east: NDArray[np.bool_],
    level: int,
) -> None:
    """Write the codes of one block."""
    x_minute, y_minute = x // tables.MINUTE, y // tables.MINUTE
    x_fine, y_fine = x - x_minute * tables.MINUTE, y - y_minute * tables.MINUTE
    x_minute += (~east) * np.int32(_MINUTES_AROUND)
    y_minute += (~north) * np.int32(_MINUTES_UP)
    body = np.empty((len(x), 2), dtype=np.uint64)
    np.add(_X_HEAD[x_minute], _Y_HEAD[y_minute], out=body[:, 0])
    if level >= 4:
        tail = _Y_MIDDLE[y_minute]
        tail += _X_FINE[x_fine >> tables.FINE_SHIFT]
        np.add(tail, _Y_FINE[y_fine >> tables.FINE_SHIFT], out=body[:, 1])
    length = out.shape[1]
    out[:, :16] = body.view(np.uint8)[:, : min(length, 16)]
    if length > 16:
        inside = (x_fine & tables.TAIL_MASK) << 6 | y_fine & tables.TAIL_MASK
        out[:, 16:] = _TAILS[:, : length - 16][inside]
