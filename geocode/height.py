"""
Heights on the BeiDou grid: GB/T 39409-2020, clause 6 and the informative Annex C.

A height is ellipsoidal (CGCS2000), in metres. The grid counts layers outward from the ellipsoid; at level 10
a layer is about 1.5 cm. Chinese maps give the normal height of the 1985 datum, which differs from it by tens
of metres and has to be modelled first.

The standard contradicts itself. The sizes and digit ranges of clause 6 make a mixed radix (64, 8, 2, 15, 15,
2, 8, 8, 8, 8); the only procedure, in Annex C.3, cuts binary digits, where levels 4 and 5 count sixteen. Both
agree below 1,839.585 m and differ above. Below the ellipsoid the text gives no meaning to any digit but the
sign. We follow the annex as every known program does (``variant="annexC"``), offer the clause
(``variant="clause6"``), and flag every result where the two, or the text, do not agree: ``result.ambiguous``.

>>> code = height_to_code(10, 8)
>>> code, code.ambiguous
('0000000012', False)
>>> height_to_code(2000, 8).ambiguous
True
"""

from math import expm1, floor, isfinite, log1p, pi
from typing import Any, Final, Literal, NamedTuple

from geocode._beidou_levels import EDGE_SNAP, LENGTHS, UNITS_PER_DEGREE, check_level
from geocode._beidou_scalar import code_to_bounds, latlng_to_code, plain_text
from geocode._numbers import as_float
from geocode.errors import BadBeidouCodeError, BadHeightError, GeocodeError

__all__ = [
    "AMBIGUOUS_FROM_M",
    "Bounds3D",
    "Code3D",
    "Height",
    "HeightCode",
    "Variant",
    "code3d_to_bounds",
    "code_to_height",
    "height_to_code",
    "is_valid_code3d",
    "is_valid_height_code",
    "latlng_height_to_code3d",
]

Variant = Literal["annexC", "clause6"]

_RADIUS: Final = 6_378_137.0
_STEP: Final = log1p(pi / 180)

# How many layers of one level make a layer of the level above, by reading.
_RADICES: Final[dict[str, tuple[int, ...]]] = {
    "annexC": (64, 8, 2, 16, 16, 2, 8, 8, 8, 8),
    "clause6": (64, 8, 2, 15, 15, 2, 8, 8, 8, 8),
}
# The two readings agree as long as neither level 4 nor anything above it is needed.
_AGREED_LAYERS: Final = 15 * 2 * 8**4
_HEX: Final = "0123456789ABCDEF"


def _layer_to_m(layer: int) -> float:
    """Height of the lower face of a level-10 layer."""
    return _RADIUS * expm1(layer / UNITS_PER_DEGREE * _STEP)


AMBIGUOUS_FROM_M: Final = _layer_to_m(_AGREED_LAYERS)
"""About 1,839.585 m: from here up the two readings of the standard give different codes."""


class HeightCode(str):
    """A height code: a text that remembers whether the standard contradicts itself about it."""

    __slots__ = ("ambiguous",)
    ambiguous: bool

    def __new__(cls, text: str, ambiguous: bool = False) -> "HeightCode":
        self = super().__new__(cls, text)
        self.ambiguous = ambiguous
        return self


class Code3D(HeightCode):
    """A code in three dimensions: a text that remembers whether its height part is ambiguous."""

    __slots__ = ()


class Height(float):
    """Metres above the ellipsoid, remembering whether the standard contradicts itself about them."""

    __slots__ = ("ambiguous",)
    ambiguous: bool

    def __new__(cls, metres: float, ambiguous: bool = False) -> "Height":
        self = super().__new__(cls, metres)
        self.ambiguous = ambiguous
        return self


class Bounds3D(NamedTuple):
    """The six sides of a cell: degrees, then metres above the ellipsoid."""

    south: float
    west: float
    north: float
    east: float
    bottom_m: float
    top_m: float

    @property
    def ambiguous(self) -> bool:
        """Whether the readings of the standard disagree about the cell's bottom or top."""
        return self.bottom_m < 0 or self.top_m > AMBIGUOUS_FROM_M


