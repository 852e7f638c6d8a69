"""
Numbers as they are said, for people who hear and do not read.

Counting numbers follow everyday speech (十二, 一百零五, 两千); codes, telephones and years are said digit
by digit.
"""

from __future__ import annotations

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_MYRIADS = ("", "万", "亿", "万亿")
_LARGEST = 10**16


def count_in_words(number: int) -> str:
    """
    Return a whole number as it is said.

    >>> count_in_words(12), count_in_words(105), count_in_words(2010), count_in_words(20000)
    ('十二', '一百零五', '两千零一十', '两万')

    Raises:
        ValueError: below zero, or 10^16 and above, which nobody says.
    """
    if not 0 <= number < _LARGEST:
        raise ValueError("a number outside what people say")
    if number == 0:
        return _DIGITS[0]
    words, skipped = "", False
    for power in range(3, -1, -1):
        group = number // 10000**power % 10000
        if group == 0:
            skipped = bool(words)
            continue
        gap = words and (skipped or group < 1000)
        words += ("零" if gap else "") + _group_in_words(group, power, bool(words)) + _MYRIADS[power]
        skipped = False
    return words


def digits_in_words(digits: str, one: str = "一") -> str:
    """
    Return digits said one by one. On the telephone one is 幺, because 一 and 七 sound alike.

    >>> digits_in_words("2026"), digits_in_words("110", one="幺")
    ('二零二六', '幺幺零')
    """
    return "".join(one if digit == "1" else _DIGITS[int(digit)] for digit in digits if digit.isdecimal())


def decimal_in_words(number: str) -> str:
    """
    Return a number that may have a point.

    >>> decimal_in_words("3.50"), decimal_in_words("12")
    ('三点五', '十二')
    """
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    # Longer than any count: it is a code or a serial number and is said digit by digit.
    said = count_in_words(int(whole or "0")) if len(whole) <= 12 else digits_in_words(whole)
    return f"{said}点{digits_in_words(fraction)}" if fraction else said


def _group_in_words(group: int, power: int, follows: bool) -> str:
    """Say up to four digits; 两 where speech has it, and 十 without 一 only at the very beginning."""
    if group == 2 and power:
        return "两"
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        word = "两" if digit == 2 and place == 3 else _DIGITS[digit]
        if place == 1 and digit == 1 and not words and not follows:
            word = ""
        words += ("零" if gap else "") + word + _PLACES[place]
        gap = False
    return words
