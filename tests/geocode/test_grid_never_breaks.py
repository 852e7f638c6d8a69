"""Any text and any bytes into every decoder of the grid: an answer or a GeocodeError, nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocode import GeocodeError, beidou, cells
from geocode._geojson import read_shape
from tests.geocode.fuzz import random_text, targets
from tests.geocode.grid_fuzz import BATCHES, SAMPLES, TARGETS

MANY = 100_000


@pytest.fixture(scope="module")
def texts() -> list[str]:
    chance = random.Random(31)
    return [random_text(chance) for _ in range(MANY)]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_hundred_thousand_random_texts_break_nothing(name: str, texts: list[str]) -> None:
    run = TARGETS[name]
    for text in texts:
        try:
            run(text)
        except GeocodeError:
            pass
        except Exception as error:
            pytest.fail(f"{name}({text!r}): {error!r}")


@pytest.mark.parametrize("name", sorted(BATCHES))
def test_a_hundred_thousand_texts_at_once_break_nothing(name: str, texts: list[str]) -> None:
    for start in range(0, MANY, 100):
        with suppress(GeocodeError):
            BATCHES[name](texts[start : start + 100])


def test_the_vectorised_check_agrees_with_the_scalar_one_on_every_text(texts: list[str]) -> None:
    assert beidou.are_valid_codes(texts).tolist() == [beidou.is_valid_code(text) for text in texts]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_raw_bytes_and_other_things_break_nothing(name: str) -> None:
    chance = random.Random(32)
    odd = [chance.randbytes(chance.randrange(24)) for _ in range(200)]
    for thing in [
        *odd,
        *(text.encode() for text in SAMPLES),
        None,
        1.5,
        -1,
        10**30,
        [],
        {},
        object(),
        ["N50J"],
    ]:
        with suppress(GeocodeError):
            TARGETS[name](thing)  # type: ignore[arg-type]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
KINDS = (
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "Feature",
    "Curve",
)
pairs = st.lists(st.floats(-181, 181) | st.integers(-91, 91), min_size=1, max_size=3)
coordinates = pairs | st.lists(pairs, max_size=6) | st.lists(st.lists(pairs, max_size=6), max_size=3)


@given(st.sampled_from(KINDS), coordinates | json_values)
def test_any_geojson_is_covered_or_refused(kind: str, inner: object) -> None:
    geojson = {"type": kind, "coordinates": inner, "geometry": inner, "features": inner}
    readers: tuple[Callable[[object], object], ...] = (
        read_shape,
        lambda shape: beidou.codes_covering(shape, 2),
        lambda shape: cells.polygon_to_cells(shape, 2),
    )
    for reader in readers:
        with suppress(GeocodeError):
            reader(geojson)


@given(json_values)
def test_any_object_is_covered_or_refused(thing: object) -> None:
    with pytest.raises(GeocodeError):
        beidou.codes_covering(thing, 2)


def test_the_registry_has_both_halves_of_the_library() -> None:
    names = {name.split(".")[0] for name in targets()}
    assert {
        "beidou",
        "cells",
        "height",
        "addresses",
        "door_codes",
        "address_codes",
        "division_codes",
    } <= names
