"""The formulas between the frames, over numpy arrays, in blocks that stay in the processor's cache."""

from collections.abc import Callable, Sequence
from functools import partial
from math import pi
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geocode._arrays import as_floats
from geocode._datums_scalar import (
    AXIS,
    BD_LAT,
    BD_LNG,
    BD_TURN,
    CLOSE_ENOUGH,
    EAST,
    ECCENTRICITY_SQUARED,
    MARGIN,
    MOST_ROUNDS,
    NORTH,
    SOUTH,
    WEST,
    Frame,
    check_frames,
)
from geocode.errors import BadLatLngError

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
_BLOCK: Final = 8192


def _is_inside(lat: Floats, lng: Floats, margin: float = 0.0) -> NDArray[np.bool_]:
    inside = (lat >= SOUTH - margin) & (lat <= NORTH + margin)
    inside &= (lng >= WEST - margin) & (lng <= EAST + margin)
    return inside


def _to_gcj(lat: Floats, lng: Floats) -> Pair:
    """GCJ-02 inside the box; the scalar formula, term by term."""
    x, y = lng - 105.0, lat - 35.0
    root, day = np.sqrt(np.abs(x)), np.sin(2.0 * pi * x)
    across, along = np.sin(pi / 3.0 * x), np.sin(pi / 3.0 * y)
    swing = day * (1.0 - day * day) * 160.0 / 3.0
    north = y * (3.0 + 0.2 * y) + x * (2.0 + 0.1 * y) + 0.2 * root + swing - 100.0
    north += along * (200.0 - 160.0 * along * along) / 3.0
    north += (np.sin(pi / 12.0 * y) + 2.0 * np.sin(pi / 30.0 * y)) * 320.0 / 3.0
    east = x * (1.0 + 0.1 * x) + y * (2.0 + 0.1 * x) + 0.1 * root + swing + 300.0
    east += across * (200.0 - 160.0 * across * across) / 3.0
    east += (np.sin(pi / 12.0 * x) + 2.0 * np.sin(pi / 30.0 * x)) * 100.0
    squared = np.sin(lat / 180.0 * pi) ** 2
    flatness = 1.0 - ECCENTRICITY_SQUARED * squared
    bent = np.sqrt(flatness)
    metres_up = AXIS * (1.0 - ECCENTRICITY_SQUARED) / (flatness * bent) * pi / 180.0
    metres_across = AXIS / bent * np.sqrt(1.0 - squared) * pi / 180.0
    return lat + north / metres_up, lng + east / metres_across


def _to_bd(lat: Floats, lng: Floats) -> Pair:
    radius = np.hypot(lng, lat) + 2e-5 * np.sin(lat * BD_TURN)
    angle = np.arctan2(lat, lng) + 3e-6 * np.cos(lng * BD_TURN)
    return radius * np.sin(angle) + BD_LAT, radius * np.cos(angle) + BD_LNG


Move = Callable[[Floats, Floats], Pair]


def _undo(forwards: Sequence[Move], lat: Floats, lng: Floats) -> Pair:
    found = lat, lng
    for forward in reversed(forwards):
        found = _undo_one(forward, *found)
    # What would come from outside the box was never moved.
    moved = _is_inside(*found)
    return np.where(moved, found[0], lat), np.where(moved, found[1], lng)


def _undo_one(forward: Move, lat: Floats, lng: Floats) -> Pair:
    found_lat, found_lng = lat.copy(), lng.copy()
    for _ in range(MOST_ROUNDS):
        there_lat, there_lng = forward(found_lat, found_lng)
        north, east = lat - there_lat, lng - there_lng
        found_lat += north
        found_lng += east
        if (np.abs(north) + np.abs(east)).max(initial=0.0) < CLOSE_ENOUGH:
            break
    return found_lat, found_lng


def _degrees(values: Any) -> Floats:
    try:
        return as_floats(values)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadLatLngError(f"not numbers of degrees: {error}") from error


def _check(lat: Floats, lng: Floats, start: int) -> None:
    good = (np.abs(lat) <= 90.0) & (np.abs(lng) <= 180.0)
    if not good.all():
        bad = int(np.argmin(good))
        raise BadLatLngError(f"point {start + bad} is not on the earth: {lat[bad]!r}, {lng[bad]!r}")


def _to_bd_from_wgs(lat: Floats, lng: Floats) -> Pair:
    return _to_bd(*_to_gcj(lat, lng))


def _over_blocks(lats: Any, lngs: Any, move: Move, margin: float = 0.0) -> Pair:
    """Apply a move inside the box, or a *margin* of degrees around it, and nothing outside it, block by block."""
    lats, lngs = _degrees(lats), _degrees(lngs)
    if len(lats) != len(lngs):
        raise BadLatLngError("there must be as many longitudes as latitudes")
    out_lats, out_lngs = np.array(lats), np.array(lngs)
    for start in range(0, len(lats), _BLOCK):
        block = slice(start, start + _BLOCK)
        lat, lng = lats[block], lngs[block]
        _check(lat, lng, start)
        chosen = _is_inside(lat, lng, margin)
        if not chosen.all():
            lat, lng = lat[chosen], lng[chosen]
        moved_lat, moved_lng = move(lat, lng)
        out_lats[block][chosen] = moved_lat
        out_lngs[block][chosen] = moved_lng
    return out_lats, out_lngs


