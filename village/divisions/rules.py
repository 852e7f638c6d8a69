"""Reading a division table: every row is checked, every fault is named with its row and column. Pure."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from geocode import division_codes
from geocode.errors import BadDivisionCodeError
from village.divisions.errors import RowFault, SheetRefused

NEEDED = ("code", "name", "level")
COLUMNS = (*NEEDED, "kind", "as_of")
LARGEST_FILE = 40 * 1024 * 1024
LONGEST_NAME = 60
OUTLINE_RESOLUTION = 8
# What tables call the levels, and what we call them.
LEVELS = {
    "province": "province",
    "city": "prefecture",
    "prefecture": "prefecture",
    "county": "county",
    "town": "town",
    "village": "village",
}
_CODE = re.compile("[0-9]{12}")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PHONE = re.compile(r"[0-9](?:[0-9 -]{1,17})[0-9]")
# Characters that a table keeps as it got them, and that nothing printed or shown to the people may have.
_UNPRINTABLE = re.compile("[?\ufffd\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class DivisionRow:
    """One checked row of a table."""

    code: str
    name: str
    level: str
    kind: str
    as_of: date | None
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class DivisionSheet:
    """A whole checked table; ``row_of`` says where in the file each division stands."""

    rows: tuple[DivisionRow, ...]
    row_of: Mapping[str, int]


def read_sheet(data: bytes) -> DivisionSheet:
    """
    Return the rows of a CSV file with the columns code, name, level, kind, as_of.

    Whether parents that are not in the file exist elsewhere is asked afterwards, see :func:`orphans`.

    Raises:
        SheetRefused: at least one row is wrong; all of them are named.
    """
    faults: list[RowFault] = []
    rows: list[DivisionRow] = []
    row_of: dict[str, int] = {}
    for number, cells in _records(_text(data)):
        row = _read_row(number, cells, faults)
        if row is None:
            continue
        if row.code in row_of:
            sentence = f"代码 {row.code} 与第 {row_of[row.code]} 行重复"
            faults.append(RowFault(number, "code", sentence))
            continue
        row_of[row.code] = number
        rows.append(row)
    if not rows and not faults:
        faults.append(RowFault(2, "", "表里没有数据"))
    if faults:
        raise SheetRefused(faults)
    return DivisionSheet(tuple(rows), row_of)


def orphans(sheet: DivisionSheet, known: Iterable[str]) -> list[RowFault]:
    """Return a fault for every row whose parent is neither in the sheet nor among the *known* codes."""
    there = {*sheet.row_of, *known}
    return [
        RowFault(sheet.row_of[row.code], "code", f"上级区划 {row.parent_code} 不在表里，也没有导入过")
        for row in sheet.rows
        if row.parent_code is not None and row.parent_code not in there
    ]


def _text(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise SheetRefused([RowFault(1, "", f"文件超过 {LARGEST_FILE // 1024 // 1024} MB")])
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise SheetRefused([RowFault(1, "", "这是 Excel 文件，请另存为 CSV（UTF-8）再导入")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetRefused([_encoding_fault(data, error.start)]) from error


def _encoding_fault(data: bytes, at: int) -> RowFault:
    begin = data.rfind(b"\n", 0, at) + 1
    heads = data.split(b"\n", 1)[0].decode("ascii", "replace").strip("\ufeff\r").split(",")
    column = data[begin:at].count(b",")
    name = heads[column] if column < len(heads) else ""
    row = data.count(b"\n", 0, at) + 1
    return RowFault(row, name if row > 1 else "", "不是 UTF-8 文字，请用“CSV UTF-8”格式另存后再导入")


def _records(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the row number in the file and the cells by heading; blank lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    heads: list[str] = []
    try:
        for cells in reader:
            number = reader.line_num
            if not heads:
                heads = _heads(cells)
            elif any(cell.strip() for cell in cells):
                yield number, _by_head(number, heads, cells)
    except csv.Error as error:
        raise SheetRefused([RowFault(reader.line_num, "", f"这一行不是完整的 CSV（{error}）")]) from error


def _heads(cells: list[str]) -> list[str]:
    heads = [cell.strip().lower() for cell in cells]
    missing = [name for name in NEEDED if name not in heads]
    twice = [name for name in COLUMNS if heads.count(name) > 1]
    if missing or twice:
        sentence = f"缺少 {'、'.join(missing)} 列" if missing else f"{'、'.join(twice)} 列出现了两次"
        raise SheetRefused([RowFault(1, (missing or twice)[0], sentence)])
    return heads


def _by_head(number: int, heads: list[str], cells: list[str]) -> dict[str, str]:
    if len(cells) != len(heads):
        sentence = f"有 {len(cells)} 格，表头有 {len(heads)} 列"
        raise SheetRefused([RowFault(number, heads[min(len(cells), len(heads)) - 1], sentence)])
    return {head: cell.strip() for head, cell in zip(heads, cells, strict=True)}


def _read_row(number: int, cells: Mapping[str, str], faults: list[RowFault]) -> DivisionRow | None:
    before = len(faults)

    def fault(column: str, sentence: str) -> None:
        faults.append(RowFault(number, column, sentence))

    code, level, kind = cells["code"], cells["level"], cells.get("kind", "")
    parsed = _parsed(code)
    if parsed is None:
        fault("code", f"“{code[:20]}”不是 12 位的区划代码")
    elif LEVELS.get(level) != parsed.level:
        fault("level", f"级别“{level[:20]}”与代码 {code} 不符，按代码应是 {parsed.level}")
    elif kind and kind != division_codes.KIND_NAMES[parsed.kind]:
        fault(
            "kind", f"类别“{kind[:20]}”与代码 {code} 不符，按代码应是{division_codes.KIND_NAMES[parsed.kind]}"
        )
    for sentence in _name_faults(cells["name"]):
        fault("name", sentence)
    as_of = _date(cells.get("as_of", ""))
    if as_of is None and cells.get("as_of"):
        fault("as_of", f"日期“{cells['as_of'][:20]}”应写成 2026-06-30 的样子")
    if parsed is None or len(faults) > before:
        return None
    parent = None if parsed.level == "province" else division_codes.code_to_parent(code)
    return DivisionRow(code, cells["name"], parsed.level, parsed.kind, as_of, parent)


def _parsed(code: str) -> division_codes.DivisionCode | None:
    try:
        return division_codes.parse_code(code) if _CODE.fullmatch(code) else None
    except BadDivisionCodeError:
        return None


def _name_faults(name: str) -> Iterator[str]:
    if not name:
        yield "没有名称"
    elif len(name) > LONGEST_NAME:
        yield f"名称有 {len(name)} 个字，最多 {LONGEST_NAME} 个"
    elif any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in name):
        yield "名称里有看不见的控制字符"


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def village_name_fault(name: str) -> str:
    """Say in a sentence what keeps *name* from standing on pages and plates; empty when nothing does."""
    if not 2 <= len(name) <= 30:
        return "村名要有 2 到 30 个字"
    if _UNPRINTABLE.search(name) or not name.isprintable():
        return "村名里有问号或自造字，请写出正确的字"
    return ""


def normal_duty_phone(text: str) -> str | None:
    """Return a duty telephone as it is printed; None if *text* is not the shape of a number that can be rung."""
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = sum(sign.isdigit() for sign in plain)
    return plain if _PHONE.fullmatch(plain) and 3 <= digits <= 12 else None
