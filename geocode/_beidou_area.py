"""Areas on the grid: the codes that cover a GeoJSON. Needs shapely, an extra of this library."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geocode._beidou_levels import (
    COLUMNS,
    EDGE_SNAP,
    HEIGHTS,
    POLAR_DEGREE,
    ROWS,
    SPLITS,
    UNITS_PER_DEGREE,
    WIDTHS,
    check_level,
)
from geocode._beidou_scalar import latlng_to_code
from geocode._beidou_vector import latlngs_to_codes
from geocode._geojson import Shape, read_shape
from geocode.errors import BadGeometryError, BadLatLngError

_MOST_CELLS: Final = 2_000_000

# Columns and rows of cells of one level, one cell in each line, counted through zero.
Cells = NDArray[np.int64]


def codes_covering(geojson: object, level: int = 8) -> list[str]:
    """
    Return the codes of one level that cover a GeoJSON, sorted, each once.

    A cell belongs to the cover of a polygon when their insides meet: a polygon that is exactly one cell is
    covered by that cell alone, and one with a hole is not covered inside the hole. A line is covered by
    every cell it touches, a point by its own cell.

    Args:
        geojson: any geometry, feature or collection; positions are (lng, lat). What crosses the antimeridian
            must be cut there, as RFC 7946 asks.
        level: 1 to 10.

    Raises:
        BadGeometryError: not a GeoJSON, a polygon that crosses itself, or over two million cells.
        BadLatLngError: part of it lies in a polar cap.
        BadLevelError: no such level.

    >>> codes_covering({"type": "Polygon", "coordinates": [
    ...     [[116.0, 39.5], [116.6, 39.5], [116.6, 40.0], [116.0, 40.0], [116.0, 39.5]]]}, 2)
    ['N50J47', 'N50J57']
    """
    level = check_level(level)
    shape = read_shape(geojson)
    _refuse_polar(shape)
    found = {latlng_to_code(lat, lng, level) for lng, lat in shape.points}
    for polygon in shape.polygons:
        area = shapely.Polygon(polygon[0], polygon[1:])
        if not shapely.is_valid(area):
            raise BadGeometryError(f"not a simple polygon: {shapely.is_valid_reason(area)}")
        found.update(_cover(_in_units(area), level, insides_meet=True))
    for line in shape.lines:
        found.update(_cover(_in_units(shapely.LineString(line)), level, insides_meet=False))
    if len(found) > _MOST_CELLS:
        raise BadGeometryError(f"over {_MOST_CELLS} cells of level {level}")
    return sorted(found)


def _refuse_polar(shape: Shape) -> None:
    """A point on the cap's edge is in the cap; the edge of an area may lie there, and does for the last row of cells."""
    rings = [*shape.lines, *(ring for polygon in shape.polygons for ring in polygon)]
    highest = max((abs(lat) for ring in rings for _, lat in ring), default=0.0)
    points = any(abs(lat) >= POLAR_DEGREE for _, lat in shape.points)
    if points or highest > POLAR_DEGREE + EDGE_SNAP / UNITS_PER_DEGREE:
        raise BadLatLngError("part of the shape lies in a polar cap")


def _in_units(geometry: shapely.Geometry) -> shapely.Geometry:
    """The geometry in u, where cell edges are whole numbers; what is as good as on an edge is put there."""

    def snap(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        units = degrees * UNITS_PER_DEGREE
        whole = np.round(units)
        return np.where(np.abs(units - whole) < EDGE_SNAP, whole, units)

    return shapely.transform(geometry, snap)


def _cover(geometry: shapely.Geometry, level: int, *, insides_meet: bool) -> list[str]:
    """Go down level by level; a cell wholly inside is divided further without looking."""
    shapely.prepare(geometry)
    open_cells = _roots(geometry)
    done: list[Cells] = []
    for step in range(1, level + 1):
        if step > 1:
            open_cells = _divide(open_cells, step)
            done = [_divide(cells, step) for cells in done]
        boxes = _boxes(open_cells, step)
        met = shapely.intersects(geometry, boxes)
        if insides_meet:
            met &= ~shapely.touches(geometry, boxes)
        open_cells, boxes = open_cells[met], boxes[met]
        within = shapely.covers(geometry, boxes)
        done.append(open_cells[within])
        open_cells = open_cells[~within]
    return _codes(np.concatenate([open_cells, *done]), level)


def _roots(geometry: shapely.Geometry) -> Cells:
    """The level-1 cells around the geometry's box."""
    west, south, east, north = shapely.bounds(geometry)
    columns = np.arange(np.floor(west / WIDTHS[1]) - 1, np.floor(east / WIDTHS[1]) + 2)
    rows = np.arange(np.floor(south / HEIGHTS[1]) - 1, np.floor(north / HEIGHTS[1]) + 2)
    half = COLUMNS[1] // 2
    columns = columns[(columns >= -half) & (columns < half)]
    rows = rows[(rows >= -ROWS[1]) & (rows < ROWS[1])]
    return np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(np.int64)


def _divide(cells: Cells, level: int) -> Cells:
    """The cells of the next level in the given ones."""
    columns, rows = SPLITS[level]
    if len(cells) * columns * rows > _MOST_CELLS * 2:
        raise BadGeometryError(f"over {_MOST_CELLS} cells of level {level}")
    inner = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(1, -1, 2)
    divided: Cells = (cells[:, None, :] * (columns, rows) + inner).reshape(-1, 2)
    return divided


def _boxes(cells: Cells, level: int) -> NDArray[np.object_]:
    west, south = cells[:, 0] * WIDTHS[level], cells[:, 1] * HEIGHTS[level]
    boxes: NDArray[np.object_] = shapely.box(west, south, west + WIDTHS[level], south + HEIGHTS[level])
    return boxes


def _codes(cells: Cells, level: int) -> list[str]:
    """Codes by way of the centres, which are as far from every edge as can be."""
    lngs = (cells[:, 0] + 0.5) * WIDTHS[level] / UNITS_PER_DEGREE
    lats = (cells[:, 1] + 0.5) * HEIGHTS[level] / UNITS_PER_DEGREE
    codes: list[str] = latlngs_to_codes(lats, lngs, level).astype(str).tolist()
    return codes
