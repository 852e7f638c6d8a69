"""Many at once is the same as one at a time, and does not fill the memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from geocode import BadBeidouCodeError, BadLatLngError, BadLevelError, beidou
from geocode._beidou_levels import HEIGHTS, UNITS_PER_DEGREE, WIDTHS

MILLION = 1_000_000
Floats = NDArray[np.float64]


def points(count: int, seed: int = 39409) -> tuple[Floats, Floats]:
    """Random points over the whole grid, a third of them on cell edges."""
    chance = np.random.default_rng(seed)
    lats, lngs = chance.uniform(-87.999, 87.999, count), chance.uniform(-180, 180, count)
    third = count // 3
    lats[:third] = np.floor(lats[:third] * UNITS_PER_DEGREE / 64) * 64 / UNITS_PER_DEGREE
    lngs[:third] = np.floor(lngs[:third] * UNITS_PER_DEGREE / 8192) * 8192 / UNITS_PER_DEGREE
    lats[:4], lngs[:4] = (0.0, -0.0, 30.0, -30.0), (-0.0, 0.0, 180.0, -180.0)
    return lats, lngs


def test_a_million_points_are_encoded_and_decoded_as_one_at_a_time() -> None:
    lats, lngs = points(MILLION)
    codes = beidou.latlngs_to_codes(lats, lngs)
    assert codes.dtype == np.dtype("S16")
    one_by_one = [
        beidou.latlng_to_code(lat, lng) for lat, lng in zip(lats.tolist(), lngs.tolist(), strict=True)
    ]
    assert codes.astype(str).tolist() == one_by_one
    back = beidou.codes_to_latlngs(codes)
    assert list(zip(*(column.tolist() for column in back), strict=True)) == [
        beidou.code_to_latlng(code) for code in one_by_one
    ]


@pytest.mark.parametrize("level", range(1, 11))
def test_every_level_is_encoded_and_decoded_as_one_at_a_time(level: int) -> None:
    lats, lngs = points(20_000, level)
    codes = beidou.latlngs_to_codes(lats, lngs, level)
    texts: list[str] = codes.astype(str).tolist()
    assert texts == [
        beidou.latlng_to_code(*at, level) for at in zip(lats.tolist(), lngs.tolist(), strict=True)
    ]
    for given in (codes, texts, codes.astype(str), [text.lower() for text in texts]):
        columns = beidou.codes_to_bounds(given)
        assert list(zip(*(column.tolist() for column in columns), strict=True)) == [
            tuple(beidou.code_to_bounds(text)) for text in texts
        ]
    assert beidou.are_valid_codes(codes).all()


@pytest.mark.parametrize("level", range(1, 11))
def test_every_edge_of_a_level_is_found_exactly(level: int) -> None:
    """All edges of the levels that have fewer than half a million, a sample of the others."""
    wide, high = WIDTHS[level], HEIGHTS[level]
    for east in (1, -1):
        columns = _numbers(180 * UNITS_PER_DEGREE // wide, level)
        rows = np.resize(_numbers(88 * UNITS_PER_DEGREE // high, level), len(columns))
        lngs, lats = east * columns * wide / UNITS_PER_DEGREE, east * rows * high / UNITS_PER_DEGREE
        south, west, north, right = beidou.codes_to_bounds(beidou.latlngs_to_codes(lats, lngs, level))
        # Zero itself counts as east and north, so its cell begins there on both sides.
        assert (np.where(lngs >= 0, west, right) == lngs).all()
        assert (np.where(lats >= 0, south, north) == lats).all()


def _numbers(count: int, seed: int) -> NDArray[np.int64]:
    if count < 500_000:
        return np.arange(count)
    return np.random.default_rng(seed).integers(count, size=100_000)


def test_beside_the_answer_little_memory_is_used() -> None:
    lats, lngs = points(MILLION)
    codes = beidou.latlngs_to_codes(lats[:10], lngs[:10])
    beidou.codes_to_latlngs(codes)
    for level in (1, 8, 10):
        peak, size = _peak(lambda level=level: beidou.latlngs_to_codes(lats, lngs, level))
        assert peak <= 3 * size
    codes = beidou.latlngs_to_codes(lats, lngs)
    peak, _ = _peak(lambda: beidou.codes_to_latlngs(codes))
    assert peak <= 3 * 16 * MILLION


def _peak(work: object) -> tuple[int, int]:
    tracemalloc.start()
    try:
        answer = work()  # type: ignore[operator]
        return tracemalloc.get_traced_memory()[1], getattr(answer, "nbytes", 0)
    finally:
        tracemalloc.stop()


def test_levels_and_spellings_may_be_mixed() -> None:
    texts = ["N50J", "n50j 47", "Ｎ５０Ｊ", "S11J47539B82553415", "N50J47539B825534"]
    lats, lngs = beidou.codes_to_latlngs(texts)
    assert list(zip(lats.tolist(), lngs.tolist(), strict=True)) == [beidou.code_to_latlng(t) for t in texts]


def test_validity_of_many_is_validity_of_each() -> None:
    texts = [
        "N50J",
        "",
        "n50j47",
        "N50J4F",
        "N61A",
        "村",
        "N50J\0",
        "N50J47\0\0",
        "x" * 300,
        None,
        5,
        "Ｎ50J",
    ]
    assert beidou.are_valid_codes(texts).tolist() == [beidou.is_valid_code(text) for text in texts]  # type: ignore[arg-type]


def test_what_cannot_be_encoded_is_named_by_its_place() -> None:
    lats, lngs = points(20_000)
    lats[12_345] = 89
    with pytest.raises(BadLatLngError, match="point 12345"):
        beidou.latlngs_to_codes(lats, lngs)
    lats[12_345] = np.nan
    with pytest.raises(BadLatLngError, match="point 12345"):
        beidou.latlngs_to_codes(lats, lngs)


def test_what_cannot_be_decoded_is_named_by_its_place() -> None:
    codes = beidou.latlngs_to_codes(*points(20_000))
    codes[12_345] = b"N50J47539B82553X"
    with pytest.raises(BadBeidouCodeError, match="code 12345"):
        beidou.codes_to_latlngs(codes)


@pytest.mark.parametrize(
    ("lats", "lngs"),
    [
        ([30.0], [114.0, 115.0]),
        (30.0, 114.0),
        ("30", "114"),
        ([[30.0]], [[114.0]]),
        (["30"], ["114"]),
        ([None], [1.0]),
    ],
)
def test_what_is_no_column_of_numbers_is_refused(lats: object, lngs: object) -> None:
    with pytest.raises(BadLatLngError):
        beidou.latlngs_to_codes(lats, lngs)  # type: ignore[arg-type]


@pytest.mark.parametrize("codes", ["N50J", b"N50J", 5, None, np.zeros((2, 2), dtype="S4"), np.zeros(3)])
def test_what_is_no_column_of_codes_is_refused(codes: object) -> None:
    with pytest.raises(BadBeidouCodeError):
        beidou.codes_to_latlngs(codes)  # type: ignore[arg-type]


def test_nothing_in_gives_nothing_out() -> None:
    assert beidou.latlngs_to_codes([], []).shape == (0,)
    assert [column.shape for column in beidou.codes_to_bounds([])] == [(0,)] * 4
    with pytest.raises(BadLevelError):
        beidou.latlngs_to_codes([], [], 11)


def test_arrays_of_other_kinds_are_taken_too() -> None:
    lats, lngs = np.array([30, 31]), np.array([114.5, 115.5], dtype=np.float32)
    assert beidou.latlngs_to_codes(lats, lngs).astype(str).tolist() == [
        beidou.latlng_to_code(30, 114.5),
        beidou.latlng_to_code(31, 115.5),
    ]
    strided = np.repeat(np.array([30.5, 31.5]), 2)[::2]
    assert (
        beidou.latlngs_to_codes(strided, strided) == beidou.latlngs_to_codes([30.5, 31.5], [30.5, 31.5])
    ).all()
