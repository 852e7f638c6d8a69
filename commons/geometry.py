"""
GeoAlchemy2's types, without Shapely and numpy, which it brings along where they are installed.

They are optional to it, take 15 MB of every process, and would only turn its elements into shapes; what we ask of a place we
ask of the database. Who reads outlines imports Shapely then.
"""

from __future__ import annotations

import sys

_is_new = "shapely" not in sys.modules
if _is_new:
    sys.modules["shapely"] = None  # type: ignore[assignment]  # "not there", for the length of one import
try:
    from geoalchemy2 import Geometry, WKTElement
finally:
    if _is_new:
        del sys.modules["shapely"]

__all__ = ["Geometry", "WKTElement"]
