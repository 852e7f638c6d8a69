"""The formulas between the frames, one point at a time."""

from collections.abc import Callable, Sequence
from math import atan2, cos, hypot, isfinite, pi, sin, sqrt
from typing import Any, Final, Literal

from geocode._numbers import as_float
from geocode.errors import BadFrameError, BadLatLngError

Frame = Literal["wgs84", "gcj02", "bd09"]
FRAMES: Final[tuple[Frame, ...]] = ("wgs84", "gcj02", "bd09")
"""From the satellites outward: each frame is a distortion of the one before."""

SOUTH, NORTH = 0.8293, 55.8271
WEST, EAST = 72.004, 137.8347
"""Outside this box nothing is moved. A point that is led back is outside when what it came from would be."""

# A shifted point leaves the box by less than this, in degrees.
MARGIN: Final = 0.1

AXIS: Final = 6378245.0
ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
BD_TURN: Final = pi * 3000.0 / 180.0
BD_LAT, BD_LNG = 0.006, 0.0065
# Degrees; a hundred times finer than the millimetre the inverses promise.
CLOSE_ENOUGH: Final = 1e-11
MOST_ROUNDS: Final = 20

LatLng = tuple[float, float]
Move = Callable[[float, float], LatLng]


def check_point(lat: Any, lng: Any) -> LatLng:
    """Return the point as floats, or say why it is none."""
    try:
        lat, lng = as_float(lat), as_float(lng)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadLatLngError(f"not a point: {error}") from error
    if not (isfinite(lat) and isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):
        raise BadLatLngError(f"not a point on the earth: {lat!r}, {lng!r}")
    return lat, lng


def is_inside(lat: float, lng: float, margin: float = 0.0) -> bool:
    """Whether a point lies in the box where the frames differ."""
    return SOUTH - margin <= lat <= NORTH + margin and WEST - margin <= lng <= EAST + margin


def _to_gcj(lat: float, lng: float) -> LatLng:
    """
    GCJ-02 inside the box.

    The usual form takes twelve sines. Four of them are sines of three times another angle, and
    sin 3t = 3 sin t - 4 sin^3 t, so `swing`, `along` and `across` each serve two waves.
    """
    x, y = lng - 105.0, lat - 35.0
    root, day = sqrt(abs(x)), sin(2.0 * pi * x)
    across, along = sin(pi / 3.0 * x), sin(pi / 3.0 * y)
    swing = day * (1.0 - day * day) * 160.0 / 3.0
    north = y * (3.0 + 0.2 * y) + x * (2.0 + 0.1 * y) + 0.2 * root + swing - 100.0
    north += along * (200.0 - 160.0 * along * along) / 3.0
    north += (sin(pi / 12.0 * y) + 2.0 * sin(pi / 30.0 * y)) * 320.0 / 3.0
    east = x * (1.0 + 0.1 * x) + y * (2.0 + 0.1 * x) + 0.1 * root + swing + 300.0
    east += across * (200.0 - 160.0 * across * across) / 3.0
    east += (sin(pi / 12.0 * x) + 2.0 * sin(pi / 30.0 * x)) * 100.0
    squared = sin(lat / 180.0 * pi) ** 2
    flatness = 1.0 - ECCENTRICITY_SQUARED * squared
    bent = sqrt(flatness)
    metres_up = AXIS * (1.0 - ECCENTRICITY_SQUARED) / (flatness * bent) * pi / 180.0
    metres_across = AXIS / bent * sqrt(1.0 - squared) * pi / 180.0
    return lat + north / metres_up, lng + east / metres_across


def _to_bd(lat: float, lng: float) -> LatLng:
    radius = hypot(lng, lat) + 2e-5 * sin(lat * BD_TURN)
    angle = atan2(lat, lng) + 3e-6 * cos(lng * BD_TURN)
    return radius * sin(angle) + BD_LAT, radius * cos(angle) + BD_LNG


def _undo(forwards: Sequence[Move], lat: float, lng: float) -> LatLng:
    """The point that the moves lead to (lat, lng), one after the other, or that point where none inside the box does."""
    if not is_inside(lat, lng, MARGIN):
        return lat, lng
    found = lat, lng
    for forward in reversed(forwards):
        found = _undo_one(forward, *found)
    return found if is_inside(*found) else (lat, lng)


def _undo_one(forward: Move, lat: float, lng: float) -> LatLng:
    """
    The point that *forward* moves to (lat, lng).

    Every shift changes slowly, by less than one part in a hundred of the step taken, so feeding the
    error back converges by two digits a round or more.
    """
    found_lat, found_lng = lat, lng
    for _ in range(MOST_ROUNDS):
        there_lat, there_lng = forward(found_lat, found_lng)
        north, east = lat - there_lat, lng - there_lng
        found_lat, found_lng = found_lat + north, found_lng + east
        if abs(north) + abs(east) < CLOSE_ENOUGH:
            break
    return found_lat, found_lng


