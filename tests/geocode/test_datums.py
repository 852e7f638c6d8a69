"""Frames of coordinates, there and back, and the links that carry them."""

from __future__ import annotations

import math
from itertools import permutations
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocode import BadFrameError, BadLatLngError, datums
from geocode._datums_scalar import is_inside
from tests.geocode.shared_data import shared_rows

# A little inside the box, where every shifted point has one origin.
LATS, LNGS = st.floats(1.0, 55.5), st.floats(72.2, 137.5)
MILLIMETRE = 1e-3
WUHAN = (30.5928, 114.3055)


def apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two near points."""
    north = (one[0] - other[0]) * 111_320
    return math.hypot(north, (one[1] - other[1]) * 111_320 * math.cos(math.radians(one[0])))


def textbook_gcj(lat: float, lng: float) -> tuple[float, float]:
    """The shift as every open implementation writes it, twelve sines and all."""
    x, y, pi, a, ee = lng - 105.0, lat - 35.0, math.pi, 6378245.0, 0.00669342162296594323
    sin, root = math.sin, math.sqrt(abs(lng - 105.0))
    u = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    v = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    for value, terms in ((x, ((20.0, 6.0), (20.0, 2.0))),):
        both = sum(k * sin(w * value * pi) for k, w in terms) * 2.0 / 3.0
    u += both + sum(k * sin(y / w * pi) for k, w in ((20.0, 1), (40.0, 3), (160.0, 12), (320.0, 30))) * 2 / 3
    v += both + sum(k * sin(x / w * pi) for k, w in ((20.0, 1), (40.0, 3), (150.0, 12), (300.0, 30))) * 2 / 3
    magic = 1 - ee * sin(lat / 180.0 * pi) ** 2
    u = u * 180.0 / (a * (1 - ee) / (magic * math.sqrt(magic)) * pi)
    v = v * 180.0 / (a / math.sqrt(magic) * math.cos(lat / 180.0 * pi) * pi)
    return lat + u, lng + v


def test_wuhan_lies_where_the_apps_show_it() -> None:
    assert datums.wgs84_to_gcj02(*WUHAN) == pytest.approx((30.5903905643, 114.3109448884), abs=1e-10)
    assert datums.wgs84_to_bd09(*WUHAN) == pytest.approx((30.5960999258, 114.3175126818), abs=1e-10)


def test_every_shared_coordinate_vector_holds() -> None:
    for row in shared_rows("coord_vectors.csv"):
        wgs, gcj, bd = (
            (float(row[f"{frame}_lat"]), float(row[f"{frame}_lon"])) for frame in ("wgs", "gcj", "bd")
        )
        assert datums.wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-9)
        assert datums.wgs84_to_bd09(*wgs) == pytest.approx(bd, abs=1e-9)
        assert apart_m(datums.gcj02_to_wgs84(*gcj), wgs) < MILLIMETRE
        assert apart_m(datums.bd09_to_wgs84(*bd), wgs) < MILLIMETRE
        assert apart_m(wgs, gcj) == pytest.approx(float(row["wgs_gcj_offset_m"]), abs=3)


@given(LATS, LNGS)
def test_the_shorter_formula_is_the_textbook_one(lat: float, lng: float) -> None:
    assert datums.wgs84_to_gcj02(lat, lng) == pytest.approx(textbook_gcj(lat, lng), abs=1e-12)


@given(LATS, LNGS)
def test_there_and_back_is_better_than_a_millimetre(lat: float, lng: float) -> None:
    spot = (lat, lng)
    assert apart_m(datums.gcj02_to_wgs84(*datums.wgs84_to_gcj02(*spot)), spot) < MILLIMETRE
    assert apart_m(datums.bd09_to_gcj02(*datums.gcj02_to_bd09(*spot)), spot) < MILLIMETRE
    assert apart_m(datums.bd09_to_wgs84(*datums.wgs84_to_bd09(*spot)), spot) < MILLIMETRE


@given(LATS, LNGS)
def test_back_and_there_is_better_than_a_millimetre(lat: float, lng: float) -> None:
    assert apart_m(datums.wgs84_to_gcj02(*datums.gcj02_to_wgs84(lat, lng)), (lat, lng)) < MILLIMETRE


@pytest.mark.parametrize(
    "spot", [(0.8, 110.0), (55.9, 110.0), (30.0, 72.0), (30.0, 137.9), (-30.0, -60.0), (90.0, 180.0)]
)
def test_nothing_moves_outside_the_box(spot: tuple[float, float]) -> None:
    for source in datums.FRAMES:
        for target in datums.FRAMES:
            assert datums.convert(*spot, source, target) == spot
            lats, lngs = datums.convert_array([spot[0]], [spot[1]], source, target)
            assert (lats[0], lngs[0]) == spot


def test_near_the_edge_of_the_box_the_image_of_a_point_leads_back_to_its_image() -> None:
    """Two points may share one image there; whichever is returned must have that image."""
    chance = np.random.default_rng(3)
    for lat, lng in zip(chance.uniform(0.82, 0.84, 500), chance.uniform(137.82, 137.85, 500), strict=True):
        there = datums.wgs84_to_gcj02(lat, lng)
        assert apart_m(datums.wgs84_to_gcj02(*datums.gcj02_to_wgs84(*there)), there) < MILLIMETRE


@pytest.mark.parametrize("edge", [0.8293, 55.8271, 72.004, 137.8347])
def test_what_the_shift_carries_over_the_edge_of_the_box_is_led_back(edge: float) -> None:
    """Both moves to Baidu's frame are made or neither; an inverse finds every point that was moved."""
    chance = np.random.default_rng(7)
    near, along = edge + chance.uniform(-0.02, 0.02, 400), chance.uniform(20.0, 50.0, 400)
    lats, lngs = (near, along + 60.0) if edge < 60 else (along, near)
    spots = [*zip(lats.tolist(), lngs.tolist(), strict=True), (27.60103, 137.83199)]
    for spot in filter(lambda spot: is_inside(*spot), spots):
        assert apart_m(datums.gcj02_to_wgs84(*datums.wgs84_to_gcj02(*spot)), spot) < MILLIMETRE
        assert apart_m(datums.bd09_to_wgs84(*datums.wgs84_to_bd09(*spot)), spot) < MILLIMETRE
        assert datums.convert(*spot, "wgs84", "bd09") == datums.wgs84_to_bd09(*spot)
    for source, target in permutations(datums.FRAMES, 2):
        many = zip(*datums.convert_array(lats, lngs, source, target), strict=True)
        for one, spot in zip(many, spots[:-1], strict=True):
            assert one == pytest.approx(datums.convert(*spot, source, target), abs=1e-11)


