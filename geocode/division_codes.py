"""
The statistical division code: who lies inside whom, from province to village, in twelve digits.

Digits 1-2 are the province, 3-4 the prefecture, 5-6 the county (GB/T 2260), 7-9 the town
(GB/T 10114), 10-12 the village. The long form adds five: two for the urban-rural attribute and three
for the urban-rural class. **The class is judged anew every year.** It is an attribute with a date and
never part of an identifier.

>>> get_level("420624101205")
'village'
>>> code_to_parent("420624101205")
'420624101000'
>>> get_kind("420624101205")
'villagers_committee'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from geocode.errors import BadDivisionCodeError

Level = Literal["province", "prefecture", "county", "town", "village"]
LEVELS: tuple[Level, ...] = ("province", "prefecture", "county", "town", "village")

RESERVED_VILLAGES = frozenset({"498", "598"})
"""Last three digits of the invented villages that stand for a town without any; nobody lives in them."""

URBAN_RURAL_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "111": "主城区",
        "112": "城乡结合区",
        "121": "镇中心区",
        "122": "镇乡结合区",
        "123": "特殊区域",
        "210": "乡中心区",
        "220": "村庄",
    }
)
"""Names of the urban-rural classes. Store one only together with the date of the list it comes from."""

# What the number in its field says, last value included: GB/T 10114 for towns, the statistics office below.
_TOWN_KINDS = ((99, "subdistrict"), (199, "town"), (399, "township"), (599, "like_township"))
_VILLAGE_KINDS = (
    (199, "residents_committee"),
    (399, "villagers_committee"),
    (499, "like_residents_committee"),
    (599, "like_villagers_committee"),
)
KIND_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "province": "省级",
        "prefecture": "地级",
        "county": "县级",
        "subdistrict": "街道",
        "town": "镇",
        "township": "乡",
        "like_township": "类似乡级",
        "residents_committee": "居委会",
        "villagers_committee": "村委会",
        "like_residents_committee": "类似居委会",
        "like_villagers_committee": "类似村委会",
    }
)
_DIGITS_OF_LEVEL: Mapping[str, int] = {"province": 2, "prefecture": 4, "county": 6, "town": 9, "village": 12}
_SHAPE = re.compile(
    r"(?P<province>[1-8][0-9])(?P<prefecture>[0-9]{2})(?P<county>[0-9]{2})"
    r"(?P<town>[0-5][0-9]{2})(?P<village>[0-5][0-9]{2})"
    r"(?:(?P<attribute>[0-9]{2})(?P<urban_rural>111|112|121|122|123|210|220))?"
)


class DivisionCode(NamedTuple):
    """A division code taken apart; the last two are empty in the twelve-digit form."""

    code: str
    level: Level
    kind: str
    attribute: str
    urban_rural_class: str


def parse_code(text: str) -> DivisionCode:
    """
    Return level and kind of a code of twelve or seventeen digits.

    >>> parse_code("42062410120520220").urban_rural_class
    '220'

    Raises:
        BadDivisionCodeError: another shape, a number of no kind, or a gap (a village without a town).
    """
    found, level = _matched(text)
    return DivisionCode(
        text[:12], level, _kind(found, level), found["attribute"] or "", found["urban_rural"] or ""
    )


def is_valid_code(text: object) -> bool:
    """
    Say whether *text* is a division code of twelve or seventeen digits. Never raises.

    >>> is_valid_code("420624000205")
    False
    """
    if not isinstance(text, str):
        return False
    try:
        parse_code(text)
    except BadDivisionCodeError:
        return False
    return True


def get_level(code: str) -> Level:
    """
    Return the level: province, prefecture, county, town or village.

    >>> get_level("420600000000")
    'prefecture'

    Raises:
        BadDivisionCodeError: *code* is not a division code.
    """
    return _matched(code)[1]


def get_kind(code: str) -> str:
    """
    Return the kind that the number itself tells; :data:`KIND_NAMES` has the Chinese words.

    >>> get_kind("420106011000"), KIND_NAMES[get_kind("420106011000")]
    ('subdistrict', '街道')

    Raises:
        BadDivisionCodeError: *code* is not a division code.
    """
    return parse_code(code).kind


def code_to_parent(code: str, level: Level | None = None) -> str:
    """
    Return the code of the division above, or of the one at *level*; always twelve digits.

    A few prefectures have towns and no counties, so the parent of their town is the prefecture.

    >>> code_to_parent("420624101205", "county")
    '420624000000'
    >>> code_to_parent("441900003000")
    '441900000000'

    Raises:
        BadDivisionCodeError: *code* is not a division code, is a province, or has nothing at *level*.
    """
    found = parse_code(code)
    digits = found.code
    if level is None:
        shorter = [name for name in LEVELS if name != found.level and _has_level(digits, name)]
        if not shorter:
            raise BadDivisionCodeError("省级区划没有上级")
        level = shorter[-1]
    if level not in LEVELS or not _has_level(digits, level):
        raise BadDivisionCodeError(f"区划代码 {digits} 里没有 {level} 一级")
    return digits[: _DIGITS_OF_LEVEL[level]].ljust(12, "0")


def is_reserved_village(code: str) -> bool:
    """
    Say whether the code names an invented village (498, 598), in which no door can be.

    >>> is_reserved_village("420101001498")
    True

    Raises:
        BadDivisionCodeError: *code* is not a division code.
    """
    found = parse_code(code)
    return found.level == "village" and found.code[9:] in RESERVED_VILLAGES


def is_direct_county(code: str) -> bool:
    """
    Say whether the place is in a county directly under its province: no prefecture in its address.

    Such counties are numbered under the stand-in prefecture 90, in Hubei 4290.

    >>> is_direct_county("429004000000"), is_direct_county("420624000000")
    (True, False)

    Raises:
        BadDivisionCodeError: *code* is not a division code.
    """
    found = parse_code(code)
    return found.code[2:4] == "90" and found.level != "prefecture"  # the stand-in itself is no county


def urban_rural_class_name(urban_rural_class: str, as_of: str) -> str:
    """
    Return the name of an urban-rural class with the date it holds for, since it may change every year.

    >>> urban_rural_class_name("220", "2023-06-30")
    '村庄（2023-06-30）'

    Raises:
        BadDivisionCodeError: there is no such class, or no date is given.
    """
    name = URBAN_RURAL_CLASSES.get(urban_rural_class) if isinstance(urban_rural_class, str) else None
    if name is None:
        raise BadDivisionCodeError(f"没有城乡分类代码 {urban_rural_class!r}")
    if not as_of:
        raise BadDivisionCodeError("城乡分类每年都会变，必须写明截止日期")
    return f"{name}（{as_of}）"


def _matched(text: str) -> tuple[re.Match[str], Level]:
    found = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise BadDivisionCodeError("区划代码应是 12 位数字，或加上 5 位城乡代码共 17 位")
    level = _level(found)
    if found["attribute"] is not None and level != "village":
        raise BadDivisionCodeError("只有村级区划有城乡分类代码")
    return found, level


def _has_level(digits: str, level: str) -> bool:
    end = _DIGITS_OF_LEVEL[level]
    width = 3 if end > 6 else 2
    return digits[end - width : end].strip("0") != ""


def _level(found: re.Match[str]) -> Level:
    _, prefecture, county, town, village = found.group(1, 2, 3, 4, 5)
    deepest: Level = "province"
    if village != "000":
        deepest = "village"
    elif town != "000":
        deepest = "town"
    elif county != "00":
        deepest = "county"
    elif prefecture != "00":
        deepest = "prefecture"
    # A few prefectures have towns and no counties; no other level may be skipped.
    if deepest != "province" and (prefecture == "00" or (deepest == "village" and town == "000")):
        raise BadDivisionCodeError(f"区划代码有 {deepest} 一级，却缺上面的一级")
    return deepest


def _kind(found: re.Match[str], level: Level) -> str:
    if level == "town":
        return _kind_of_number(int(found["town"]), _TOWN_KINDS)
    if level == "village":
        return _kind_of_number(int(found["village"]), _VILLAGE_KINDS)
    return level


def _kind_of_number(number: int, kinds: tuple[tuple[int, str], ...]) -> str:
    return next(kind for last, kind in kinds if number <= last)
