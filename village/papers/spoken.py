"""
Turning a written text into one that can be read aloud: no digit, no sign, nothing to stumble over.

The rules run in a fixed order, from the most special writing (an address, a date, a time) to the plain
number, and what is left over as a sign after all of them is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from village.papers.dates import day_part, spoken_hour
from village.papers.numerals import count_in_words, decimal_in_words, digits_in_words

_N = r"\d+(?:\.\d+)?"
_PART = r"(凌晨|早上|上午|中午|下午|晚上)?\s*"
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d"
_TO = r"\s*(?:-|–|—|~|至|到)+\s*"
# Numbers everybody dials. The same digits before a measure word are an amount: 110 户, 12000 元.
_HOTLINES = r"(?<![\d.])(?:110|119|120|122|12[0-9]{3}|95598|96\d{3})(?![\d.%％a-z])(?!\s*[元个户人斤亩米公里块吨份只头棵台天次名张株箱袋平万千多余])"
_UNITS = {
    "km": "公里",
    "kg": "公斤",
    "cm": "厘米",
    "mm": "毫米",
    "ml": "毫升",
    "kwh": "度",
    "m²": "平方米",
    "m2": "平方米",
    "m": "米",
    "g": "克",
    "h": "小时",
    "l": "升",
    "℃": "摄氏度",
    "°c": "摄氏度",
    "㎡": "平方米",
}
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
# Before these, speech says 两 and not 二.
_MEASURES = "个天户次家位人块元角年周倍份袋箱车点小分公斤里间条只头棵台万千亿"
_STOPS = "，。！？、：；"


def spoken(text: str) -> str:
    """
    Return *text* as it is read aloud.

    >>> spoken("11月25日8:30-12:00三组停水，电话0270-0000012。")
    '十一月二十五日上午八点三十分到中午十二点三组停水，电话零二七零，零零零零零幺二。'
    """
    said = unicodedata.normalize("NFC", _narrow(text)).replace("\u2044", "/").replace("〇", "零")
    for pattern, replacement in _RULES:
        said = pattern.sub(replacement, said)
    return _tidy(said)


def spoken_clock(hour: int, minute: int, with_part: bool = True) -> str:
    """Return a time as it is said: 上午八点, 下午两点零五分."""
    said = "两" if spoken_hour(hour) == 2 else count_in_words(spoken_hour(hour))
    part = day_part(hour) if with_part else ""
    if minute == 0:
        return f"{part}{said}点"
    return f"{part}{said}点{'零' if minute < 10 else ''}{count_in_words(minute)}分"


def _narrow(text: str) -> str:
    """Full-width digits, letters and signs become plain ones; Chinese stops stay what they are."""
    return "".join(
        one if one in _STOPS + "（）“”‘’…" else unicodedata.normalize("NFKC", one) if _is_wide(one) else one
        for one in text
    )


def _is_wide(character: str) -> bool:
    return "\uff01" <= character <= "\uff5e" or unicodedata.category(character) in ("Nd", "No")


def _say_date(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    return f"{digits_in_words(year)}年{count_in_words(int(month))}月{count_in_words(int(day))}日"


def _say_hours(found: re.Match[str]) -> str:
    """From one time to another: the part of the day written once holds for both."""
    part, since, until = found.group(1) or "", found.group(2), found.group(3)
    hours = [[int(piece) for piece in clock.split(":")] for clock in (since, until)]
    first = part + spoken_clock(hours[0][0], hours[0][1], with_part=not part)
    same = (part and hours[1][0] <= 12) or day_part(hours[0][0]) == day_part(hours[1][0])
    return f"{first}到{spoken_clock(hours[1][0], hours[1][1], with_part=not same)}"


def _say_unit(found: re.Match[str]) -> str:
    unit = found.group(1)
    return unit if unit == "G" else _UNITS[unit.lower()]  # 5G is a network and no weight


def _say_clock(found: re.Match[str]) -> str:
    part, hour, minute = found.group(1) or "", int(found.group(2)), int(found.group(3))
    if hour == 24:
        return "夜里十二点"
    return part + spoken_clock(hour, minute, with_part=not part)


def _say_money(found: re.Match[str]) -> str:
    yuan, _, cents = found.group(1).partition(".")
    if not cents:
        return _say_count(yuan, "元")
    jiao, fen = cents[0], (cents + "0")[1]
    small = f"{digits_in_words(jiao)}角" if jiao != "0" else ""
    if fen != "0":
        small += f"{'' if small else '零'}{digits_in_words(fen)}分"
    if int(yuan) == 0 and small:
        return small.removeprefix("零")
    return _say_count(yuan, "元") + small


def _say_count(number: str, following: str = "") -> str:
    """Say a plain number; 两 before a measure word."""
    if number == "2" and following and following in _MEASURES:
        return f"两{following}"
    return decimal_in_words(number) + following


def _say_phone(found: re.Match[str]) -> str:
    parts = re.split(r"[-\s]+", found.group())
    return "，".join(digits_in_words(part, one="幺") for part in parts if part)


def _say_fraction(found: re.Match[str]) -> str:
    """A third is 三分之一; 11/25 is far more often a day than a fraction."""
    part, whole = int(found.group(1)), int(found.group(2))
    if whole > 10 and 1 <= part <= 12 and whole <= 31:
        return f"{count_in_words(part)}月{count_in_words(whole)}日"
    return f"{count_in_words(whole)}分之{count_in_words(part)}"


def _spell_mixed(found: re.Match[str]) -> str:
    """A code of letters and digits is spelled; a number with its unit is left to the later rules."""
    if re.fullmatch(rf"(?:{_N})?(?:{_UNIT})", found.group(), re.IGNORECASE):
        return found.group()
    return re.sub(r"\d+", lambda part: digits_in_words(part.group()), found.group()).replace("-", "，")


def _say_plain(found: re.Match[str]) -> str:
    number, following = found.group(1), found.group(2)
    if found.string[: found.start()].endswith("第") or found.string[found.end() - 1 :].startswith("年级"):
        return decimal_in_words(number) + following
    if len(number) > 1 and number[0] == "0" and "." not in number:
        return digits_in_words(number) + following
    return _say_count(number, following)


Replacement = str | Callable[[re.Match[str]], str]

_RULES: tuple[tuple[re.Pattern[str], Replacement], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"(?<=\d)：(?=\d\d)", ":"),
        (r"(?<=\d),(?=\d{3}(?!\d))", ""),
        (r"(?:https?://|www\.)[a-z0-9./?=&%#:_\-]+", "村里的网页"),
        (r"(?<![a-z\d.])(?=[\d-]*[a-z])(?=[a-z-]*\d)[a-z\d]+(?:-[a-z\d]+)*", _spell_mixed),
        (r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*[日号]|(?![\d.]))", _say_date),
        (rf"(?<!\d)(\d{{4}})\s*年?{_TO}(?=\d{{4}}\s*年)", lambda found: f"{digits_in_words(found[1])}年到"),
        (r"(?<!\d)(\d{4})\s*年", lambda found: f"{digits_in_words(found[1])}年"),
        (rf"{_PART}(?<!\d)({_CLOCK}){_TO}({_CLOCK})(?!\d)", _say_hours),
        (rf"{_PART}(?<!\d)([01]?\d|2[0-3]|24(?=:00)):([0-5]\d)(?!\d)", _say_clock),
        (r"(?<!\d)(?:1\d{10}|0\d{2,3}[- ]?\d{7,8}|[48]00[- ]?\d{3,4}[- ]?\d{3,4})(?!\d)", _say_phone),
        (r"(?<!\d)\d{5,}-\d{5,}", _say_phone),
        (_HOTLINES, _say_phone),
        (rf"[¥￥]\s*({_N})", _say_money),
        (r"(?<![\d.])(\d+\.\d{1,2})\s*元", _say_money),
        (rf"({_N})\s*[%％]", lambda found: f"百分之{decimal_in_words(found[1])}"),
        (r"[-−](?=\d+(?:\.\d+)?\s*(?:℃|°c|度))", "零下"),
        (rf"(?<=[\d%％℃点分日号月元])({_TO})(?=\d)", "到"),
        (r"(?<=[点分日号月])\s*[-–—~]+\s*(?=[一二三四五六七八九十零两凌早上中下晚])", "到"),
        (rf"(?<=\d)\s*({_UNIT})(?![a-z])", _say_unit),
        (r"(?<![\d.])(\d{1,3})\s*/\s*(\d{1,3})(?![\d.])", _say_fraction),
        (r"/\s*(?=[\u4e00-\u9fff])", "每"),
        (r"(?<=\d)\s*[×x*]\s*(?=\d)", "乘"),
        (r"(?<=\d)\s*\+\s*(?=\d)", "加"),
        (r"\s*&\s*", "和"),
        (rf"(?<!\d)({_N})\s*([\u4e00-\u9fff]?)", _say_plain),
    )
)


def _tidy(text: str) -> str:
    """Brackets and odd signs become a pause or nothing; at most one stop stands between two words."""
    said = re.sub(r"[（()）\[\]【】《》〈〉“”‘’\"']", "，", text)
    said = re.sub(r"[.](?=\s|$)", "。", said).replace(",", "，").replace(";", "；").replace(":", "：")
    said = said.replace("?", "？").replace("!", "！").replace("…", "，").replace("—", "，").replace("·", "")
    kept = [one if _may_stay(one) else " " if one.isspace() else "" for one in said]
    lines = re.split(
        r"[\r\n]+", "".join("\n" if was in "\r\n" else now for was, now in zip(said, kept, strict=True))
    )
    return "\n".join(line for line in (_one_stop(part) for part in lines) if line)


def _may_stay(character: str) -> bool:
    if character in _STOPS:
        return True
    return unicodedata.category(character) in ("Lo", "Lu", "Ll")


def _one_stop(line: str) -> str:
    """Of several stops in a row the strongest stays; none stands at the beginning."""
    line = re.sub(
        r"(?<=[\u4e00-\u9fff，。！？、：；])\s+|\s+(?=[\u4e00-\u9fff，。！？、：；])", "", line.strip()
    )
    line = re.sub(rf"[{_STOPS}]{{2,}}", lambda found: min(found.group(), key="。！？；：，、".index), line)
    return line.lstrip(_STOPS)