def _back_over_blocks(lats: Any, lngs: Any, *forwards: Move) -> Pair:
    return _over_blocks(lats, lngs, partial(_undo, forwards), MARGIN)


def wgs84_to_gcj02_array(lats: ArrayLike, lngs: ArrayLike) -> Pair:
    """
    Return many WGS-84 / CGCS2000 points as AMap and Tencent place them: two arrays, lats and lngs.

    Raises:
        BadLatLngError: some point is not on the earth (the message says which), or the lengths differ.

    >>> lats, lngs = wgs84_to_gcj02_array([30.5928, 0.0], [114.3055, 0.0])
    >>> lats.round(7), lngs.round(7)
    (array([30.5903906,  0.       ]), array([114.3109449,   0.       ]))
    """
    return _over_blocks(lats, lngs, _to_gcj)


def gcj02_to_wgs84_array(lats: ArrayLike, lngs: ArrayLike) -> Pair:
    """
    Return many GCJ-02 points in WGS-84 / CGCS2000, to better than 1 mm: two arrays, lats and lngs.

    Raises:
        BadLatLngError: some point is not on the earth (the message says which), or the lengths differ.

    >>> lats, lngs = gcj02_to_wgs84_array([30.5903905643], [114.3109448884])
    >>> lats.round(7), lngs.round(7)
    (array([30.5928]), array([114.3055]))
    """
    return _back_over_blocks(lats, lngs, _to_gcj)


def gcj02_to_bd09_array(lats: ArrayLike, lngs: ArrayLike) -> Pair:
    """
    Return many GCJ-02 points as Baidu places them: two arrays, lats and lngs.

    Raises:
        BadLatLngError: some point is not on the earth (the message says which), or the lengths differ.

    >>> lats, lngs = gcj02_to_bd09_array([30.5903905643], [114.3109448884])
    >>> lats.round(7), lngs.round(7)
    (array([30.5960999]), array([114.3175127]))
    """
    return _over_blocks(lats, lngs, _to_bd)


def bd09_to_gcj02_array(lats: ArrayLike, lngs: ArrayLike) -> Pair:
    """
    Return many BD-09 points in GCJ-02, to better than 1 mm: two arrays, lats and lngs.

    Raises:
        BadLatLngError: some point is not on the earth (the message says which), or the lengths differ.

    >>> lats, lngs = bd09_to_gcj02_array([30.5960999258], [114.3175126818])
    >>> lats.round(7), lngs.round(7)
    (array([30.5903906]), array([114.3109449]))
    """
    return _back_over_blocks(lats, lngs, _to_bd)


def wgs84_to_bd09_array(lats: ArrayLike, lngs: ArrayLike) -> Pair:
    """
    Return many WGS-84 / CGCS2000 points as Baidu places them: two arrays, lats and lngs.

    Raises:
        BadLatLngError: some point is not on the earth (the message says which), or the lengths differ.

    >>> lats, lngs = wgs84_to_bd09_array([30.5928], [114.3055])
    >>> lats.round(7), lngs.round(7)
    (array([30.5960999]), array([114.3175127]))
    """
    return _over_blocks(lats, lngs, _to_bd_from_wgs)


def bd09_to_wgs84_array(lats: ArrayLike, lngs: ArrayLike) -> Pair:
    """
    Return many BD-09 points in WGS-84 / CGCS2000, to better than 1 mm: two arrays, lats and lngs.

    Raises:
        BadLatLngError: some point is not on the earth (the message says which), or the lengths differ.

    >>> lats, lngs = bd09_to_wgs84_array([30.5960999258], [114.3175126818])
    >>> lats.round(7), lngs.round(7)
    (array([30.5928]), array([114.3055]))
    """
    return _back_over_blocks(lats, lngs, _to_gcj, _to_bd)


def convert_array(lats: ArrayLike, lngs: ArrayLike, source: Frame, target: Frame) -> Pair:
    """
    Return many points of one frame in another: two new arrays, lats and lngs.

    Raises:
        BadFrameError: no such frame.
        BadLatLngError: some point is not on the earth (the message says which), or the lengths differ.

    >>> convert_array([30.5], [114.3], "gcj02", "gcj02")
    (array([30.5]), array([114.3]))
    """
    way = _WAYS.get(check_frames(source, target), partial(_over_blocks, move=_nowhere))
    return way(lats, lngs)


def _nowhere(lat: Floats, lng: Floats) -> Pair:
    return lat, lng


_WAYS: Final[dict[tuple[str, str], Callable[[ArrayLike, ArrayLike], Pair]]] = {
    ("wgs84", "gcj02"): wgs84_to_gcj02_array,
    ("gcj02", "wgs84"): gcj02_to_wgs84_array,
    ("gcj02", "bd09"): gcj02_to_bd09_array,
    ("bd09", "gcj02"): bd09_to_gcj02_array,
    ("wgs84", "bd09"): wgs84_to_bd09_array,
    ("bd09", "wgs84"): bd09_to_wgs84_array,
}
