"""
Read GeoJSON (RFC 7946) strictly, and only the shape in it.

What comes back is plain tuples that every function here may trust: numbers in range, rings closed, and nothing
that crosses the antimeridian, where a GeoJSON must be cut in two (RFC 7946, 3.1.9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from geocode.errors import BadGeometryError

Position = tuple[float, float]
"""Longitude first, as GeoJSON has it."""

Ring = list[Position]
Polygon = list[Ring]

_DEEPEST: Final = 16
_MOST_POSITIONS: Final = 1_000_000


@dataclass(slots=True)
class Shape:
    """All points, lines and polygons of one GeoJSON."""

    points: list[Position] = field(default_factory=list)
    lines: list[Ring] = field(default_factory=list)
    polygons: list[Polygon] = field(default_factory=list)


def read_shape(geojson: object) -> Shape:
    """Read a geometry, a feature or a collection of them, given as a mapping or a `__geo_interface__`."""
    shape = Shape()
    _read(geojson, shape, 0)
    if not (shape.points or shape.lines or shape.polygons):
        raise BadGeometryError("the GeoJSON has no shape in it")
    return shape


def read_polygons(geojson: object) -> list[Polygon]:
    """Read a GeoJSON that must be an area."""
    shape = read_shape(geojson)
    if shape.points or shape.lines:
        raise BadGeometryError("the GeoJSON must be a Polygon or a MultiPolygon")
    return shape.polygons


def _read(geojson: object, shape: Shape, depth: int) -> None:
    if depth > _DEEPEST:
        raise BadGeometryError("the GeoJSON is nested too deeply")
    geojson = getattr(geojson, "__geo_interface__", geojson)
    if not isinstance(geojson, Mapping):
        raise BadGeometryError(f"a GeoJSON is an object, not {type(geojson).__name__}")
    kind = geojson.get("type")
    if kind == "Feature":
        _read(geojson.get("geometry"), shape, depth + 1)
    elif kind == "FeatureCollection":
        for feature in _items(geojson.get("features")):
            _read(feature, shape, depth + 1)
    elif kind == "GeometryCollection":
        for geometry in _items(geojson.get("geometries")):
            _read(geometry, shape, depth + 1)
    else:
        _read_coordinates(kind, geojson.get("coordinates"), shape)


def _read_coordinates(kind: object, coordinates: Any, shape: Shape) -> None:
    if kind == "Point":
        shape.points.append(_position(coordinates))
    elif kind == "MultiPoint":
        shape.points.extend(_position(each) for each in _items(coordinates))
    elif kind == "LineString":
        shape.lines.append(_line(coordinates))
    elif kind == "MultiLineString":
        shape.lines.extend(_line(each) for each in _items(coordinates))
    elif kind == "Polygon":
        shape.polygons.append(_polygon(coordinates))
    elif kind == "MultiPolygon":
        shape.polygons.extend(_polygon(each) for each in _items(coordinates))
    else:
        raise BadGeometryError(f"not a GeoJSON type: {kind!r:.40}")


def _items(value: Any) -> Sequence[Any]:
    """A GeoJSON array of reasonable length."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise BadGeometryError(f"an array is missing: {value!r:.40}")
    if len(value) > _MOST_POSITIONS:
        raise BadGeometryError("the GeoJSON has too many positions")
    return value


def _position(value: Any) -> Position:
    pair = _items(value)
    if len(pair) < 2:
        raise BadGeometryError(f"a position needs longitude and latitude: {value!r:.40}")
    lng, lat = pair[0], pair[1]
    for number in (lng, lat):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise BadGeometryError(f"a position is made of numbers: {value!r:.40}")
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        raise BadGeometryError(f"a position is outside the earth: {value!r:.60}")
    return float(lng), float(lat)


def _line(value: Any) -> Ring:
    line = [_position(each) for each in _items(value)]
    if len(line) < 2:
        raise BadGeometryError("a line needs two positions")
    return line


def _polygon(value: Any) -> Polygon:
    polygon = [_line(ring) for ring in _items(value)]
    if not polygon:
        raise BadGeometryError("a polygon needs an outer ring")
    for ring in polygon:
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise BadGeometryError("a ring needs four positions, the last equal to the first")
    lngs = [lng for lng, _ in polygon[0]]
    if max(lngs) - min(lngs) > 180:
        raise BadGeometryError("a polygon wider than 180 degrees: cut it at the antimeridian")
    return polygon