def wgs84_to_gcj02(lat: float, lng: float) -> LatLng:
    """
    Return a WGS-84 / CGCS2000 point as AMap and Tencent place it, (lat, lng) in degrees.

    Over Hubei the two lie 480 to 635 m apart.

    Raises:
        BadLatLngError: not a point on the earth.

    >>> lat, lng = wgs84_to_gcj02(30.5928, 114.3055)
    >>> round(lat, 7), round(lng, 7)
    (30.5903906, 114.3109449)
    """
    lat, lng = check_point(lat, lng)
    return _to_gcj(lat, lng) if is_inside(lat, lng) else (lat, lng)


def gcj02_to_wgs84(lat: float, lng: float) -> LatLng:
    """
    Return a GCJ-02 point in WGS-84 / CGCS2000, (lat, lng) in degrees, to better than 1 mm.

    Within some hundred metres of the box's edge two points may share one GCJ-02 place; the one inside the
    box is returned.

    Raises:
        BadLatLngError: not a point on the earth.

    >>> lat, lng = gcj02_to_wgs84(30.5903905643, 114.3109448884)
    >>> round(lat, 7), round(lng, 7)
    (30.5928, 114.3055)
    """
    return _undo((_to_gcj,), *check_point(lat, lng))


def gcj02_to_bd09(lat: float, lng: float) -> LatLng:
    """
    Return a GCJ-02 point as Baidu places it, (lat, lng) in degrees.

    Raises:
        BadLatLngError: not a point on the earth.

    >>> lat, lng = gcj02_to_bd09(30.5903905643, 114.3109448884)
    >>> round(lat, 7), round(lng, 7)
    (30.5960999, 114.3175127)
    """
    lat, lng = check_point(lat, lng)
    return _to_bd(lat, lng) if is_inside(lat, lng) else (lat, lng)


def bd09_to_gcj02(lat: float, lng: float) -> LatLng:
    """
    Return a BD-09 point in GCJ-02, (lat, lng) in degrees, to better than 1 mm.

    Raises:
        BadLatLngError: not a point on the earth.

    >>> lat, lng = bd09_to_gcj02(30.5960999258, 114.3175126818)
    >>> round(lat, 7), round(lng, 7)
    (30.5903906, 114.3109449)
    """
    return _undo((_to_bd,), *check_point(lat, lng))


def wgs84_to_bd09(lat: float, lng: float) -> LatLng:
    """
    Return a WGS-84 / CGCS2000 point as Baidu places it, (lat, lng) in degrees.

    Where this point lies decides whether it is moved at all, so both moves are made or neither.

    Raises:
        BadLatLngError: not a point on the earth.

    >>> lat, lng = wgs84_to_bd09(30.5928, 114.3055)
    >>> round(lat, 7), round(lng, 7)
    (30.5960999, 114.3175127)
    """
    lat, lng = check_point(lat, lng)
    return _to_bd(*_to_gcj(lat, lng)) if is_inside(lat, lng) else (lat, lng)


def bd09_to_wgs84(lat: float, lng: float) -> LatLng:
    """
    Return a BD-09 point in WGS-84 / CGCS2000, (lat, lng) in degrees, to better than 1 mm.

    Raises:
        BadLatLngError: not a point on the earth.

    >>> lat, lng = bd09_to_wgs84(30.5960999258, 114.3175126818)
    >>> round(lat, 7), round(lng, 7)
    (30.5928, 114.3055)
    """
    return _undo((_to_gcj, _to_bd), *check_point(lat, lng))


def check_frames(source: str, target: str) -> tuple[str, str]:
    """Return the two frames, or say what a frame is."""
    for frame in (source, target):
        if frame not in FRAMES:
            raise BadFrameError(f"a frame is one of {', '.join(FRAMES)}, not {frame!r:.40}")
    return source, target


def convert(lat: float, lng: float, source: Frame, target: Frame) -> LatLng:
    """
    Return a point of one frame in another, (lat, lng) in degrees.

    Args:
        lat: degrees north.
        lng: degrees east.
        source: ``wgs84`` (also CGCS2000), ``gcj02`` or ``bd09``.
        target: likewise.

    Raises:
        BadFrameError: no such frame.
        BadLatLngError: not a point on the earth.

    >>> convert(30.5928, 114.3055, "wgs84", "bd09") == wgs84_to_bd09(30.5928, 114.3055)
    True
    """
    way: Move = _WAYS.get(check_frames(source, target), check_point)
    return way(lat, lng)


_WAYS: Final[dict[tuple[str, str], Move]] = {
    ("wgs84", "gcj02"): wgs84_to_gcj02,
    ("gcj02", "wgs84"): gcj02_to_wgs84,
    ("gcj02", "bd09"): gcj02_to_bd09,
    ("bd09", "gcj02"): bd09_to_gcj02,
    ("wgs84", "bd09"): wgs84_to_bd09,
    ("bd09", "wgs84"): bd09_to_wgs84,
}
