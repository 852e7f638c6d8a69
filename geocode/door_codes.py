"""
The short code of a door: ten characters on a plate, typed by hand or opened by a scan.

Nine random characters and one check character, shown as ``ABCDE-2345E``. The code says nothing about
the place and follows no sequence, because everybody can read it on a wall and nobody must be able to
guess the next one. The alphabet leaves out what a hand or an eye confuses: I, L, O, U, 0 and 1.

The check character is the hybrid construction of ISO 7064 with M = 30 (MOD 31,30). The standard does
not name this pair; the construction carries over because 31 is a prime. It catches every single wrong
character.

>>> is_valid_code("ABCDE-2345E")
True
>>> normalize_code(" abcde 2345e ")
'ABCDE2345E'
>>> format_code("ABCDE2345E")
'ABCDE-2345E'
>>> len(new_code())
10
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterator

from stdnum.iso7064 import mod_37_36

from geocode._numbers import is_whole
from geocode.errors import BadDoorCodeError

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
NEVER_USED = "ILOU01"
BODY_LENGTH = 9
CODE_LENGTH = BODY_LENGTH + 1

_BODIES: int = len(ALPHABET) ** BODY_LENGTH
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
# Spaces, dashes as keyboards write them, and the invisible characters that chat apps add when copying.
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212\u200b-\u200f\ufeff]+")
_LONGEST_INPUT = 64


def new_code() -> str:
    """
    Return a fresh random code with its check character.

    Whether the code is already taken only the caller's database can say.
    """
    # One call to the system's random source instead of nine; every body is still equally likely.
    number = secrets.randbelow(_BODIES)
    number, low = divmod(number, 900)
    number, second = divmod(number, 900)
    number, third = divmod(number, 900)
    top, fourth = divmod(number, 900)
    body = ALPHABET[top] + _PAIRS[fourth] + _PAIRS[third] + _PAIRS[second] + _PAIRS[low]
    check: str = mod_37_36.calc_check_digit(body, ALPHABET)
    return body + check


def new_codes(count: int) -> Iterator[str]:
    """
    Yield *count* fresh codes, no two of them equal.

    >>> len(set(new_codes(100)))
    100

    Raises:
        BadDoorCodeError: *count* is not a whole number from 0 up.
    """
    if not is_whole(count) or count < 0:
        raise BadDoorCodeError(f"要几个短码应写成从 0 起的整数，不是 {count!r:.40}")
    return _fresh_codes(count)


def _fresh_codes(count: int) -> Iterator[str]:
    seen: set[str] = set()
    while len(seen) < count:
        code = new_code()
        if code not in seen:
            seen.add(code)
            yield code


def check_character(body: str) -> str:
    """
    Return the check character of nine characters.

    >>> check_character("23456789A")
    'D'

    Raises:
        BadDoorCodeError: *body* is not nine characters of the alphabet.
    """
    text = _clean(body)
    if len(text) != BODY_LENGTH:
        raise BadDoorCodeError(f"门牌短码的前段应有 {BODY_LENGTH} 位，这里有 {len(text)} 位")
    check: str = mod_37_36.calc_check_digit(text, ALPHABET)
    return check


def normalize_code(text: str) -> str:
    """
    Return the ten characters of a code as typed: wide or narrow, any case, with spaces and hyphens.

    A character that is never used is reported and not guessed: the one who typed 0 may have read Q or D.

    >>> normalize_code("ａｂｃｄｅ－２３４５ｅ")
    'ABCDE2345E'

    Raises:
        BadDoorCodeError: wrong length, a character outside the alphabet, or a wrong check character.
    """
    code = _clean(text)
    if len(code) != CODE_LENGTH:
        raise BadDoorCodeError(f"门牌短码应有 {CODE_LENGTH} 位，这里有 {len(code)} 位")
    if mod_37_36.calc_check_digit(code[:BODY_LENGTH], ALPHABET) != code[BODY_LENGTH]:
        raise BadDoorCodeError("门牌短码的校验位不对，请对照门牌再看一遍")
    return code


def is_valid_code(text: object) -> bool:
    """
    Say whether *text* is a door code, however it was typed. Never raises.

    >>> is_valid_code("ABCDE2345F")
    False
    """
    if not isinstance(text, str):
        return False
    try:
        normalize_code(text)
    except BadDoorCodeError:
        return False
    return True


def format_code(text: str) -> str:
    """
    Return a code in the form printed for people, five characters, a hyphen, five characters.

    >>> format_code("hbxc888889")
    'HBXC8-88889'

    Raises:
        BadDoorCodeError: *text* is not a door code.
    """
    code = normalize_code(text)
    return f"{code[:5]}-{code[5:]}"


def _clean(text: str) -> str:
    if not isinstance(text, str):
        raise BadDoorCodeError("门牌短码应是文字")
    if len(text) > _LONGEST_INPUT:
        raise BadDoorCodeError("门牌短码太长")
    code = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    if code.isascii():  # upper() would turn ß into two letters of the alphabet
        code = code.upper()
    for character in code:
        if character in NEVER_USED:
            raise BadDoorCodeError(
                f"门牌短码里从不使用字符 {character}（不用 I、L、O、U、0、1），请对照门牌再看一遍"
            )
        if character not in ALPHABET:
            raise BadDoorCodeError(f"门牌短码里没有字符 {character!r}")
    return code
