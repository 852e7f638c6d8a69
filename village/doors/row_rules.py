"""Checking rows of doors: each becomes a door that could exist, or a sentence about what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import nan
from statistics import median
from typing import ParamSpec, TypeVar

from commons.forms import tidy
from geocode import cells as h3_cells
from geocode import police_schemes
from geocode.addresses import AddressWarning, Divisions, ParsedAddress, parse_address
from geocode.errors import GeocodeError
from village.divisions.errors import RowFault
from village.divisions.rules import OUTLINE_RESOLUTION
from village.doors.place_rules import (
    CellRefused,
    Point,
    may_be_in_province,
    read_degrees,
    read_frame,
    read_place,
    rough_metres,
)
from village.doors.rules import PlaceCodes, place_codes
from village.doors.sheets import TITLES, Cell, plain, words_of

LONGEST_CELL = 200
LONGEST_HAMLET = 30
# Farther from the middle of a village nobody's door is; the largest villages of Hubei's mountains are 12 km across.
FARTHEST_FROM_VILLAGE_M = 15_000
FARTHEST_FROM_COUNTY_M = 120_000
FEWEST_DECIMALS = 4
# With these the address says something about another place, or about none; the rest are for the clerk's eye.
_WRONG = {"unknown_division", "conflicting_levels", "reserved_village", "ambiguous_division"}
_KNOWN_HERE = {"upper_levels_missing"}
_LABEL = re.compile(r"0*([1-9][0-9]{0,4})([A-Z甲乙丙丁戊])?(?:[-－附]0*([1-9][0-9]{0,2}))?")
_GROUP = re.compile(r"第?0*([1-9][0-9]?)(?:村民)?(?:小?组)?")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_NOBODY = Divisions()
_NO_ADDRESS = ParsedAddress(canonical="")

Read = TypeVar("Read")
Said = ParamSpec("Said")


@dataclass(frozen=True, slots=True)
class RowContext:
    """What the rows of one sheet are checked against. *above* is how addresses of the village begin."""

    village_code: str
    divisions: Divisions
    above: str
    default_frame: str = "wgs84"
    police_scheme: str = police_schemes.FREE
    county_cells: frozenset[str] = frozenset()
    village_spots: tuple[Point, ...] = ()
    county_spot: Point | None = None


@dataclass(frozen=True, slots=True)
class DoorRow:
    """One checked row: a door that could exist. ``row`` counts as the spreadsheet does."""

    row: int
    group_no: int
    hamlet: str
    label: str
    room_no: int
    address: str
    lat: float
    lng: float
    coord_source: str
    police_code: str | None
    codes: PlaceCodes
    warnings: tuple[str, ...] = ()

    @property
    def house(self) -> tuple[int, str, str]:
        """What names the house in its village: every room of it has the same door number."""
        return (self.group_no, self.hamlet, self.label)

    @property
    def key(self) -> tuple[int, str, str, int]:
        """What names the door in its village."""
        return (*self.house, self.room_no)


@dataclass(slots=True)
class Checked:
    """What a sheet came to: doors, and faults by row and column."""

    rows: list[DoorRow] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)


class _Reading:
    """One row, read cell by cell to its end, so that whoever sent it hears of everything that is wrong in it at once."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.wrong: dict[str, str] = {}

    def read(
        self, otherwise: Read, reader: Callable[Said, Read], *said: Said.args, **more: Said.kwargs
    ) -> Read:
        """Return what *reader* makes of a cell; *otherwise*, and its sentence kept, if it refuses. The first of a column counts."""
        try:
            return reader(*said, **more)
        except CellRefused as refused:
            self.wrong.setdefault(refused.column, refused.sentence)
            return otherwise

    @property
    def faults(self) -> list[RowFault]:
        """What is wrong, in the order of the template's columns."""
        return [
            RowFault(self.number, TITLES[name], self.wrong[name]) for name in TITLES if name in self.wrong
        ]