def _check_variant(variant: str) -> tuple[int, ...]:
    radices = _RADICES.get(variant) if isinstance(variant, str) else None
    if radices is None:
        raise BadHeightError(f"a variant is one of {', '.join(_RADICES)}, not {variant!r:.40}")
    return radices


def _metres(height_m: Any) -> float:
    try:
        metres = as_float(height_m)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadHeightError(f"not a height in metres: {error}") from error
    if not isfinite(metres) or metres <= -_RADIUS:
        raise BadHeightError(f"no layer has a height of {metres!r} m")
    return metres


def height_to_code(height_m: float, level: int = 8, variant: Variant = "annexC") -> HeightCode:
    """
    Return the code of the layer that holds a height (clause 6.2, Annex C.3).

    Args:
        height_m: metres above the ellipsoid of CGCS2000; negative below it.
        level: 1 to 10; level 8 is about 0.97 m.
        variant: ``annexC`` cuts binary digits, ``clause6`` counts in the radices of the clause.

    Returns:
        The sign character and the digits: 3 characters at level 1 to 12 at level 10. ``.ambiguous`` is true
        below the ellipsoid and from 1,839.585 m up.

    Raises:
        BadHeightError: not a finite number, beyond the last layer, or no such variant.
        BadLevelError: no such level.

    >>> height_to_code(1840, 8), height_to_code(1840, 8, variant="clause6")
    ('000000F000', '0000010000')
    """
    radices = _check_variant(variant)
    level = check_level(level)
    metres = _metres(height_m)
    layer = floor(UNITS_PER_DEGREE * (log1p(metres / _RADIUS) / _STEP) + EDGE_SNAP)
    if metres < 0:
        layer = min(layer, -1)  # what is as good as on an edge is put there, but never out of the ground
    rest, digits = abs(layer), []
    for radix in reversed(radices):
        rest, digit = divmod(rest, radix)
        digits.append(digit)
    if rest:
        raise BadHeightError(f"{height_m!r:.40} m is beyond the last layer")
    first, *others = reversed(digits)
    text = f"{'1' if layer < 0 else '0'}{first:02d}{''.join(_HEX[digit] for digit in others)}"
    return HeightCode(text[: level + 2], metres < 0 or layer >= _AGREED_LAYERS)


def _read(code: object, variant: str) -> tuple[bool, int, int]:
    """Whether it is below, the layer the digits count, and how many level-10 layers the cell holds."""
    radices = _check_variant(variant)
    try:
        text = plain_text(code)
    except BadBeidouCodeError as error:
        raise BadHeightError(str(error)) from error
    level = len(text) - 2
    if not 1 <= level <= 10 or text[0] not in "01" or not (text[1:3].isascii() and text[1:3].isdigit()):
        raise BadHeightError(f"not a height code: {code!r:.40}")
    digits = [int(text[1:3]), *(_HEX.find(character) for character in text[3:])]
    layer, inside = 0, 1
    for place, radix in enumerate(radices):
        digit = digits[place] if place < level else 0
        if not 0 <= digit < radix:
            raise BadHeightError(f"a digit is out of its level's range: {code!r:.40}")
        layer = layer * radix + digit
        inside *= radix if place >= level else 1
    return text[0] == "1", layer, inside


def code_to_height(code: str, variant: Variant = "annexC") -> Height:
    """
    Return the height a code names, in metres: the lower face of its cell.

    Below the ellipsoid the digits are read as a count downward, so a code coarser than level 10 names the
    layer of its cell that is nearest the ellipsoid; `code3d_to_bounds` gives both faces.

    Raises:
        BadHeightError: not a height code, or no such variant.

    >>> round(code_to_height("0000000012"), 3)
    9.58
    >>> code_to_height("1000000000").ambiguous
    True
    """
    below, layer, _ = _read(code, variant)
    return Height(_layer_to_m(-layer if below else layer), below or layer >= _AGREED_LAYERS)


