"""The part of an address below the village: group, house number, building, unit, floor, room."""

from __future__ import annotations

import re
from typing import NamedTuple

from geocode._address_text import read_number

_CHINESE = "[〇零一二两三四五六七八九十百千廿卅]{1,9}"
_ARABIC = r"(?<![0-9])[0-9]{1,6}(?![0-9])"
_NUMBER = f"(?:{_ARABIC}|{_CHINESE})"
_HAN = "[\u3400-\u9fff]"

# A Chinese numeral before 号 with more words behind it is a name (一号桥, 八号脚), not a house number.
TOKEN = re.compile(
    rf"(?:门牌号?码?)?(?:"
    rf"第?(?P<group>{_NUMBER})(?:村民小组|村民组|居民小组|居民组|小组|组)"
    rf"|第?(?P<team>{_NUMBER})(?:生产小队|生产队|小队|队)(?!{_HAN})"
    rf"|(?P<hyphen>(?<![0-9])[0-9]{{1,6}}(?:-[0-9]{{1,6}})+(?![0-9]))(?P<hyphen_ending>号|室)?"
    rf"|(?P<building>{_NUMBER}|[A-Za-z][0-9]?)(?:号楼|#楼|栋|幢|座)"
    rf"|(?P<unit>{_NUMBER})单元(?:(?P<unit_room>[0-9]{{3,4}})(?![0-9])[号室房]?)?"
    rf"|(?P<floor>{_NUMBER})(?:层|楼)"
    rf"|(?P<sub>附{_NUMBER})号?"
    rf"|(?P<room>{_NUMBER})(?:号房|室)"
    rf"|第?(?P<door>{_ARABIC}|{_CHINESE}(?=号(?:院|门)?(?:附|[0-9]|$|{_CHINESE}[栋幢座单层楼室])|附))(?:号(?:院(?!子)|门牌|门)?|(?=附))"
    rf"|(?P<number>{_ARABIC}[#A-Za-z]?)"
    rf")"
)


# Numbers that say nothing of what they count.
BARE_NUMBERS = re.compile(f"{_NUMBER}(?: {_NUMBER})*")

# How two addresses in three end; reading it at once spares the long pattern above.
PLAIN_END = re.compile("([0-9]{1,6})组([0-9]{1,6})号")


class Token(NamedTuple):
    """One recognised part: what it is, its value, and the text it was read from."""

    kind: str
    value: int | str | None
    text: str


def tokens_of(found: re.Match[str], group_door: bool) -> list[Token]:
    """
    Return what a match of :data:`TOKEN` says.

    Args:
        group_door: whether 3-12 means group 3, door 12 in this village; nobody else can know.
    """
    kind, text = found.lastgroup or "", found[0]
    if kind in ("group", "door", "floor"):
        return [_numbered(kind, found[kind], text)]
    if kind in ("team", "sub"):
        return [_numbered("group" if kind == "team" else "sub_door", found[kind].removeprefix("附"), text)]
    if kind in ("hyphen", "hyphen_ending"):
        return _hyphenated(found, group_door)
    if kind in ("unit", "unit_room"):
        tokens = [_numbered("unit", found["unit"], text)]
        return [*tokens, Token("room", found["unit_room"], text)] if found["unit_room"] else tokens
    if kind == "number":
        return [Token("unclear", None, text)]
    value = found[kind]
    if kind == "building" and value.isascii() and not value.isdigit():
        return [Token("building", value.upper(), text)]
    if kind == "room" and value.isascii():
        return [Token("room", value, text)]  # room 0301 is on floor 3; its zero means something
    return [_numbered(kind, value, text)]


def _numbered(kind: str, digits: str, text: str) -> Token:
    value = read_number(digits)
    if value is None:
        return Token("unclear", None, text)
    return Token(kind, str(value) if kind in ("building", "unit", "floor", "room") else value, text)


def _hyphenated(found: re.Match[str], group_door: bool) -> list[Token]:
    numbers = found["hyphen"].split("-")
    if group_door and len(numbers) == 2 and found["hyphen_ending"] != "室":
        return [Token("group", int(numbers[0]), found[0]), Token("door", int(numbers[1]), found[0])]
    return [Token("unclear", None, found[0])]
