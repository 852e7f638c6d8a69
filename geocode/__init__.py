"""
Codes for a place: BeiDou grid codes, H3 cells, datums, address codes, door codes and rural addresses.

Nothing heavy is loaded here. Each submodule is imported when it is first named, and numpy, h3 and shapely
when a function that needs them is first used.

>>> import geocode
>>> geocode.beidou.latlng_to_code(30.59276, 114.30525, level=4)
'N50H05135'
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from geocode.errors import (
    BadAddressCodeError,
    BadAddressError,
    BadBeidouCodeError,
    BadCellError,
    BadDivisionCodeError,
    BadDoorCodeError,
    BadFrameError,
    BadGeometryError,
    BadHeightError,
    BadLatLngError,
    BadLevelError,
    GeocodeError,
    MissingExtraError,
)

if TYPE_CHECKING:
    from geocode import (
        address_codes,
        addresses,
        beidou,
        cells,
        datums,
        division_codes,
        door_codes,
        height,
        police_schemes,
    )

__all__ = [
    "BadAddressCodeError",
    "BadAddressError",
    "BadBeidouCodeError",
    "BadCellError",
    "BadDivisionCodeError",
    "BadDoorCodeError",
    "BadFrameError",
    "BadGeometryError",
    "BadHeightError",
    "BadLatLngError",
    "BadLevelError",
    "GeocodeError",
    "MissingExtraError",
    "address_codes",
    "addresses",
    "beidou",
    "cells",
    "datums",
    "division_codes",
    "door_codes",
    "height",
    "police_schemes",
]

_SUBMODULES = frozenset(
    {
        "address_codes",
        "addresses",
        "beidou",
        "cells",
        "datums",
        "division_codes",
        "door_codes",
        "height",
        "police_schemes",
    }
)


def __getattr__(name: str) -> ModuleType:
    """Import a submodule the first time somebody names it."""
    if name in _SUBMODULES:
        return import_module(f"geocode.{name}")
    raise AttributeError(f"module 'geocode' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(set(globals()) | _SUBMODULES)
