"""
H3 cells: the hexagons behind maps and grids.

A door's cell has resolution 12 (about 270 m2 in Hubei) and is stored as a number; maps roll it up to
resolution 9. A cell is taken as text or number everywhere and returned as text, except where the name says
`int`. Cells are made from WGS-84 / CGCS2000 only; convert other frames with `geocode.datums` first.

>>> latlng_to_cell(30.59276, 114.30525)
'8c40a68046a45ff'
"""

from geocode._cell_areas import Containment, cells_to_polygon, code_to_cells, polygon_to_cells
from geocode._cells import (
    DOOR_RESOLUTION,
    MAP_RESOLUTION,
    LatLng,
    cell_to_boundary,
    cell_to_children,
    cell_to_int,
    cell_to_latlng,
    cell_to_parent,
    cell_to_text,
    get_resolution,
    grid_disk,
    grid_distance,
    grid_neighbors,
    is_valid_cell,
    latlng_to_cell,
    latlng_to_cell_int,
    map_cell,
    roll_up,
)

__all__ = [
    "DOOR_RESOLUTION",
    "MAP_RESOLUTION",
    "Containment",
    "LatLng",
    "cell_to_boundary",
    "cell_to_children",
    "cell_to_int",
    "cell_to_latlng",
    "cell_to_parent",
    "cell_to_text",
    "cells_to_polygon",
    "code_to_cells",
    "get_resolution",
    "grid_disk",
    "grid_distance",
    "grid_neighbors",
    "is_valid_cell",
    "latlng_to_cell",
    "latlng_to_cell_int",
    "map_cell",
    "polygon_to_cells",
    "roll_up",
]
