"""Where a row of a sheet says that a door is: degrees, the frame they count in, and whether that can be in its province. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import cos, hypot, isfinite, isnan, radians

from geocode import datums
from village.doors.sheets import TITLES, Cell

FRAMES = {
    "wgs84": "wgs84",
    "cgcs2000": "wgs84",
    "国家2000": "wgs84",
    "2000": "wgs84",
    "天地图": "wgs84",
    "gps": "wgs84",
    "gcj02": "gcj02",
    "火星": "gcj02",
    "高德": "gcj02",
    "腾讯": "gcj02",
    "bd09": "bd09",
    "bd09ll": "bd09",
    "百度": "bd09",
}
FRAME_TITLES = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}
WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
_NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,15})?")

# West, east, south and north of each province by the first two digits of its codes: the extremes that gazetteers commonly
# give, to a tenth of a degree outwards. Hainan with the islands of Sansha.
PROVINCES: Mapping[str, tuple[float, float, float, float]] = {
    "11": (115.4, 117.6, 39.4, 41.1), "12": (116.7, 118.4, 38.5, 40.3), "13": (113.4, 119.9, 36.0, 42.7),
    "14": (110.2, 114.6, 34.5, 40.8), "15": (97.1, 126.1, 37.4, 53.4), "21": (118.8, 125.8, 38.7, 43.5),
    "22": (121.6, 131.4, 40.8, 46.4), "23": (121.1, 135.1, 43.4, 53.6), "31": (120.8, 122.3, 30.6, 31.9),
    "32": (116.3, 122.0, 30.7, 35.4), "33": (118.0, 123.2, 27.0, 31.3), "34": (114.8, 119.7, 29.3, 34.7),
    "35": (115.8, 120.8, 23.5, 28.4), "36": (113.5, 118.5, 24.4, 30.1), "37": (114.7, 122.8, 34.3, 38.5),
    "41": (110.3, 116.7, 31.3, 36.4), "42": (108.3, 116.2, 29.0, 33.4), "43": (108.7, 114.3, 24.6, 30.2),
    "44": (109.6, 117.4, 20.1, 25.6), "45": (104.4, 112.1, 20.8, 26.4), "46": (108.5, 118.5, 3.4, 20.3),
    "50": (105.2, 110.2, 28.1, 32.3), "51": (97.3, 108.6, 26.0, 34.4), "52": (103.5, 109.7, 24.6, 29.3),
    "53": (97.5, 106.2, 21.1, 29.3), "54": (78.3, 99.2, 26.7, 37.0), "61": (105.4, 111.3, 31.7, 39.6),
    "62": (92.2, 108.8, 32.1, 43.0), "63": (89.4, 103.1, 31.1, 39.4), "64": (104.2, 107.7, 35.2, 39.4),
    "65": (73.4, 96.5, 34.3, 49.2), "71": (116.6, 124.6, 20.6, 26.5), "81": (113.8, 114.5, 22.1, 22.6),
    "82": (113.5, 113.7, 22.0, 22.3),
}  # fmt: skip
# Some twenty kilometres: a box is there to catch another province, not to quarrel about a border.
ROOM_DEGREES = 0.2

Point = tuple[float, float]


class CellRefused(Exception):
    """One cell is wrong; carries the column's meaning and the sentence."""

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column, self.sentence = column, sentence


def read_degrees(name: str, cell: Cell, text: str) -> float:
    """Return the degrees in a cell of the column *name*; *text* is the cell as words."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        value = float(cell)
        if not isfinite(value):
            raise CellRefused(name, "不是数字")
        return value
    text = text.removesuffix("°").removesuffix("度").removeprefix("E").removeprefix("N")
    if not text:
        raise CellRefused(name, f"没有{TITLES[name]}")
    if _NUMBER.fullmatch(text) is None:
        raise CellRefused(name, f"“{text[:20]}”不是小数的度数，例如 113.94061")
    return float(text)


def read_frame(text: str, otherwise: str) -> str:
    """Return the frame that a cell names, or *otherwise* where it names none."""
    word = re.sub(r"[\s\-_/－]", "", text).lower().removesuffix("坐标系").removesuffix("坐标")
    frame = FRAMES.get(word) if word else otherwise
    if frame is None:
        raise CellRefused("frame", f"“{text[:20]}”不是坐标系，应是 WGS-84、GCJ-02 或 BD-09")
    return frame


def read_place(lat: float, lng: float, frame: str) -> Point:
    """Return the place in WGS-84; a coordinate that could not be read (not a number) is left as it is."""
    if isnan(lat) or isnan(lng):
        return lat, lng
    if not (WEST <= lng <= EAST and SOUTH <= lat <= NORTH):
        if WEST <= lat <= EAST and SOUTH <= lng <= NORTH:
            raise CellRefused("lng", "经度和纬度像是填反了")
        raise CellRefused("lng", f"{lng:g}，{lat:g} 不在中国境内")
    if frame != "wgs84":
        lat, lng = datums.convert(lat, lng, frame, "wgs84")  # type: ignore[arg-type]
    return round(lat, 9), round(lng, 9)


def may_be_in_province(place: Point, code: str) -> bool:
    """Say whether a place can lie in the province whose codes begin as *code* does."""
    lat, lng = place
    west, east, south, north = PROVINCES.get(code[:2], (WEST, EAST, SOUTH, NORTH))
    is_between = west - ROOM_DEGREES <= lng <= east + ROOM_DEGREES
    return is_between and south - ROOM_DEGREES <= lat <= north + ROOM_DEGREES


def rough_metres(one: Point, other: Point) -> float:
    """Return the distance of two places in metres, good to a few per mille over some kilometres."""
    north = (one[0] - other[0]) * 110_900
    east = (one[1] - other[1]) * 111_320 * cos(radians((one[0] + other[0]) / 2))
    return hypot(north, east)
