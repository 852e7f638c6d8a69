"""
The door address code (门牌编码): 23 characters that name a door for ever.

Twelve digits of the village as the statistics office numbered it when the code was issued, two of
the villagers' group (00 is none), five of the door, three of the room (000 is the house), and one
check character, MOD 11-2 of ISO 7064 as on the resident identity card. The code is ours and not the
police's standard address code, whose layout is not published; see :mod:`geocode.police_schemes`.

The string is permanent. When villages merge the code stays and a history row maps the old village to
the new one, so never read the *present* village or group from it.

>>> code = make_code("420624101205", group=3, door=12)
>>> code
'42062410120503000120009'
>>> format_code(code)
'420624101205 03 00012 000 9'
>>> parse_code(code).door
12
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from stdnum.iso7064 import mod_11_2

from geocode.errors import BadAddressCodeError

CODE_LENGTH = 23

# [0-9] and fullmatch on purpose: \d also takes full-width digits, and $ a trailing newline.
_VILLAGE = re.compile(r"[1-8][0-9]{8}(?!000|498|598)[0-9]{3}")
_CODE = re.compile(
    r"(?P<village>[1-8][0-9]{8}(?!000|498|598)[0-9]{3})"
    r"(?P<group>[0-9]{2})(?P<door>(?!00000)[0-9]{5})(?P<room>[0-9]{3})(?P<check>[0-9X])"
)
_DISPLAYED = re.compile(r"[0-9]{12} [0-9]{2} [0-9]{5} [0-9]{3} [0-9X]")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212\u200b-\u200f\ufeff]+")
_LONGEST_INPUT = 64


class AddressCode(NamedTuple):
    """The parts of a door address code."""

    village: str
    group: int
    door: int
    room: int
    check: str

    def __str__(self) -> str:
        """Return the 23 characters again."""
        return f"{self.village}{self.group:02d}{self.door:05d}{self.room:03d}{self.check}"


def make_code(village: str, group: int, door: int, room: int = 0) -> str:
    """
    Return the code of a door.

    Args:
        village: the twelve digits of the village at the time of issue.
        group: the villagers' group, 0-99; 0 when there is none.
        door: 1-99999, unique within the *village*, issued in order and never reused.
        room: 0 for the house itself, 1-999 for a household or unit in it.

    >>> make_code("422802106212", 5, 18, room=1)
    '42280210621205000180013'

    Raises:
        BadAddressCodeError: a part is out of its range, or the village can have no doors.
    """
    if not isinstance(village, str) or _VILLAGE.fullmatch(village) is None:
        raise BadAddressCodeError("村代码应是 12 位数字，末三位不能是 000、498 或 598")
    _refuse_out_of_range("组号", group, 0, 99)
    _refuse_out_of_range("门号", door, 1, 99_999)
    _refuse_out_of_range("室号", room, 0, 999)
    body = f"{village}{group:02d}{door:05d}{room:03d}"
    return body + check_character(body)


def check_character(body: str) -> str:
    """
    Return the MOD 11-2 check character of 22 digits.

    >>> check_character("4206241012050300012000")
    '9'

    Raises:
        BadAddressCodeError: *body* is not 22 digits.
    """
    if not isinstance(body, str) or re.fullmatch("[0-9]{22}", body) is None:
        raise BadAddressCodeError("门牌编码的前段应是 22 位数字")
    check: str = mod_11_2.calc_check_digit(body)
    return check


def parse_code(text: str) -> AddressCode:
    """
    Return the parts of a code as stored or, with its four spaces, as displayed.

    Anything looser, such as full-width digits, is for :func:`normalize_code`.

    >>> parse_code("429021100200 00 00001 000 6")
    AddressCode(village='429021100200', group=0, door=1, room=0, check='6')

    Raises:
        BadAddressCodeError: the text has another shape, or its check character is wrong.
    """
    if not isinstance(text, str) or len(text) > _LONGEST_INPUT:
        raise BadAddressCodeError(f"门牌编码应是 {CODE_LENGTH} 位文字")
    code = "".join(text.split(" ")) if _DISPLAYED.fullmatch(text) else text
    found = _CODE.fullmatch(code)
    if found is None:
        raise BadAddressCodeError(_fault(code))
    if mod_11_2.calc_check_digit(code[:-1]) != found["check"]:
        raise BadAddressCodeError("门牌编码的校验位不对，请再核对一遍")
    return AddressCode(
        found["village"], int(found["group"]), int(found["door"]), int(found["room"]), found["check"]
    )


def normalize_code(text: str) -> str:
    """
    Return the 23 characters of a code as typed: wide digits, spaces and hyphens anywhere, a small x.

    >>> normalize_code("４２０６２４１０１２０５-03-00012-000-9")
    '42062410120503000120009'

    Raises:
        BadAddressCodeError: *text* is not a door address code.
    """
    if not isinstance(text, str) or len(text) > _LONGEST_INPUT:
        raise BadAddressCodeError(f"门牌编码应是 {CODE_LENGTH} 位文字")
    return str(parse_code(_SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()))


def is_valid_code(text: object) -> bool:
    """
    Say whether *text* is exactly a code as stored: 23 characters, nothing between them. Never raises.

    One random string in eleven passes the check character; only the database knows whether a door exists.

    >>> is_valid_code("42062410120503000120009")
    True
    >>> is_valid_code("42062410100100000000005")
    False
    """
    if not isinstance(text, str) or _CODE.fullmatch(text) is None:
        return False
    return bool(mod_11_2.calc_check_digit(text[:-1]) == text[-1])


def format_code(text: str) -> str:
    """
    Return the code in groups for people to read.

    Raises:
        BadAddressCodeError: *text* is not a door address code.
    """
    code = parse_code(text)
    return f"{code.village} {code.group:02d} {code.door:05d} {code.room:03d} {code.check}"


def _refuse_out_of_range(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadAddressCodeError(f"{name}应是 {low} 到 {high} 之间的整数")


def _fault(code: str) -> str:
    """Say which rule of the shape is broken, so that the clerk knows where to look."""
    if len(code) != CODE_LENGTH:
        return f"门牌编码应有 {CODE_LENGTH} 位，这里有 {len(code)} 位"
    if re.fullmatch("[0-9]{22}[0-9X]", code) is None:
        return "门牌编码前 22 位应是数字，末位是数字或 X"
    if code[9:12] in ("000", "498", "598"):
        return "门牌编码里的村代码末三位不能是 000、498 或 598"
    if code[14:19] == "00000":
        return "门牌编码里的门号不能是 00000"
    return "门牌编码的省代码不对"
