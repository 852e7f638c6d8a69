"""Clean an address before reading it: look-alike radicals, widths, traditional characters, notes, numerals."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from geocode._address_characters import RADICALS, TRADITIONAL
from geocode.errors import BadAddressError

LONGEST_ADDRESS = 200

_LOOK_ALIKE = re.compile("[\u2e80-\u2fdf]")
_TWO_WAYS = TRADITIONAL | dict.fromkeys("○◯", "〇") | dict.fromkeys("‐‑‒–—―−﹣", "-")
_CHARACTERS = str.maketrans(_TWO_WAYS)
_FORMAL_NUMERALS = "壹贰叁肆伍陆柒捌玖拾"
_LABEL_OR_STAND_IN = re.compile(f"[址所地籍辖{_FORMAL_NUMERALS}]")
_EVEN = re.compile("[\u4e00-\u9fff0-9]+")
_ODD = re.compile(f"[{''.join(_TWO_WAYS)}]")
_OPENING, _CLOSING = "([{<【〔〖《「『", ")]}>】〕〗》」』"
_BRACKETS = str.maketrans(_OPENING + _CLOSING, "(" * len(_OPENING) + ")" * len(_CLOSING))
_HAS_BRACKET = re.compile(f"[{re.escape(_OPENING + _CLOSING)}]")
_NOTE = re.compile(r"\(([^()]*)\)")
# Everything that separates and says nothing: spaces, controls, invisible marks, commas, stops, stray brackets.
_SEPARATOR = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff,.。、;:!?·•…\"'`|/\\_()]+"
)
_NUMERAL = "0-9A-Za-z〇零一二两三四五六七八九十百千廿卅"
# Between two numbers a separator must stay, or 3, 12 would become 312.
_LOOSE_HYPHEN = re.compile("(?<![0-9A-Za-z])-+|-+(?![0-9A-Za-z])")
# What forms print in front of an address, and the stand-in levels that tables carry and addresses do not.
_LABEL = re.compile(
    "^(?:户籍|家庭|现|居住|常住|经常居住|联系|通讯|通信|收货|详细|门牌)?(?:地址|住址|住所|居住地|户籍地|所在地|住地|籍贯)(?:是|为)?"
)
_STAND_IN = re.compile("(?:省|自治区)?直辖县级行政(?:区划|单位)|(?<=市)市辖区")
_COUNTRY = re.compile("^(?:中华人民共和国|中国)(?=[\u4e00-\u9fff]{2,7}?(?:省|自治区|市))")
# Numerals as on cheques and in brackets of one character. 陆 and 伍 are families too, so only where a part begins.
_ODD_NUMERAL = re.compile(
    f"(?<![^村区会组号第])[{_FORMAL_NUMERALS}]{{1,5}}(?=小?组|号)|(?<=第)[{_FORMAL_NUMERALS}]{{1,5}}(?=[村居]民小?组)"
    "|(?<![0-9])[㈠-㈩](?=(?:[村居]民)?小?组)"
)
_PLAIN_NUMERALS = str.maketrans(f"{_FORMAL_NUMERALS}㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩", "一二三四五六七八九十" * 2)
_BETWEEN_NUMBERS = re.compile(f"(?<=[{_NUMERAL}]) (?=[{_NUMERAL}])")

_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_ONE = "[一二三四五六七八九]"
_COUNTED = re.compile(
    f"(?:(?P<thousands>{_ONE}|两)千)?(?:(?P<no_hundreds>[零〇])|(?:(?P<hundreds>{_ONE}|两)百))?"
    f"(?:(?P<no_tens>[零〇])|(?P<tens>{_ONE}?)十|(?P<twenties>廿)|(?P<thirties>卅))?(?P<ones>{_ONE})?"
)
_SPELT = re.compile("[〇零一二三四五六七八九]+")


class CleanText(NamedTuple):
    """An address made even, with what was taken out of it."""

    text: str
    notes: tuple[str, ...]
    had_look_alikes: bool


def clean_address(text: str) -> CleanText:
    """Return the text in simplified, narrow characters without notes and separators."""
    if not isinstance(text, str):
        raise BadAddressError("地址应是文字")
    if len(text) > LONGEST_ADDRESS:
        raise BadAddressError(f"地址太长，最多 {LONGEST_ADDRESS} 个字")
    if _is_clean(text):
        return CleanText(text, (), had_look_alikes=False)  # most addresses; the rest is much slower
    had_look_alikes = _LOOK_ALIKE.search(text) is not None
    notes: list[str] = []
    plain, before = _plainer(text, notes), text
    # Taking something out may join what stood around it into something new.
    while plain != before and not _is_clean(plain):
        plain, before = _plainer(plain, notes), plain
    if not plain:
        raise BadAddressError("地址里没有可以读的文字")
    if len(plain) > LONGEST_ADDRESS:  # one wide character may stand for eighteen narrow ones
        raise BadAddressError(f"地址太长，最多 {LONGEST_ADDRESS} 个字")
    return CleanText(plain, tuple(notes), had_look_alikes)


def _plainer(text: str, notes: list[str]) -> str:
    """Make one pass of cleaning, and add the notes that were taken out."""
    plain = fold_characters(_ODD_NUMERAL.sub(lambda found: found[0].translate(_PLAIN_NUMERALS), text))
    if _HAS_BRACKET.search(plain):
        plain = _without_notes(plain.translate(_BRACKETS), notes)
    plain = drop_separators(plain)
    if _LABEL_OR_STAND_IN.search(plain):
        plain = drop_separators(_LABEL.sub("", _STAND_IN.sub("", plain), count=1))
    return _COUNTRY.sub("", plain)


def _is_clean(text: str) -> bool:
    return is_even(text) and _LABEL_OR_STAND_IN.search(text) is None and text[:2] not in ("中国", "中华")


def is_even(text: str) -> bool:
    """Say whether the text is nothing but simplified characters and narrow digits already."""
    return _EVEN.fullmatch(text) is not None and _ODD.search(text) is None


def fold_characters(text: str) -> str:
    """Fold radicals, widths and traditional characters, so that equal names are equal strings."""
    if _LOOK_ALIKE.search(text):
        text = text.translate(RADICALS)
    text = unicodedata.normalize("NFKC", text)
    return text.translate(_CHARACTERS) if _ODD.search(text) else text


def drop_separators(text: str) -> str:
    """Remove spaces and punctuation; a single space stays between two numbers."""
    spaced = _SEPARATOR.sub(" ", _LOOSE_HYPHEN.sub(" ", text)).strip()
    if " " not in spaced:
        return spaced
    return _BETWEEN_NUMBERS.sub("\n", spaced).replace(" ", "").replace("\n", " ")


def read_number(text: str) -> int | None:
    """
    Return the value of Arabic or Chinese numerals, or None when they cannot be read in one way only.

    >>> read_number("二十三"), read_number("廿三"), read_number("三〇一"), read_number("012")
    (23, 23, 301, 12)
    >>> read_number("八一") is None  # eighty-one, or the village group named after the first of August
    True
    """
    if text.isascii():
        return int(text) if text.isdigit() else None
    counted = _COUNTED.fullmatch(text)
    if counted is not None:
        return _count(counted)
    if _SPELT.fullmatch(text) and ("〇" in text or "零" in text) and text[0] not in "〇零":
        return int("".join(str(_DIGITS[character]) for character in text))
    return None


def _without_notes(text: str, notes: list[str]) -> str:
    while found := _NOTE.search(text):
        note = drop_separators(found[1])
        if note:
            notes.append(note)
        text = f"{text[: found.start()]} {text[found.end() :]}"
    return text


def _count(found: re.Match[str]) -> int | None:
    thousands, hundreds, tens, ones = (found[name] for name in ("thousands", "hundreds", "tens", "ones"))
    gap_before_tens = found["no_hundreds"] or found["no_tens"]
    has_tens = tens is not None or found["twenties"] or found["thirties"]
    if ones and (hundreds or thousands) and not has_tens and not gap_before_tens:
        return None  # 一百二 is 120 to one speaker and 102 to another
    if (found["no_hundreds"] and not thousands) or (found["no_tens"] and not (hundreds or thousands)):
        return None
    if gap_before_tens and not (ones or tens is not None):
        return None
    value = _DIGITS.get(thousands or "〇", 0) * 1000 + _DIGITS.get(hundreds or "〇", 0) * 100
    if tens is not None:
        value += (_DIGITS[tens] if tens else 1) * 10
    value += 20 if found["twenties"] else 30 if found["thirties"] else 0
    return value + _DIGITS.get(ones or "〇", 0) or None
