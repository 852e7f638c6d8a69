"""What a scanned address means before anything is looked up. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from commons import reading
from village.scan.shell import MARK

NUMERALS = "零一二三四五六七八九"
READABLE = {"big": {"1"}, "lang": {"en"}}
LONGEST_QUERY = 13  # big=1&lang=en
# A link to a page of ours that is no door's, and that does not choose by itself how it is read.
OWN_LINK = re.compile(rf'href="/(?!D/|d/|static/|{reading.KEEPER[1:]})[^"#]*')


@dataclass(frozen=True, slots=True)
class Variant:
    """How the page is read: large type or not, Chinese or English. Part of every cache key."""

    big: bool = False
    language: str = "zh"


def variant_of(query: str) -> Variant | None:
    """Return the variant that a query string names; None if it says anything that changes nothing we know."""
    if not query:
        return Variant()
    if len(query) > LONGEST_QUERY:
        return None
    pairs = parse_qsl(query, keep_blank_values=True)
    asked = dict(pairs)
    if len(asked) != len(pairs) or any(value not in READABLE.get(name, ()) for name, value in pairs):
        return None
    return Variant(big="big" in asked, language=asked.get("lang", "zh"))


def reading_query(variant: Variant) -> str:
    """Return the end of an address that is read so, the inverse of :func:`variant_of`."""
    return reading.reading_query(big=variant.big, language=variant.language)


def carried_on(page: str, variant: Variant) -> str:
    """
    Return *page* with every link to another page of ours saying how this one is read.

    A door's page reads and sets no cookie, so the choice would be lost with the next press; the other pages keep what an address says.
    What stands for a door's own word in a shell has a question mark, too; it begins no query.
    """
    query = reading_query(variant)[1:].replace("&", "&amp;")
    if not query:
        return page
    return OWN_LINK.sub(
        lambda link: f"{link[0]}{'&amp;' if '?' in MARK.sub('', link[0]) else '?'}{query}", page
    )


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
