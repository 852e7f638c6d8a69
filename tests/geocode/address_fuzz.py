"""
What to throw random texts at: every reader of codes and addresses in this half of the library.

`TARGETS` maps a name to a function of one text. An answer or a GeocodeError is right, anything else a defect.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from geocode import address_codes, addresses, division_codes, door_codes, police_schemes
from tests.geocode.address_tables import fictional_table

_TABLE = fictional_table()
_ENCODINGS = ("latin-1", "utf-8", "gb18030", "utf-16-le")

TARGETS: dict[str, Callable[[str], object]] = {
    "address_codes.is_valid_code": address_codes.is_valid_code,
    "address_codes.normalize_code": address_codes.normalize_code,
    "address_codes.parse_code": address_codes.parse_code,
    "addresses.normalize_address": lambda text: addresses.normalize_address(text, _TABLE),
    "addresses.parse_address": lambda text: addresses.parse_address(text, _TABLE),
    "division_codes.code_to_parent": division_codes.code_to_parent,
    "division_codes.parse_code": division_codes.parse_code,
    "door_codes.check_character": door_codes.check_character,
    "door_codes.format_code": door_codes.format_code,
    "door_codes.is_valid_code": door_codes.is_valid_code,
    "door_codes.normalize_code": door_codes.normalize_code,
    "police_schemes.check": lambda text: police_schemes.check("free", text),
}


def random_bytes(chance: random.Random, shorter_than: int = 40) -> str:
    """Random bytes, read in one of the encodings that uploads come in."""
    encoding = chance.choice(_ENCODINGS)
    return chance.randbytes(chance.randrange(shorter_than)).decode(encoding, errors="replace")


def torn_address(chance: random.Random, addresses: Sequence[str]) -> str:
    """A real address or code with characters dropped, doubled, swapped in from elsewhere."""
    letters = list(chance.choice([*addresses, "42062410120503000120009", "ABCDE-2345E", "420624101205"]))
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(letters) + 1)
        what = chance.randrange(3)
        if what == 0:
            del letters[place : place + 2]
        elif what == 1:
            letters[place:place] = letters[: chance.randrange(5)]
        else:
            letters.insert(place, chance.choice("组号村镇县0９一〇-－（）附 第栋\u2ec4\ud800\x00室A"))
    return "".join(letters)
