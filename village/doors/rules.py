"""What a place on the ground is called in the codes that every door carries. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from geocode import beidou, cells

DOOR_LEVEL = 8
NEAR_RESOLUTION = 8


@dataclass(frozen=True, slots=True)
class PlaceCodes:
    """The codes of one place: BeiDou of level 8, H3 of resolutions 12 and 8 as numbers."""

    beidou_code: str
    h3_cell: int
    h3_near: int


def near_cell(lat: float, lng: float) -> int:
    """Return the resolution-8 cell from which public distances are reckoned."""
    return cells.latlng_to_cell_int(lat, lng, NEAR_RESOLUTION)


def place_codes(lat: float, lng: float) -> PlaceCodes:
    """Return the codes of a place given in CGCS2000/WGS-84; another frame must be converted before."""
    cell = cells.latlng_to_cell(lat, lng)
    # Straight from the place: a parent cell of h3 does not hold every point of its children.
    return PlaceCodes(beidou.latlng_to_code(lat, lng, DOOR_LEVEL), int(cell, 16), near_cell(lat, lng))
