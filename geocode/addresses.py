"""
Read a rural address as people write it, down to the group and the house number.

The reader never guesses. What the table and the text do not settle together is returned as a warning with the
candidates, and what it does not understand as leftovers.

>>> table = Divisions.load([
...     {"code": "420000000000", "name": "湖北省"},
...     {"code": "420600000000", "name": "襄阳市"},
...     {"code": "420624000000", "name": "南漳县"},
...     {"code": "420624190000", "name": "云溪镇"},
...     {"code": "420624190201", "name": "石鼓村村民委员会"},
... ])
>>> address = parse_address("南漳县云溪镇石鼓村第三村民小组１２號附1号（村委会旁）", table)
>>> address.canonical
'湖北省襄阳市南漳县云溪镇石鼓村3组12号附1号'
>>> address.village_code, address.group, address.door, address.sub_door, address.notes
('420624190201', 3, 12, 1, ('村委会旁',))
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from geocode._address_divisions import Division, Divisions
from geocode._address_reader import Doubt, Reader
from geocode._address_tail import TOKEN, Token
from geocode._address_text import LONGEST_ADDRESS, CleanText, clean_address
from geocode.errors import BadAddressError

__all__ = [
    "AddressWarning",
    "Division",
    "Divisions",
    "ParsedAddress",
    "WARNINGS",
    "normalize_address",
    "parse_address",
]

WARNINGS = {
    "ambiguous_division": "有几个地方叫“{text}”，请选定是哪一个",
    "conflicting_levels": "“{text}”不在前面写的上级区划之内，请核对",
    "unknown_division": "区划表里找不到“{text}”，请核对",
    "kind_differs": "区划表里有同名的地方，但不叫“{text}”，请核对是村还是社区、是乡还是镇",
    "kind_missing": "“{text}”没有写明是村还是社区，请核对",
    "reserved_village": "“{text}”是统计上虚设的村，不能有门牌",
    "upper_levels_missing": "没有写乡镇，只凭村名“{text}”找到，请核对",
    "wrong_order": "地址的次序与通常的写法不同，已按省、市、县、乡、村、组、号排好",
    "look_alike": "地址里有形近的部首字符，已换成通用的汉字",
    "note_holds_part": "括号里的“{text}”像是地址的一部分，没有采用",
    "unclear_number": "看不准“{text}”是组号、门号还是室号，请写明",
    "duplicate_part": "“{text}”写了两个不同的数，没有采用",
    "sub_door_without_door": "有附号“{text}”，却没有门号",
    "out_of_range": "“{text}”超出了可以编号的范围",
    "not_understood": "没有读懂“{text}”",
}
"""Every warning's code with the Chinese sentence shown to the clerk."""

_HIGHEST = {"group": 99, "door": 99_999, "sub_door": 999}
_WRITTEN = {
    "group": ("", "组"),
    "door": ("", "号"),
    "sub_door": ("附", "号"),
    "building": ("", "栋"),
    "unit": ("", "单元"),
    "floor": ("", "层"),
    "room": ("", "室"),
}
_EMPTY = Divisions()


class AddressWarning(NamedTuple):
    """
    Something a person should look at.

    ``code`` is stable, ``message`` is Chinese for the clerk, ``candidates`` are twelve-digit codes to choose from.
    """

    code: str
    message: str
    text: str
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """
    The parts of an address, as far as text and table settle them.

    Names are empty and numbers None when the address does not say or nobody can be sure. ``division_code`` is the
    deepest division that is certain; ``village_code`` is the same when that is a village, else empty.
    """

    canonical: str
    division_code: str = ""
    village_code: str = ""
    province: str = ""
    prefecture: str = ""
    county: str = ""
    town: str = ""
    village: str = ""
    hamlet: str = ""
    road: str = ""
    group: int | None = None
    door: int | None = None
    sub_door: int | None = None
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    notes: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    warnings: tuple[AddressWarning, ...] = field(default=())

    @property
    def candidates(self) -> tuple[str, ...]:
        """The codes of all divisions that the warnings offer."""
        return tuple(dict.fromkeys(code for warning in self.warnings for code in warning.candidates))