@pytest.mark.parametrize("source", datums.FRAMES)
@pytest.mark.parametrize("target", datums.FRAMES)
def test_arrays_are_converted_as_one_at_a_time(source: datums.Frame, target: datums.Frame) -> None:
    chance = np.random.default_rng(5)
    lats = np.concatenate([chance.uniform(-90, 90, 3000), chance.uniform(20, 50, 17_000)])
    lngs = np.concatenate([chance.uniform(-180, 180, 3000), chance.uniform(75, 135, 17_000)])
    kept = lats.copy(), lngs.copy()
    found = np.stack(datums.convert_array(lats, lngs, source, target), axis=1)
    one_by_one = [
        datums.convert(*spot, source, target) for spot in zip(lats.tolist(), lngs.tolist(), strict=True)
    ]
    # A hundredth of a micrometre: numpy's sine may differ from the C library's in the last bit.
    assert np.abs(found - np.array(one_by_one)).max() < 1e-12
    assert (lats == kept[0]).all() and (lngs == kept[1]).all()


@pytest.mark.parametrize(
    "spot", [(91.0, 0.0), (0.0, 181.0), (math.nan, 0.0), (0.0, math.inf), ("1", 2.0), (None, 1.0)]
)
def test_what_is_no_point_is_refused(spot: tuple[float, float]) -> None:
    for refused in (
        lambda: datums.wgs84_to_gcj02(*spot),
        lambda: datums.bd09_to_wgs84(*spot),
        lambda: datums.wgs84_to_gcj02_array([30.0, spot[0]], [114.0, spot[1]]),
        lambda: datums.map_links(*spot, "家"),
    ):
        with pytest.raises(BadLatLngError):
            refused()


def test_columns_of_different_length_and_other_frames_are_refused() -> None:
    with pytest.raises(BadLatLngError):
        datums.wgs84_to_gcj02_array([30.0], [114.0, 115.0])
    with pytest.raises(BadLatLngError):
        datums.wgs84_to_gcj02_array(30.0, 114.0)
    for convert in (datums.convert, lambda *all_: datums.convert_array([30.0], [114.0], *all_[2:])):
        with pytest.raises(BadFrameError):
            convert(30.0, 114.0, "wgs84", "epsg4326")  # type: ignore[arg-type]


def test_links_carry_gcj02_and_say_so() -> None:
    links = datums.map_links(*WUHAN, "胡家村3组12号", address="湖北省")
    amap, tencent, baidu = (parse_qs(urlsplit(links[app]).query) for app in ("amap", "tencent", "baidu"))
    assert amap["position"] == ["114.310945,30.590391"] and amap["coordinate"] == ["gaode"]
    assert tencent["marker"] == ["coord:30.590391,114.310945;title:胡家村3组12号;addr:湖北省"]
    assert tencent["coord_type"] == ["2"] and tencent["referer"]
    assert baidu["location"] == ["30.590391,114.310945"] and baidu["coord_type"] == ["gcj02"]
    assert baidu["src"][0].startswith("webapp.") and baidu["output"] == ["html"]
    assert amap["name"] == baidu["title"] == ["胡家村3组12号"]


def test_a_point_of_another_frame_is_not_moved_twice() -> None:
    gcj = datums.wgs84_to_gcj02(*WUHAN)
    assert datums.map_links(*gcj, "家", frame="gcj02") == datums.map_links(*WUHAN, "家")


def test_a_pin_without_a_title_is_not_called_none() -> None:
    assert datums.map_links(*WUHAN, None, None) == datums.map_links(*WUHAN, "")


@given(st.text(max_size=30))
def test_no_title_breaks_out_of_its_place(title: str) -> None:
    links = datums.map_links(*WUHAN, title)
    for link in links.values():
        assert isinstance(link, str) and link.isascii()
        assert "#" not in link and " " not in link
    marker = parse_qs(urlsplit(links["tencent"]).query)["marker"][0]
    assert [part.split(":")[0] for part in marker.split(";")] == ["coord", "title", "addr"]
    assert all(part.count(":") == 1 for part in marker.split(";"))
    assert "|" not in marker
    assert len(parse_qs(urlsplit(links["amap"]).query)) == 5
    assert unquote(links["baidu"]).isprintable()
