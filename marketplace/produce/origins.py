"""Where a thing grew, as far as it may be told: a cell of the village, or with consent one of the field."""

from __future__ import annotations

import re

from geocode import beidou, cells
from geocode.errors import GeocodeError
from marketplace.produce.errors import BadField, FieldFarAway
from village.public import ConsentNeeded, TooNearADoor, any_cell_of, origin_cell, origin_of_village

FIELD_LEVEL = 6
FARTHEST_DEGREES = 0.5  # some 50 km
_PLACE = re.compile(r"(-?\d{1,3}(?:\.\d+)?)\s*[,，;； ]\s*(-?\d{1,3}(?:\.\d+)?)")


def field_place(typed: str) -> tuple[float, float]:
    """
    Return latitude and longitude (degrees, WGS-84) of a field typed as "30.8712, 113.9406" or as a BeiDou code of level 6 or finer.

    Raises:
        BadField: it is neither.
    """
    found = _PLACE.fullmatch(typed)
    try:
        if found is not None:
            lat, lng = float(found[1]), float(found[2])
            beidou.latlng_to_code(lat, lng, FIELD_LEVEL)
            return lat, lng
        code = typed.upper()
        if beidou.get_level(code) < FIELD_LEVEL:
            raise BadField()
        return beidou.code_to_latlng(code)
    except GeocodeError as error:
        raise BadField() from error


def origin_of(village_code: str, typed: str, *, has_consent: bool) -> str:
    """
    Return the BeiDou code of the origin that strangers may see. The field's own place is not kept.

    Raises:
        BadField: *typed* names no place.
        FieldFarAway: the place is more than half a degree from the village, so it is a slip of the pen.
        ConsentNeeded, TooNearADoor: the field must not be named so exactly; they name the form's fields.
    """
    if not typed:
        return origin_of_village(village_code)
    lat, lng = field_place(typed)
    cell = any_cell_of(village_code)
    if cell and _is_far((lat, lng), cells.cell_to_latlng(cell)):
        raise FieldFarAway()
    try:
        return origin_cell(lat, lng, FIELD_LEVEL, has_consent=has_consent)
    except ConsentNeeded as refusal:
        refusal.field = "has_origin_consent"
        raise
    except TooNearADoor as refusal:
        refusal.field = "field_place"
        raise


def _is_far(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) > FARTHEST_DEGREES
