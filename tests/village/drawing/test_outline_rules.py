"""Outlines from other programs: what they say is believed only after it was looked at."""

from __future__ import annotations

import json
import time

import pytest

from tests.make.doors import LAT, LNG
from tests.village.drawing.drawing_examples import around_group, box, cells_of_group, geojson
from village.drawing.errors import BadOutline, OutlineTooLarge, TooManyCells
from village.drawing.outline_rules import LARGEST_FILE, read_outline

HUBEI = box(108.3, 29.0, 116.2, 33.3)


def ring_text(ring: list[list[float]], kind: str = "Polygon") -> bytes:
    return json.dumps({"type": kind, "coordinates": [ring]}).encode()


def test_an_outline_becomes_the_cells_inside_it() -> None:
    found = read_outline(around_group(1))

    assert set(cells_of_group(1)) <= set(found)
    assert not set(cells_of_group(2)) & set(found)


def test_a_collection_and_a_byte_order_mark_are_read_as_well() -> None:
    feature = json.loads(around_group(1))
    many = json.dumps({"type": "FeatureCollection", "features": [feature, json.loads(around_group(2))]})

    assert set(read_outline(b"\xef\xbb\xbf" + many.encode())) == {
        *read_outline(around_group(1)),
        *read_outline(around_group(2)),
    }


def test_a_hole_is_left_out() -> None:
    outer, inner = (
        box(LNG, LAT, LNG + 0.02, LAT + 0.02),
        box(LNG + 0.005, LAT + 0.005, LNG + 0.015, LAT + 0.015),
    )

    assert len(read_outline(geojson(outer, inner))) < len(read_outline(geojson(outer)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"[" * 100_000,
        b'{"type": "Polygon", "coordinates": ' + b"[" * 50_000,
        b"null",
        b'"Polygon"',
        b'{"type": "Feature", "geometry": null}',
        b'{"type": "FeatureCollection", "features": []}',
        b'{"type": "Point", "coordinates": [113.9, 30.8]}',
        b'{"type": "Polygon", "coordinates": [[[113.9, 30.8], [NaN, 30.9], [113.8, 30.9], [113.9, 30.8]]]}',
        b'{"type": "Polygon", "coordinates": [[[1e999, 30.8], [1, 2], [3, 4], [1e999, 30.8]]]}',
        b'{"type": "Polygon", "coordinates": [[[113.9, 30.8], [113.9, 30.9]]]}',
        b'{"type": "Polygon", "coordinates": [[["113.9", "30.8"], [1, 2], [3, 4], ["113.9", "30.8"]]]}',
        b'{"type": "Polygon", "coordinates": ' + b"1" * 5_000 + b"}",
        ring_text([[LAT, LNG], [LAT, LNG + 0.01], [LAT + 0.01, LNG], [LAT, LNG]]),
    ],
)
def test_what_is_no_outline_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(BadOutline) as refused:
        read_outline(data)
    assert refused.value.field == "outline"


def test_an_outline_that_crosses_itself_is_refused() -> None:
    bow = [[LNG, LAT], [LNG + 0.01, LAT + 0.01], [LNG + 0.01, LAT], [LNG, LAT + 0.01], [LNG, LAT]]

    with pytest.raises(BadOutline) as refused:
        read_outline(ring_text(bow))
    assert "交叉" in refused.value.sentence


def test_an_outline_too_small_for_a_cell_is_refused() -> None:
    with pytest.raises(BadOutline) as refused:
        read_outline(geojson(box(LNG, LAT, LNG + 1e-6, LAT + 1e-6)))
    assert "太小" in refused.value.sentence


@pytest.mark.parametrize("ring", [HUBEI, box(-90, -80, 89, 80), box(LNG, LAT, LNG + 0.3, LAT + 0.3)])
def test_a_province_or_a_world_is_refused_at_once(ring: list[list[float]]) -> None:
    begun = time.process_time()
    with pytest.raises(TooManyCells):
        read_outline(geojson(ring))
    assert time.process_time() - begun < 2


def test_a_file_of_a_megabyte_is_refused_before_it_is_read() -> None:
    with pytest.raises(OutlineTooLarge) as refused:
        read_outline(b"[" * 1_000_000)
    assert f"{LARGEST_FILE // 1024} KB" in refused.value.sentence


def test_the_largest_file_of_tiny_areas_takes_no_long_time() -> None:
    areas = []
    for number in range(3_000):
        west, south = LNG + number % 50 * 1e-5, LAT + number // 50 * 1e-5
        areas.append([[[round(x, 6), round(y, 6)] for x, y in box(west, south, west + 5e-6, south + 5e-6)]])
    data = json.dumps({"type": "MultiPolygon", "coordinates": areas}).encode()
    assert len(data) < LARGEST_FILE

    begun = time.process_time()
    with pytest.raises(BadOutline):
        read_outline(data)
    assert time.process_time() - begun < 15  # it is two on an idle machine
