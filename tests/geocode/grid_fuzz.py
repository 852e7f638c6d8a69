"""
What to throw random texts at: every reader of grid codes, heights, cells and geometries.

`TARGETS` maps a name to a function of one text, `BATCHES` to a function of many. An answer or a GeocodeError
is right, anything else a defect.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

from geocode import BadGeometryError, beidou, cells, datums, height

BASE = "N50J475491E"

TARGETS: dict[str, Callable[[str], object]] = {
    "beidou.code_neighbors": beidou.code_neighbors,
    "beidou.code_to_boundary": beidou.code_to_boundary,
    "beidou.code_to_bounds": beidou.code_to_bounds,
    "beidou.code_to_latlng": beidou.code_to_latlng,
    "beidou.code_to_parent": beidou.code_to_parent,
    "beidou.cell_size_m": beidou.cell_size_m,
    "beidou.compact_codes": lambda text: beidou.compact_codes([text]),
    "beidou.from_reference_code": lambda text: beidou.from_reference_code(BASE, text),
    "beidou.from_reference_code base": lambda text: beidou.from_reference_code(text, "-20"),
    "beidou.get_level": beidou.get_level,
    "beidou.grid_distance": lambda text: beidou.grid_distance(BASE, text),
    "beidou.is_valid_code": beidou.is_valid_code,
    "beidou.latlng_to_code": lambda text: beidou.latlng_to_code(text, text),  # type: ignore[arg-type]
    "beidou.normalize_code": beidou.normalize_code,
    "beidou.to_reference_code": lambda text: beidou.to_reference_code(BASE, text),
    "cells.cell_to_boundary": cells.cell_to_boundary,
    "cells.cell_to_latlng": cells.cell_to_latlng,
    "cells.cell_to_parent": cells.cell_to_parent,
    "cells.cell_to_text": cells.cell_to_text,
    "cells.is_valid_cell": cells.is_valid_cell,
    "datums.convert frame": lambda text: datums.convert(30.0, 114.0, text, "gcj02"),  # type: ignore[arg-type]
    "datums.map_links title": lambda text: datums.map_links(30.0, 114.0, text, text),
    "geojson as an object": lambda text: beidou.codes_covering(text, 1),
    "geojson as text": lambda text: beidou.codes_covering(_object(text), 1),
    "height.code3d_to_bounds": height.code3d_to_bounds,
    "height.code_to_height": height.code_to_height,
    "height.is_valid_code3d": height.is_valid_code3d,
    "height.is_valid_height_code": height.is_valid_height_code,
    "height.code_to_height variant": lambda text: height.code_to_height("000", text),  # type: ignore[arg-type]
}

BATCHES: dict[str, Callable[[list[str]], object]] = {
    "beidou.are_valid_codes": beidou.are_valid_codes,
    "beidou.codes_to_bounds": beidou.codes_to_bounds,
    "beidou.codes_to_latlngs": beidou.codes_to_latlngs,
}

SAMPLES = (
    "N50J47539B82553415",
    "S01V",
    "N050H0027020E30C8101212474",
    "000000802362",
    "8c40a33889603ff",
    "-20-01-55",
    '{"type":"Polygon","coordinates":[[[114,30],[114.1,30],[114.1,30.1],[114,30]]]}',
    '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}]}',
)
_STRANGE = '0123456789ABCDEFVWNS-,.[]{}":e+ \t\n\x00é①Ｎ０村\u3000\u0660\ud800\U0001f600'


def _object(text: str) -> object:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadGeometryError("not JSON") from error


def torn_code(chance: random.Random) -> str:
    """A real code with characters dropped, doubled or swapped."""
    letters = list(chance.choice(SAMPLES))
    for _ in range(chance.randrange(1, 5)):
        place = chance.randrange(len(letters) + 1)
        if chance.random() < 0.4:
            del letters[place : place + chance.randrange(1, 4)]
        else:
            letters[place : place + chance.randrange(2)] = chance.choice(_STRANGE)
    return "".join(letters)