def check_rows(
    cells: Sequence[Sequence[Cell]], head_row: int, columns: Mapping[str, int], context: RowContext
) -> Checked:
    """Check every row below the headings; a row without a single word is left out."""
    checked = Checked()
    for number, row in enumerate(cells[head_row:], start=head_row + 1):
        here = {name: _cell(row, index) for name, index in columns.items()}
        if all(words_of(cell).strip() == "" for cell in here.values()):
            continue
        reading = _Reading(number)
        door = _check(reading, here, context)
        if door is None:
            checked.faults += reading.faults
        else:
            checked.rows.append(door)
    checked.faults += _twice(checked.rows)
    checked.faults += _too_far(checked.rows, context)
    _say_if_nothing_is_near(checked.rows, context)
    checked.faults.sort(key=lambda fault: fault.row)
    return checked


def _cell(row: Sequence[Cell], index: int) -> Cell:
    return row[index] if 0 <= index < len(row) else None


def _check(row: _Reading, here: Mapping[str, Cell], context: RowContext) -> DoorRow | None:
    """Return the door of a row, or None where anything is wrong; the row then knows everything that is."""
    texts = {name: row.read("", _text, name, cell) for name, cell in here.items()}
    parsed = row.read(_NO_ADDRESS, _parse, texts.get("address", ""), context)
    group = row.read(0, _group, texts.get("group", ""), parsed)
    label = ""
    if texts.get("number") or "address" not in row.wrong:  # the number may have stood in the address
        label = row.read("", _label, texts.get("number", ""), parsed)
    room = row.read(0, _room, texts.get("room", ""), parsed)
    hamlet = row.read("", _hamlet, parsed)
    lng = row.read(nan, read_degrees, "lng", here.get("lng"), texts.get("lng", ""))
    lat = row.read(nan, read_degrees, "lat", here.get("lat"), texts.get("lat", ""))
    frame = row.read("wgs84", read_frame, texts.get("frame", ""), context.default_frame)
    lat, lng = row.read((lat, lng), read_place, lat, lng, frame)
    police = row.read(None, _police_code, here.get("police_code"), texts.get("police_code", ""), context)
    if row.wrong:
        return None
    return DoorRow(
        row=row.number,
        group_no=group,
        hamlet=hamlet,
        label=label,
        room_no=room,
        address=_address(context, hamlet, parsed.road, group, label, room),
        lat=lat,
        lng=lng,
        coord_source=frame,
        police_code=police,
        codes=place_codes(lat, lng),
        warnings=tuple(_warnings(parsed, label, texts)),
    )


def _text(name: str, cell: Cell) -> str:
    raw = words_of(cell)
    if len(raw) > LONGEST_CELL:
        raise CellRefused(name, f"文字太长（{len(raw)} 个字），最多 {LONGEST_CELL} 个")
    if _PRIVATE.search(raw):  # a plate without it would bear another name
        raise CellRefused(name, "有自造字，别的电脑上显示不出来，请换成通用的字")
    return tidy(plain(raw))


def _parse(text: str, context: RowContext) -> ParsedAddress:
    if not text:
        return _NO_ADDRESS
    try:
        parsed = parse_address(text, context.divisions)
    except GeocodeError as error:
        raise CellRefused("address", f"读不懂这个地址（{text[:30]}）") from error
    here = _path_of(context)
    for warning in parsed.warnings:
        is_ours = warning.code == "ambiguous_division" and context.village_code in warning.candidates
        if is_ours and not text.startswith(here):
            # Several villages of the county bear this name; the sheet was sent for one of them.
            return _parse(here + text, context)
        if warning.code in _WRONG:
            raise CellRefused("address", warning.message)
    if parsed.village_code and parsed.village_code != context.village_code:
        raise CellRefused("address", f"地址写的是{parsed.town}{parsed.village}，不是本村")
    if parsed.division_code and not context.village_code.startswith(parsed.division_code.rstrip("0")):
        raise CellRefused("address", "地址写的地方不在本村的上级区划之内")
    return parsed


