"""What a scanned address means before anything is looked up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

NUMERALS = "零一二三四五六七八九"
READABLE = {"big": {"1"}, "lang": {"en"}}


@dataclass(frozen=True, slots=True)
class Variant:
    """How the page is read: large type or not, Chinese or English. Part of every cache key."""

    big: bool = False
    language: str = "zh"


def variant_of(query: str) -> Variant | None:
    """Return the variant that a query string names; None if it says anything that changes nothing we know."""
    if not query:
        return Variant()
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=8)
    asked = dict(pairs)
    if len(asked) != len(pairs) or any(value not in READABLE.get(name, ()) for name, value in pairs):
        return None
    return Variant(big="big" in asked, language=asked.get("lang", "zh"))


def group_words(number: int) -> str:
    """Return how a villagers' group is written on a plate: 三组, 十二组; nothing for 0."""
    if not 0 < number < 100:
        return ""
    tens, ones = divmod(number, 10)
    words = ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十") + (
        NUMERALS[ones] if ones else ""
    )
    return f"{words}组"


def earliest(*moments: datetime | None) -> datetime | None:
    """Return the first of some moments at which a page's own words change; None when they never do."""
    return min((moment for moment in moments if moment is not None), default=None)