def parse_address(text: str, divisions: Divisions) -> ParsedAddress:
    """
    Return the parts of an address.

    Args:
        text: one address, in any width, simplified or traditional, upper levels optional, 200 characters at most.
        divisions: the table the names are looked up in.

    Raises:
        BadAddressError: no text, nothing readable in it, or too long.
    """
    if not isinstance(divisions, Divisions):
        raise BadAddressError("区划表应先用 Divisions.load 读入")
    clean = clean_address(text)
    reader = Reader(clean.text, divisions).read()
    doubts = reader.doubts
    parts = _parts(reader.tokens, reader.unclear, doubts)
    settled = reader.scope.settled
    place = divisions.place(settled) if settled is not None else None
    if settled is not None and len(settled.prefix) == 12:
        _doubt_village(settled, reader, doubts)
    if clean.had_look_alikes or clean.notes:
        _doubt_text(clean, doubts)
    kept = [*reader.scope.undecided, *reader.unresolved]
    upper = "".join(reader.above) + (place.full_name if place else "") + "".join(kept)
    return ParsedAddress(
        canonical=upper + _tail(parts, reader.hamlet, reader.road, reader.unclear),
        division_code=settled.code if settled is not None else "",
        village_code=settled.code if settled is not None and len(settled.prefix) == 12 else "",
        hamlet=reader.hamlet,
        road=reader.road,
        notes=clean.notes,
        leftovers=(*kept, *reader.unclear, *reader.leftovers),
        warnings=tuple(map(_warning, doubts)),
        **(place.names if place else {}),  # type: ignore[arg-type]
        **parts,  # type: ignore[arg-type]
    )


def normalize_address(text: str, divisions: Divisions | None = None) -> str:
    """
    Return the canonical form; of a canonical form, itself.

    Without a table only characters, order and numbers below the village are made even.

    >>> normalize_address("石鼓村 第二十三組　5號")
    '石鼓村23组5号'

    Raises:
        BadAddressError: as :func:`parse_address`.
    """
    table = divisions if divisions is not None else _EMPTY
    clean = clean_address(text).text
    last = clean
    for _ in range(8):
        form = parse_address(last, table).canonical
        if form == last:
            return form
        if not form or len(form) > LONGEST_ADDRESS:
            break
        last = form
    # Nothing but words without meaning, or a text whose reading never comes to rest: give back what was written.
    return clean


def _parts(tokens: list[Token], unclear: list[str], doubts: list[Doubt]) -> dict[str, int | str | None]:
    """Gather the numbers; a part given twice with two values is given up, one out of range as well."""
    parts: dict[str, int | str | None] = {}
    clashing: set[str] = set()
    for kind, value, _ in tokens:
        if kind in parts and parts[kind] != value:
            clashing.add(kind)
        parts[kind] = value
    too_high = {
        kind for kind, value in parts.items() if isinstance(value, int) and not 0 < value <= _HIGHEST[kind]
    }
    for kind in sorted(clashing | too_high):
        written = " ".join(token.text for token in tokens if token.kind == kind)
        del parts[kind]
        unclear.append(written)
        doubts.append(Doubt("duplicate_part" if kind in clashing else "out_of_range", written))
    return parts


def _tail(parts: dict[str, int | str | None], hamlet: str, road: str, unclear: list[str]) -> str:
    number = inner = ""
    for kind, (before, after) in _WRITTEN.items():
        if kind in parts:
            if kind in _HIGHEST:
                number += f"{before}{parts[kind]}{after}"
            else:
                inner += f"{parts[kind]}{after}"
    # A road's numbers stand before the estate behind it; a hamlet's stand behind the hamlet.
    named = f"{road}{number}{hamlet}" if road else f"{hamlet}{number}"
    return named + inner + " ".join(unclear)


def _doubt_village(village: Division, reader: Reader, doubts: list[Doubt]) -> None:
    if village.code[9:] in ("498", "598"):
        doubts.append(Doubt("reserved_village", village.display, (village,)))
    if not reader.scope.names_a_town:
        doubts.append(Doubt("upper_levels_missing", village.display, (village,)))


def _doubt_text(clean: CleanText, doubts: list[Doubt]) -> None:
    if clean.had_look_alikes:
        doubts.append(Doubt("look_alike", clean.text))
    for note in clean.notes:
        if TOKEN.fullmatch(note):
            doubts.append(Doubt("note_holds_part", note))


def _warning(doubt: Doubt) -> AddressWarning:
    message = WARNINGS[doubt.code].format(text=doubt.text)
    return AddressWarning(doubt.code, message, doubt.text, tuple(one.code for one in doubt.candidates))
