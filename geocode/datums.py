"""
Coordinate frames met on Chinese phones and maps, and the way between them.

`wgs84` stands for WGS-84 and CGCS2000, which differ by less than a metre and are stored as one frame. `gcj02`
is what AMap and Tencent show, `bd09` what Baidu shows. Outside the box of 0.8293-55.8271 N and
72.004-137.8347 E the frames are one and nothing is moved. Where a point lies in the frame it comes from decides,
once: an inverse leads back whatever was moved, also a point that the shift carried over the edge. GCJ-02 has no public definition: the constants are
the ones every open implementation shares.

Scalar functions take and return floats, latitude first. Each has a namesake ending in ``_array`` that takes
and returns numpy arrays. Inverses are iterated until the way there and back is better than 1 mm.

>>> lat, lng = wgs84_to_gcj02(30.5928, 114.3055)
>>> round(lat, 9), round(lng, 9)
(30.590390564, 114.310944888)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from geocode._datums_scalar import (
    FRAMES,
    Frame,
    bd09_to_gcj02,
    bd09_to_wgs84,
    convert,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from geocode._map_links import MapLinks, map_links

if TYPE_CHECKING:
    from geocode._datums_array import (
        bd09_to_gcj02_array,
        bd09_to_wgs84_array,
        convert_array,
        gcj02_to_bd09_array,
        gcj02_to_wgs84_array,
        wgs84_to_bd09_array,
        wgs84_to_gcj02_array,
    )

__all__ = [
    "FRAMES",
    "Frame",
    "MapLinks",
    "bd09_to_gcj02",
    "bd09_to_gcj02_array",
    "bd09_to_wgs84",
    "bd09_to_wgs84_array",
    "convert",
    "convert_array",
    "gcj02_to_bd09",
    "gcj02_to_bd09_array",
    "gcj02_to_wgs84",
    "gcj02_to_wgs84_array",
    "map_links",
    "wgs84_to_bd09",
    "wgs84_to_bd09_array",
    "wgs84_to_gcj02",
    "wgs84_to_gcj02_array",
]


def __getattr__(name: str) -> Any:
    """Import the numpy versions the first time somebody names one."""
    if name not in __all__:
        raise AttributeError(f"module 'geocode.datums' has no attribute {name!r}")
    function = globals()[name] = getattr(import_module("geocode._datums_array"), name)
    return function


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