def _path_of(context: RowContext) -> str:
    """The county and the town of the village, as an address names them."""
    above = (context.divisions.get(context.village_code[:width].ljust(12, "0")) for width in (6, 9))
    return "".join(one.name for one in above if one is not None)


def _group(text: str, parsed: ParsedAddress) -> int:
    if not text:
        return parsed.group or 0
    number = _group_number(text)
    if number is None:
        raise CellRefused("group", f"“{text[:20]}”不是组号，应写成 3 或 三组")
    if parsed.group is not None and parsed.group != number:
        raise CellRefused("group", f"这里写 {number} 组，地址里却是 {parsed.group} 组")
    return number


def _group_number(text: str) -> int | None:
    plain_text = _GROUP.fullmatch(text)
    if plain_text:
        return int(plain_text[1])
    if text.strip("0") == "":
        return 0
    try:
        read = parse_address(text if "组" in text else f"{text}组", _NOBODY)
    except GeocodeError:
        return None
    return None if read.leftovers or read.canonical != f"{read.group}组" else read.group


def _label(text: str, parsed: ParsedAddress) -> str:
    written = ""
    if parsed.door is not None:
        written = f"{parsed.door}-{parsed.sub_door}" if parsed.sub_door else str(parsed.door)
    if not text:
        if not written:
            raise CellRefused("number", "没有门牌号，地址里也没有读到")
        return written
    label = normal_label(text)
    if label is None:
        raise CellRefused("number", f"“{text[:20]}”不是门牌号，应写成 12 或 12-1")
    if written and written != label:
        raise CellRefused("number", f"这里写 {label} 号，地址里却是 {written} 号")
    return label


def normal_label(text: str) -> str | None:
    """
    Return a door number as it stands on a plate; None if the text is none.

    >>> normal_label("012号"), normal_label("12号附1号"), normal_label("12甲"), normal_label("十二号"), normal_label("西头")
    ('12', '12-1', '12甲', '12', None)
    """
    plain_text = text.upper().replace("号", "").replace(" ", "")
    found = _LABEL.fullmatch(plain_text)
    if found:
        return found[1] + (found[2] or "") + (f"-{found[3]}" if found[3] else "")
    if any(sign.isdigit() for sign in text):
        return (
            None  # digits in no shape that we know: the reader of whole addresses would overlook what is odd
        )
    try:
        read = parse_address(text if "号" in text else f"{text}号", _NOBODY)
    except GeocodeError:
        return None
    if read.door is None or read.leftovers or read.canonical != _number_words(read):
        return None
    return f"{read.door}-{read.sub_door}" if read.sub_door else str(read.door)


def _number_words(read: ParsedAddress) -> str:
    return f"{read.door}号" + (f"附{read.sub_door}号" if read.sub_door else "")


def _room(text: str, parsed: ParsedAddress) -> int:
    said = text or parsed.room
    digits = said.removesuffix("室").removesuffix("户")
    if not digits:
        return 0
    if not (digits.isascii() and digits.isdigit() and 1 <= int(digits) <= 999):
        raise CellRefused("room", f"“{said[:20]}”不是户室号，应是 1 到 999 的数")
    inner = parsed.room.removesuffix("室")
    if text and inner.isdigit() and int(inner) != int(digits):
        raise CellRefused("room", f"这里写 {int(digits)} 室，地址里却是 {int(inner)} 室")
    return int(digits)


def _hamlet(parsed: ParsedAddress) -> str:
    inside = (f"{parsed.building}栋" if parsed.building else "") + (
        f"{parsed.unit}单元" if parsed.unit else ""
    )
    hamlet = f"{parsed.road}{parsed.hamlet}{inside}"
    if len(hamlet) > LONGEST_HAMLET:
        raise CellRefused("address", f"湾名或路名太长，最多 {LONGEST_HAMLET} 个字")
    return hamlet


def _address(context: RowContext, hamlet: str, road: str, group: int, label: str, room: int) -> str:
    above = context.above
    number, _, sub = label.partition("-")
    words = f"{group}组" if group else ""
    door = f"{number}号" + (f"附{sub}号" if sub else "")
    inner = f"{room}室" if room else ""
    return f"{above}{words}{hamlet}{door}{inner}" if road else f"{above}{hamlet}{words}{door}{inner}"


