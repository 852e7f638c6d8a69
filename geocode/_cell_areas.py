"""H3 cells and areas: from a polygon to cells, from cells to their outline, from a BeiDou cell to h3's."""

from collections.abc import Iterable
from math import cos, radians
from typing import Any, Final, Literal

import h3

from geocode._beidou_scalar import code_to_boundary
from geocode._cells import DOOR_RESOLUTION, MOST_CELLS, Cell, cell_to_text, check_resolution
from geocode._geojson import Polygon, read_polygons
from geocode.errors import BadCellError, BadGeometryError

Containment = Literal["center", "overlap", "full"]

_SQUARE_METRES_PER_DEGREE: Final = 1.2365e10


def polygon_to_cells(
    geojson: object, resolution: int = DOOR_RESOLUTION, contain: Containment = "center"
) -> list[str]:
    """
    Return the cells of a GeoJSON area, sorted.

    Args:
        geojson: Polygon, MultiPolygon, Feature or collection of them; positions are (lng, lat).
        resolution: 0 to 15.
        contain: ``center`` takes the cells whose centre is inside, so that areas side by side share no cell;
            ``overlap`` takes every cell that touches; ``full`` only those wholly inside.

    Raises:
        BadGeometryError: not an area, or too large for the resolution.
        BadLevelError: no such resolution.

    >>> len(polygon_to_cells({"type": "Polygon", "coordinates": [
    ...     [[114.30, 30.59], [114.31, 30.59], [114.31, 30.60], [114.30, 30.60], [114.30, 30.59]]]}, 9))
    12
    """
    resolution = check_resolution(resolution)
    found: set[str] = set()
    for polygon in read_polygons(geojson):
        found.update(_polygon_cells(polygon, resolution, contain))
        if len(found) > MOST_CELLS:
            raise BadGeometryError(f"the area has too many cells of resolution {resolution}")
    return sorted(found)


def _polygon_cells(polygon: Polygon, resolution: int, contain: Containment) -> list[str]:
    if contain not in ("center", "overlap", "full"):
        raise BadGeometryError(f"no such containment: {contain!r:.40}")
    _refuse_too_large(polygon, resolution)
    outer, *holes = [[(lat, lng) for lng, lat in ring[:-1]] for ring in polygon]
    try:
        shape = h3.LatLngPoly(outer, *holes)
        return list(h3.h3shape_to_cells_experimental(shape, resolution, contain))
    except (h3.H3BaseException, ValueError) as error:
        raise BadGeometryError(f"h3 cannot fill the area: {error}") from error


def _refuse_too_large(polygon: Polygon, resolution: int) -> None:
    """h3 reserves memory for the whole box around an area, so the box is what must be small enough."""
    lngs, lats = zip(*polygon[0], strict=True)
    south, north = min(lats), max(lats)
    widest = cos(radians(max(0.0, south, -north)))
    area = (max(lngs) - min(lngs)) * widest * (north - south) * _SQUARE_METRES_PER_DEGREE
    if area / h3.average_hexagon_area(resolution, unit="m^2") > 2 * MOST_CELLS:
        raise BadGeometryError(f"the area has too many cells of resolution {resolution}")


def cells_to_polygon(cells: Iterable[Cell]) -> dict[str, Any]:
    """
    Return the dissolved outline of cells of one resolution, as a GeoJSON MultiPolygon with its holes.

    Raises:
        BadCellError: one of them is not an H3 cell, or their resolutions differ.

    >>> from geocode.cells import grid_disk
    >>> outline = cells_to_polygon(grid_disk("8c40a33889603ff"))
    >>> outline["type"], len(outline["coordinates"]), len(outline["coordinates"][0][0])
    ('MultiPolygon', 1, 19)
    """
    if not isinstance(cells, Iterable):
        raise BadCellError(f"give cells, not {type(cells).__name__}")
    texts = {cell_to_text(cell) for cell in cells}
    if len({h3.get_resolution(text) for text in texts}) > 1:
        raise BadCellError("an outline needs cells of one resolution")
    if not texts:
        return {"type": "MultiPolygon", "coordinates": []}
    geojson = h3.cells_to_geo(sorted(texts), tight=False)
    return {
        "type": "MultiPolygon",
        "coordinates": [[[list(spot) for spot in ring] for ring in area] for area in geojson["coordinates"]],
    }


def code_to_cells(code: str, resolution: int = DOOR_RESOLUTION) -> list[str]:
    """
    Return the H3 cells that together cover a BeiDou grid cell, sorted.

    Args:
        code: a code of levels 1 to 10.
        resolution: 0 to 15.

    Raises:
        BadBeidouCodeError: not a code.
        BadGeometryError: the cell is too large for the resolution.
        BadLevelError: no such resolution.

    >>> code_to_cells("N50H051354813745")
    ['8c40a68046a45ff']
    """
    resolution = check_resolution(resolution)
    return sorted(_polygon_cells([code_to_boundary(code)], resolution, "overlap"))
