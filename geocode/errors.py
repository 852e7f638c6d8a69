"""
What `geocode` says when it cannot answer.

Every refusal is a `GeocodeError`, every `GeocodeError` is a `ValueError`, and each class carries a stable
`code` that programs may compare. The sentence in `str(error)` is for the developer's log and may change.
"""

from typing import ClassVar


class GeocodeError(ValueError):
    """
    The one base of everything this library raises on purpose.

    >>> try:
    ...     raise BadLevelError("level must be 1 to 10, not 11")
    ... except ValueError as error:
    ...     print(error.code)
    bad_level
    """

    code: ClassVar[str] = "geocode_error"


class BadBeidouCodeError(GeocodeError):
    """The text is not a BeiDou grid code, a 3D code or a reference code."""

    code = "bad_beidou_code"


class BadLatLngError(GeocodeError):
    """The latitude or longitude is not a number, is out of range, or lies in a polar cap."""

    code = "bad_latlng"


class BadLevelError(GeocodeError):
    """The level, resolution or number of steps is not one this operation knows."""

    code = "bad_level"


class BadHeightError(GeocodeError):
    """The height, or the text of a height code, cannot be a height."""

    code = "bad_height"


class BadGeometryError(GeocodeError):
    """The GeoJSON is not a geometry, or would give more cells than anyone can hold."""

    code = "bad_geometry"


class BadCellError(GeocodeError):
    """The text or number is not an H3 cell."""

    code = "bad_cell"


class BadFrameError(GeocodeError):
    """The name is not one of the coordinate frames this library converts."""

    code = "bad_frame"


class BadDoorCodeError(GeocodeError):
    """The text is not a short door code, or its check character is wrong."""

    code = "bad_door_code"


class BadAddressCodeError(GeocodeError):
    """The text is not a 23-character address code, or its check character is wrong."""

    code = "bad_address_code"


class BadDivisionCodeError(GeocodeError):
    """The text is not a statistical division code of 12 or 17 digits."""

    code = "bad_division_code"


class BadAddressError(GeocodeError):
    """The text cannot be read as an address at all."""

    code = "bad_address"


class MissingExtraError(GeocodeError):
    """The function needs a package that comes with an extra of this library and is not installed."""

    code = "missing_extra"