def _faces(code: str, variant: str) -> tuple[float, float]:
    """Bottom and top of a layer, in metres."""
    below, layer, inside = _read(code, variant)
    if not below:
        return _layer_to_m(layer), _layer_to_m(layer + inside)
    # Layer -1 is the first below the ellipsoid: there is no layer -0.
    return _layer_to_m(-(layer + inside - 1)), _layer_to_m(min(1 - layer, 0))


def is_valid_height_code(code: object, variant: Variant = "annexC") -> bool:
    """
    Say whether a text is a height code of levels 1 to 10. Never raises.

    >>> is_valid_height_code("0000000012"), is_valid_height_code("0650")
    (True, False)
    """
    try:
        _read(code, variant)
    except BadHeightError:
        return False
    return True


# Characters each level brings to a three-dimensional code: of the plane code, then of the height code.
_SHARES: Final = [(LENGTHS[level] - LENGTHS.get(level - 1, 1), 2 if level == 1 else 1) for level in LENGTHS]
_LEVEL_OF_3D_LENGTH: Final = {LENGTHS[level] + level + 2: level for level in LENGTHS}


def latlng_height_to_code3d(
    lat: float, lng: float, height_m: float, level: int = 8, variant: Variant = "annexC"
) -> Code3D:
    """
    Return the three-dimensional code of a point: plane and height, interleaved level by level (clause 6.3).

    Args:
        lat: degrees north, between -88 and 88.
        lng: degrees east, -180 to 180.
        height_m: metres above the ellipsoid.
        level: 1 to 10.
        variant: see `height_to_code`.

    Raises:
        BadLatLngError, BadHeightError, BadLevelError: as `latlng_to_code` and `height_to_code` do.

    >>> latlng_height_to_code3d(31.725693, 115.246844, 203.77)
    'N050H0027020E30C8101212474'
    """
    level = check_level(level)
    plane, height = latlng_to_code(lat, lng, level), height_to_code(height_m, level, variant)
    text, at, up = plane[0] + height[0], 1, 1
    for wide, high in _SHARES[:level]:
        text += plane[at : at + wide] + height[up : up + high]
        at, up = at + wide, up + high
    return Code3D(text, height.ambiguous)


def _split(code: object) -> tuple[str, str]:
    """The plane code and the height code inside a three-dimensional one."""
    text = plain_text(code)
    level = _LEVEL_OF_3D_LENGTH.get(len(text))
    if level is None:
        raise BadBeidouCodeError(f"a 3D code does not have {len(text)} characters: {code!r:.60}")
    plane, height, at = text[0], text[1], 2
    for wide, high in _SHARES[:level]:
        plane += text[at : at + wide]
        height += text[at + wide : at + wide + high]
        at += wide + high
    return plane, height


def code3d_to_bounds(code: str, variant: Variant = "annexC") -> Bounds3D:
    """
    Return the six sides of a three-dimensional cell. Unpack it, or ask ``.ambiguous``.

    Raises:
        BadBeidouCodeError: not a 3D code, or its plane part is no code.
        BadHeightError: its height part is no height, or no such variant.

    >>> south, west, north, east, bottom, top = code3d_to_bounds("N050H0027020E30C8101212474")
    >>> bottom < 203.77 < top
    True
    """
    plane, height = _split(code)
    return Bounds3D(*code_to_bounds(plane), *_faces(height, variant))


def is_valid_code3d(code: object, variant: Variant = "annexC") -> bool:
    """
    Say whether a text is a three-dimensional code of levels 1 to 10. Never raises.

    >>> is_valid_code3d("N036J0093000780B3010010520430140"), is_valid_code3d("N50J")
    (True, False)
    """
    try:
        code3d_to_bounds(code, variant)  # type: ignore[arg-type]
    except GeocodeError:
        return False
    return True
