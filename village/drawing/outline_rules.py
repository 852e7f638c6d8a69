"""Reading an outline that somebody drew elsewhere: GeoJSON in, cells of a grid out. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from geocode import cells
from geocode.errors import GeocodeError
from village.drawing.errors import BadOutline, OutlineTooLarge, TooManyCells
from village.grids.rules import GRID_RESOLUTION, MOST_CELLS

LARGEST_FILE = 512 * 1024
# Some 1,500 square kilometres: looked at in coarse cells first, so that a whole province costs nothing to refuse.
_COARSE = 7
_MOST_COARSE = 300


def read_outline(data: bytes) -> list[str]:
    """
    Return the cells whose middle lies in the outline, sorted.

    Raises:
        OutlineTooLarge, TooManyCells: more than a grid can be.
        BadOutline: not GeoJSON, not an area, an area that crosses itself, or one without any cell.
    """
    if len(data) > LARGEST_FILE:
        raise OutlineTooLarge(LARGEST_FILE // 1024)
    outline = _parsed(data)
    try:
        coarse = cells.polygon_to_cells(outline, _COARSE, "overlap")
    except GeocodeError as error:
        if "too many" in str(error):
            raise TooManyCells(MOST_CELLS) from error
        raise BadOutline("文件里要有一个面（Polygon），经度在前、纬度在后，首尾相接") from error
    if len(coarse) > _MOST_COARSE:
        raise TooManyCells(MOST_CELLS)
    import shapely  # 15 MB that only a drawn outline needs

    if not all(shapely.is_valid(area) for area in _areas(outline)):
        raise BadOutline("范围的边线自己交叉了，请重新描一遍再上传")
    found = cells.polygon_to_cells(outline, GRID_RESOLUTION)
    if not found:
        raise BadOutline("范围太小，连一格也没有围住")
    if len(found) > MOST_CELLS:
        raise TooManyCells(MOST_CELLS)
    return found


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadOutline("这个文件不是 GeoJSON，请用地图软件另存为 GeoJSON 再上传") from error


def _areas(outline: dict[str, Any]) -> Iterator[Any]:
    """The areas of an outline that geocode has read before, so that its form is known to be right."""
    from shapely.geometry import shape

    kind = outline["type"]
    if kind == "Feature":
        yield from _areas(outline["geometry"])
    elif kind in ("FeatureCollection", "GeometryCollection"):
        for part in outline["features" if kind == "FeatureCollection" else "geometries"]:
            yield from _areas(part)
    else:
        yield shape(outline)