def _police_code(cell: Cell, text: str, context: RowContext) -> str | None:
    if not text:
        return None
    if isinstance(cell, float) or (isinstance(cell, int) and not isinstance(cell, bool) and cell >= 10**15):
        raise CellRefused("police_code", "是数字格式，Excel 已丢掉后几位；请把这一列设为文本，再重新填写")
    try:
        return police_schemes.check(context.police_scheme, text)
    except GeocodeError as error:
        raise CellRefused("police_code", str(error)) from error


def _warnings(parsed: ParsedAddress, label: str, texts: Mapping[str, str]) -> Iterator[str]:
    for warning in parsed.warnings:
        if warning.code not in _KNOWN_HERE and not _settled(warning, label):
            yield warning.message
    # Numbers lose their last zeros in a spreadsheet, so one short number says nothing.
    if max(len(texts[name].partition(".")[2]) for name in ("lng", "lat")) < FEWEST_DECIMALS:
        yield f"经纬度的小数不到 {FEWEST_DECIMALS} 位，可能差十几米"


def _settled(warning: AddressWarning, label: str) -> bool:
    """The column of numbers says how "12-1" in the address is meant."""
    return warning.code == "unclear_number" and normal_label(warning.text) == label


def _twice(rows: Sequence[DoorRow]) -> Iterator[RowFault]:
    """The second of two rows with one official code, or with one number in one place, is refused with both row numbers."""
    by_code: dict[str, int] = {}
    by_key: dict[tuple[int, str, str, int], int] = {}
    for row in rows:
        if row.police_code is not None:
            first = by_code.setdefault(row.police_code, row.row)
            if first != row.row:
                title = TITLES["police_code"]
                yield RowFault(row.row, title, f"{row.police_code} 与第 {first} 行重复")
        first = by_key.setdefault(row.key, row.row)
        if first != row.row:
            yield RowFault(row.row, TITLES["number"], f"与第 {first} 行是同一个门牌（{row.address}）")


def _too_far(rows: Sequence[DoorRow], context: RowContext) -> Iterator[RowFault]:
    """Doors lie in their county and around their village; without an outline, around what is known of both."""
    spots = context.village_spots or tuple((row.lat, row.lng) for row in rows)
    if not spots:
        return
    middle = (median(lat for lat, _ in spots), median(lng for _, lng in spots))
    for row in rows:
        here = (row.lat, row.lng)
        if context.county_cells and _cell_of(here) not in context.county_cells:
            yield RowFault(row.row, TITLES["lng"], "这个位置在本县以外，请核对坐标和坐标系")
        elif not may_be_in_province(here, context.village_code):
            yield RowFault(row.row, TITLES["lng"], "这个位置在本省以外，请核对坐标和坐标系")
        elif (away := rough_metres(here, middle)) > FARTHEST_FROM_VILLAGE_M:
            yield RowFault(row.row, TITLES["lng"], f"离本村其他门 {away / 1000:.0f} 公里，请核对坐标")
        elif context.county_spot and rough_metres(here, context.county_spot) > FARTHEST_FROM_COUNTY_M:
            yield RowFault(row.row, TITLES["lng"], "离本县其他村太远，请核对坐标和坐标系")


def _say_if_nothing_is_near(rows: list[DoorRow], context: RowContext) -> None:
    """The first doors of a county without an outline can be held against their province alone: somebody has to look."""
    if rows and not (context.county_cells or context.county_spot or context.village_spots):
        first = rows[0]
        here = f"{first.lat:.5f}，{first.lng:.5f}"
        words = f"本县还没有边界，也没有别的门可以对照；请在地图上看一眼，这里（{here}）是不是本村"
        rows[0] = replace(first, warnings=(*first.warnings, words))


def _cell_of(spot: Point) -> str:
    return h3_cells.latlng_to_cell(*spot, OUTLINE_RESOLUTION)
