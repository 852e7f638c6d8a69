"""Links that open a place in the three map apps of China."""

from typing import Final, TypedDict
from urllib.parse import quote, urlencode

from geocode._datums_scalar import Frame, convert

# Tencent cuts its marker at these after decoding the URL, so no encoding protects them; their full-width
# twins read the same.
_TENCENT_DELIMITERS: Final = str.maketrans({";": "；", ":": "：", "|": "｜"})
_LONGEST_TITLE: Final = 100


class MapLinks(TypedDict):
    """One link for each app."""

    amap: str
    tencent: str
    baidu: str


def _one_line(text: object) -> str:
    """Printable, on one line, and not longer than an app shows."""
    line = "" if text is None else str(text)
    words = "".join(c if c.isprintable() else " " for c in line).split()
    return " ".join(words)[:_LONGEST_TITLE]


def map_links(
    lat: float,
    lng: float,
    title: str | None,
    address: str | None = "",
    frame: Frame = "wgs84",
    app: str = "xiangqingma",
) -> MapLinks:
    """
    Return web links that show a point in AMap, Tencent and Baidu maps, none of which needs a key.

    The point is converted to GCJ-02 and every link says so, so that no app moves it a second time.

    Args:
        lat: degrees north.
        lng: degrees east.
        title: what the pin is called; blank or None becomes "位置", since Tencent refuses an empty one.
        address: what stands below the title; blank or None repeats the title.
        frame: the frame of lat and lng.
        app: the name the apps want to know a caller by.

    Raises:
        BadFrameError: no such frame.
        BadLatLngError: not a point on the earth.

    >>> links = map_links(30.5928, 114.3055, "胡家村 3 组")
    >>> links["amap"][:69]
    'https://uri.amap.com/marker?position=114.310945,30.590391&name=%E8%83'
    """
    gcj_lat, gcj_lng = (f"{number:.6f}" for number in convert(lat, lng, frame, "gcj02"))
    title = _one_line(title) or "位置"
    address = _one_line(address) or title
    app = _one_line(app) or "xiangqingma"
    amap = {"name": title, "src": app, "coordinate": "gaode", "callnative": "1"}
    tencent = {"coord_type": "2", "referer": app}
    baidu = {"title": title, "content": address, "output": "html", "coord_type": "gcj02"}
    marker = f"coord:{gcj_lat},{gcj_lng};title:{_tencent(title)};addr:{_tencent(address)}"
    return MapLinks(
        amap=f"https://uri.amap.com/marker?position={gcj_lng},{gcj_lat}&{_query(amap)}",
        tencent=f"https://apis.map.qq.com/uri/v1/marker?marker={marker}&{_query(tencent)}",
        baidu=f"https://api.map.baidu.com/marker?location={gcj_lat},{gcj_lng}&{_query(baidu)}"
        f"&src=webapp.{quote(app, safe='')}.{quote(app, safe='')}",
    )


def _tencent(text: str) -> str:
    return quote(text.translate(_TENCENT_DELIMITERS), safe="", errors="replace")


def _query(values: dict[str, str]) -> str:
    return urlencode(values, quote_via=quote, safe="", errors="replace")
