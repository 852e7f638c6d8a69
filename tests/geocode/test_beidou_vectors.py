"""Codes that others have published or worked out, and codes from an exact reference of our own."""

from __future__ import annotations

from fractions import Fraction

import pytest

from geocode import beidou
from tests.geocode import exact_grid
from tests.geocode.shared_data import own_rows, shared_rows

# Annex B.2 and clause 8.1 of GB/T 39409-2020.
PUBLISHED = [
    "N50J",
    "N50J47",
    "N50J475",
    "N50J47539",
    "N50J47539B8",
    "N50J47539B82",
    "N50J47539B8255",
    "N50J47539B825534",
]
ANNEX_B_LAT, ANNEX_B_LNG = 39 + 59 / 60 + 35.38 / 3600, 116 + 18 / 60 + 45.37 / 3600


@pytest.mark.parametrize(("level", "code"), list(enumerate(PUBLISHED, start=1)))
def test_annex_b_gives_the_published_code(level: int, code: str) -> None:
    assert beidou.latlng_to_code(ANNEX_B_LAT, ANNEX_B_LNG, level) == code
    south, west, north, east = beidou.code_to_bounds(code)
    assert south <= ANNEX_B_LAT < north
    assert west <= ANNEX_B_LNG < east


def test_clause_8_gives_the_published_code() -> None:
    lat, lng = 39 + 59 / 60 + 56.1444 / 3600, 116 + 19 / 60 + 14.3184 / 3600
    assert beidou.latlng_to_code(lat, lng, 5) == "N50J475493E"


def test_our_own_vectors_are_what_the_exact_reference_says() -> None:
    kept = [(row["lat"], row["lng"], int(row["level"]), row["code"]) for row in own_rows("beidou_grid.csv")]
    assert kept == list(exact_grid.vectors())


def test_every_own_vector_encodes_and_decodes() -> None:
    for row in own_rows("beidou_grid.csv"):
        lat, lng, code = float(row["lat"]), float(row["lng"]), row["code"]
        assert beidou.latlng_to_code(lat, lng, int(row["level"])) == code
        box = exact_grid.decode(code)
        assert tuple(beidou.code_to_bounds(code)) == tuple(float(side) for side in box)
        middle = float((box.south + box.north) / 2), float((box.west + box.east) / 2)
        assert beidou.code_to_latlng(code) == middle


def test_every_shared_vector_encodes_and_decodes() -> None:
    for row in shared_rows("beidou_vectors.csv"):
        code = beidou.latlng_to_code(float(row["lat"]), float(row["lon"]), int(row["level"]))
        assert code == row["code"], row["note"]
        sides = tuple(float(row[side]) for side in ("south", "west", "north", "east"))
        assert tuple(beidou.code_to_bounds(code)) == sides


def test_the_exact_reference_reads_back_what_it_writes() -> None:
    for lat, lng, _, code in exact_grid.vectors():
        box = exact_grid.decode(code)
        assert box.south <= Fraction(lat) <= box.north
        assert box.west <= Fraction(lng) <= box.east
