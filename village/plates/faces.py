"""From a door to what stands on its plate, frozen in a batch and read back from there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from village.divisions.models import Village
from village.doors.models import Door
from village.papers.numerals import count_in_words
from village.papers.plate_face import PlateFace
from village.papers.plate_sizes import SMALL, STICKER, Paper, PlateSize
from village.papers.qr import is_public_host, plate_url
from village.plates.errors import AddressNotPublic

LAYOUTS: Mapping[str, tuple[PlateSize, Paper]] = {
    "a3": (SMALL, Paper.a3),
    "a4": (SMALL, Paper.a4),
    "stickers": (STICKER, Paper.a4),
}
LAYOUT_TITLES = {"a3": "A3 印张，每张 6 块", "a4": "A4 纸样，每张 2 块", "stickers": "A4 贴纸，只有二维码"}


def require_public(base_url: str, *, is_demonstration: bool) -> tuple[str, str]:
    """
    Return scheme and host of the address that plates will carry.

    Raises:
        AddressNotPublic: loopback, a number, a port or plain http, and it is no demonstration.
    """
    parts = urlsplit(base_url)
    scheme, host = parts.scheme.upper(), parts.netloc.upper()
    if not is_demonstration and (scheme != "HTTPS" or not is_public_host(host)):
        raise AddressNotPublic(f"PUBLIC_BASE_URL 现在是 {base_url}，不能印在门牌上：要用公网的 https:// 域名")
    return scheme, host


def group_words(group_no: int, hamlet: str) -> str:
    """
    Return how the part of the village is written on a plate.

    >>> group_words(3, ""), group_words(12, "李家湾"), group_words(0, "李家湾")
    ('三组', '十二组李家湾', '李家湾')
    """
    return (f"{count_in_words(group_no)}组" if group_no else "") + hamlet


def number_words(label: str, room_no: int) -> str:
    """Return the number on a plate; a room of its own stands behind the house: 12-1-302."""
    return f"{label}-{room_no}" if room_no else label


def make_face(door: Door, village: Village, code: str, site: str, *, is_demonstration: bool) -> PlateFace:
    """Return what stands on the plate with *code* of a door; *site* is scheme and host (``HTTPS://XQ.GOV.CN``)."""
    scheme, _, host = site.partition("://")
    return PlateFace(
        town=village.town_name,
        village=village.name,
        group=group_words(door.group_no, door.hamlet),
        number=number_words(door.label, door.room_no),
        code=code,
        url=plate_url(host, code, scheme),
        host_text=host.lower(),
        duty_phone=village.duty_phone,
        demo=is_demonstration,
    )


def freeze(face: PlateFace) -> dict[str, Any]:
    """Return a face as plain JSON values."""
    return asdict(face)


def thaw(values: Mapping[str, Any]) -> PlateFace:
    """Return the face that :func:`freeze` froze."""
    return PlateFace(**values)
