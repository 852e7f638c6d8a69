"""
Many codes to places at once, with numpy: the same answers as one at a time, bit for bit.

A code is read two characters at a time, as 16-bit numbers, through one table for each pair: the table
knows what the pair adds to the corner, or that no code has such a pair there. Codes that no table knows get
a second chance one by one, since the scalar decoder forgives spaces and full-width letters.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geocode._beidou_levels import (
    DIGITS,
    HEIGHTS,
    LEVEL_OF_LENGTH,
    SPLITS,
    UNITS_PER_DEGREE,
    WIDTHS,
    Z_ORDER_LEVELS,
)
from geocode._beidou_scalar import decode
from geocode.errors import BadBeidouCodeError

_BLOCK: Final = 8192
# Longer than any code, and short enough to cut a novel down to.
_TOO_LONG: Final = 21
_U: Final = UNITS_PER_DEGREE

Codes = NDArray[Any] | Sequence[str] | Sequence[bytes]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# A corner inside its root cell is packed as x << 26 | y; a root cell is 6 by 4 degrees, so both fit.
_PACK: Final = 26
_PACK_MASK: Final = (1 << _PACK) - 1
# One of these makes the sum of all pairs negative, and eight of them do not overflow.
_NO_CORNER: Final = -(1 << 56)


def _places() -> list[dict[str, int]]:
    """For each character after the root: the digits it may be, and the packed corner each adds."""
    places: list[dict[str, int]] = []
    for level in range(2, 11):
        columns, rows = SPLITS[level]
        eastward, northward = WIDTHS[level] << _PACK, HEIGHTS[level]
        if level in Z_ORDER_LEVELS:
            cells = product(range(rows), range(columns))
            places.append({str(2 * b + a): a * eastward + b * northward for b, a in cells})
        else:
            places.append({DIGITS[a]: a * eastward for a in range(columns)})
            places.append({DIGITS[b]: b * northward for b in range(rows)})
    return places


def _by_pair(entries: dict[str, int], otherwise: int) -> Integers:
    """A table over every two bytes, read as the machine reads a 16-bit number; either case will do."""
    table = np.full(1 << 16, otherwise, dtype=np.int64)
    for pair, value in entries.items():
        for text in product({pair[0], pair[0].lower()}, {pair[1], pair[1].lower()}):
            table[np.frombuffer("".join(text).encode(), dtype=np.uint16)[0]] = value
    return table


def _corner_tables() -> list[Integers]:
    places = _places()
    return [
        _by_pair({a + b: one[a] + two[b] for a, b in product(one, two)}, _NO_CORNER)
        for one, two in zip(places[::2], places[1::2], strict=True)
    ]


_CORNERS: Final = _corner_tables()

# The root: hemisphere and tens of the zone, then units of the zone and the band, give a row of _ROOT_*.
_ROOTS_PER_TEN: Final = 10 * 22
_NO_ROOT: Final = 14 * _ROOTS_PER_TEN
_HEMISPHERES: Final = _by_pair(
    {f"{h}{tens}": (7 * s + tens) * _ROOTS_PER_TEN for s, h in enumerate("NS") for tens in range(7)}, _NO_ROOT
)
_BANDS: Final = _by_pair(
    {f"{units}{chr(65 + b)}": units * 22 + b for units in range(10) for b in range(22)}, _NO_ROOT
)


def _root_table() -> NDArray[np.int64]:
    """Corner x, corner y, sign of lng, sign of lat; signs are 0 where no zone has that number."""
    table = np.zeros((4, _NO_ROOT + 1), dtype=np.int64)
    for s, zone, b in product((0, 1), range(1, 61), range(22)):
        a = zone - 31 if zone >= 31 else 30 - zone
        row = (7 * s + zone // 10) * _ROOTS_PER_TEN + zone % 10 * 22 + b
        table[:, row] = (a * WIDTHS[1], b * HEIGHTS[1], 1 if zone >= 31 else -1, 1 - 2 * s)
    return table


_ROOT_X, _ROOT_Y, _ROOT_EAST, _ROOT_NORTH = _root_table()


class _Corners(NamedTuple):
    """What a block of codes says: corners nearest the origin in u, signs (0: no code), sizes in u."""

    x: Integers
    y: Integers
    east: Integers
    north: Integers
    width: Integers
    height: Integers


def _read_level(part: NDArray[np.bytes_], level: int) -> _Corners:
    """Codes of one level, none of them shorter than it."""
    size = part.dtype.itemsize
    padded = np.full((len(part), size + size % 2), ord("0"), dtype=np.uint8)
    padded[:, :size] = part.view(np.uint8).reshape(-1, size)
    pairs = padded.view(np.uint16)
    root = _HEMISPHERES[pairs[:, 0]]
    root += _BANDS[pairs[:, 1]]
    np.minimum(root, _NO_ROOT, out=root)
    corner = np.zeros(len(part), dtype=np.int64)
    for place in range(2, pairs.shape[1]):
        corner += _CORNERS[place - 2][pairs[:, place]]
    root[corner < 0] = _NO_ROOT
    return _Corners(
        _ROOT_X[root] + (corner >> _PACK),
        _ROOT_Y[root] + (corner & _PACK_MASK),
        _ROOT_EAST[root],
        _ROOT_NORTH[root],
        np.int64(WIDTHS[level]),  # type: ignore[arg-type]  # one size for all broadcasts
        np.int64(HEIGHTS[level]),  # type: ignore[arg-type]
    )


def _read(part: NDArray[np.bytes_]) -> _Corners:
    """Codes of any levels, ended by zero bytes as numpy pads them."""
    size = part.dtype.itemsize
    part = np.ascontiguousarray(part)
    if size in LEVEL_OF_LENGTH and part.view(np.uint8).reshape(-1, size)[:, -1].all():
        return _read_level(part, LEVEL_OF_LENGTH[size])
    lengths = np.strings.str_len(part)
    found = _Corners(*np.zeros((6, len(part)), dtype=np.int64))
    for length in set(lengths.tolist()) & LEVEL_OF_LENGTH.keys():
        chosen = lengths == length
        for whole, piece in zip(
            found, _read_level(part[chosen].astype(f"S{length}"), LEVEL_OF_LENGTH[length]), strict=True
        ):
            whole[chosen] = piece
    return found


def _texts_as_bytes(texts: Sequence[Any]) -> NDArray[np.bytes_]:
    """Texts as byte strings; what no table could know becomes something no table knows."""
    plain = [
        text[:_TOO_LONG].encode("ascii", "replace").replace(b"\0", b"?") if isinstance(text, str) else b""
        for text in texts
    ]
    return np.array(plain, dtype=np.bytes_)


def _as_bytes(part: Any) -> tuple[NDArray[np.bytes_], Any]:
    """One block as byte strings, and as it was given."""
    if isinstance(part, np.ndarray):
        if part.dtype.kind == "S":
            return part, part
        texts: Sequence[Any] = part.tolist()
    else:
        texts = list(part)
        if texts and all(isinstance(text, bytes) for text in texts):
            return np.array(texts, dtype=np.bytes_), texts
    return _texts_as_bytes(texts), texts


def _as_text(code: Any) -> Any:
    return code.decode("latin-1") if isinstance(code, bytes) else code


def _second_chance(found: _Corners, given: Any, start: int, strict: bool) -> _Corners:
    """Ask the scalar decoder about the codes no table knew."""
    found = _Corners(*(np.array(np.broadcast_to(each, len(given))) for each in found))
    for place in np.flatnonzero(found.east == 0).tolist():
        try:
            east, north, x, y, level = decode(_as_text(given[place]))
        except BadBeidouCodeError as error:
            if strict:
                raise BadBeidouCodeError(f"code {start + place}: {error}") from error
            continue
        for column, value in zip(found, (x, y, east, north, WIDTHS[level], HEIGHTS[level]), strict=True):
            column[place] = value
    return found


def _read_blocks(codes: Codes, *, strict: bool = True) -> Iterator[tuple[slice, _Corners]]:
    for start in range(0, _count(codes), _BLOCK):
        block = slice(start, start + _BLOCK)
        part, given = _as_bytes(codes[block])
        found = _read(part)
        if not found.east.all():
            found = _second_chance(found, given, start, strict)
        yield block, found


def _count(codes: Codes) -> int:
    is_list = hasattr(codes, "ndim") or (isinstance(codes, Sequence) and not isinstance(codes, deque))
    if (
        isinstance(codes, str | bytes | bytearray | memoryview)
        or not is_list
        or getattr(codes, "ndim", 1) != 1
        or hasattr(codes, "mask")
    ):
        raise BadBeidouCodeError("give a one-dimensional sequence of codes")
    return len(codes)


def codes_to_latlngs(codes: Codes) -> tuple[Floats, Floats]:
    """
    Return the centres of many cells as two arrays, latitudes and longitudes.

    The same numbers as `code_to_latlng` gives one at a time. Levels may be mixed.

    Args:
        codes: what `latlngs_to_codes` returned, an array of texts, or a sequence of texts.

    Raises:
        BadBeidouCodeError: some text is not a code; the message says which.

    >>> codes_to_latlngs([b"N50J", b"N50J47"])
    (array([38.  , 39.75]), array([117.  , 116.25]))
    """
    lats, lngs = np.empty((2, _count(codes)))
    for block, cell in _read_blocks(codes):
        lats[block] = cell.north * ((cell.y + cell.height / 2) / _U)
        lngs[block] = cell.east * ((cell.x + cell.width / 2) / _U)
    return lats, lngs


def codes_to_bounds(codes: Codes) -> tuple[Floats, Floats, Floats, Floats]:
    """
    Return the sides of many cells as four arrays: south, west, north, east.

    Raises:
        BadBeidouCodeError: some text is not a code; the message says which.

    >>> south, west, north, east = codes_to_bounds(["N50J47", "S30A"])
    >>> west
    array([116.,  -6.])
    """
    south, west, north, east = np.empty((4, _count(codes)))
    for block, cell in _read_blocks(codes):
        up, right = cell.north > 0, cell.east > 0
        south[block] = np.where(up, cell.y, -cell.y - cell.height) / _U
        north[block] = np.where(up, cell.y + cell.height, -cell.y) / _U
        west[block] = np.where(right, cell.x, -cell.x - cell.width) / _U
        east[block] = np.where(right, cell.x + cell.width, -cell.x) / _U
    return south, west, north, east


def are_valid_codes(codes: Codes) -> NDArray[np.bool_]:
    """
    Say of each text whether it is a code of levels 1 to 10. Bad texts are answers here, not errors.

    Raises:
        BadBeidouCodeError: what was given is not a sequence.

    >>> are_valid_codes(["N50J", "n50j47", "N99J", "村"])
    array([ True,  True, False, False])
    """
    valid = np.zeros(_count(codes), dtype=np.bool_)
    for block, cell in _read_blocks(codes, strict=False):
        valid[block] = cell.east != 0
    return valid
