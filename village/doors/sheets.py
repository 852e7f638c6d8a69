"""Spreadsheets of doors: reading them safely, guessing what their columns are, and giving them back."""

from __future__ import annotations

import json
import re
import subprocess  # the reader is our own file, run by our own interpreter
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from village.divisions.errors import RowFault
from village.doors.errors import NoSheet, SheetTooLarge

LARGEST_FILE = 8 * 1024 * 1024
LARGEST_UNZIPPED = 80 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 20_000
MOST_COLUMNS = 60
READER = Path(__file__).with_name("sheet_reader.py")
WAIT_SECONDS = 40

Cell = str | int | float | bool | None
Cells = list[list[Cell]]

# What each column means, in the order of the template, with the words that headings use for it.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "address": ("地址", "标准地址", "详细地址", "门牌地址", "住址", "地址全称", "地址描述", "门址"),
    "group": ("组", "村民小组", "小组", "组号", "组别", "村组", "所在组", "村民组"),
    "number": ("门牌号", "门牌", "门号", "牌号", "门牌号码", "楼门牌号"),
    "lng": ("经度", "东经", "lng", "lon", "longitude", "x", "x坐标", "经度坐标"),
    "lat": ("纬度", "北纬", "lat", "latitude", "y", "y坐标", "纬度坐标"),
    "frame": ("坐标系", "坐标系统", "坐标类型", "坐标"),
    "police_code": (
        "标准地址编码",
        "标准地址码",
        "地址编码",
        "地址码",
        "公安地址码",
        "公安标准地址码",
        "标准地址代码",
    ),
    "room": ("户室", "室号", "房号", "房间号", "户号", "室"),
}
TITLES = {name: words[0] for name, words in COLUMNS.items()}
NEEDED = ("lng", "lat")
_MEANING = {word: name for name, words in COLUMNS.items() for word in words}
_BRACKETS = re.compile(r"[（(\[【].*?[）)\]】]")


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """Where the headings stand (a row counted from 1, 0 for none) and which column (counted from 0) means what."""

    head_row: int
    columns: Mapping[str, int]


def read_cells(data: bytes) -> Cells:
    """
    Return the cells of the first sheet with anything in it, from its very first row.

    Raises:
        NoSheet: the file is no spreadsheet.
        SheetTooLarge: the file, or what it unpacks to, is too large.
    """
    if len(data) > LARGEST_FILE:
        raise SheetTooLarge(f"文件超过 {LARGEST_FILE // 1024 // 1024} MB，请分几次导入")
    if data.startswith(b"PK\x03\x04"):
        _measure(data)
    elif not data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise NoSheet()
    command = [sys.executable, "-I", str(READER), str(MOST_ROWS), str(MOST_COLUMNS)]
    try:
        answer = subprocess.run(command, input=data, capture_output=True, timeout=WAIT_SECONDS, check=False)  # noqa: S603 - nothing of the file is in the command
    except subprocess.TimeoutExpired as error:
        raise NoSheet() from error
    if answer.returncode == 3:
        raise SheetTooLarge(f"表格超过 {MOST_ROWS} 行或 {MOST_COLUMNS} 列，请分几次导入，或删掉空白的行列")
    if answer.returncode != 0:
        raise NoSheet()
    cells: Cells = json.loads(answer.stdout)
    return cells


def _measure(data: bytes) -> None:
    """Unpack every part once, counting; what a file says of its own sizes is not believed."""
    left = LARGEST_UNZIPPED
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            if len(parts.infolist()) > MOST_PARTS:
                raise SheetTooLarge("文件里的部分太多，不像普通的表格")
            for info in parts.infolist():
                with parts.open(info) as part:
                    while chunk := part.read(256 * 1024):
                        left -= len(chunk)
                        if left < 0:
                            raise SheetTooLarge("文件解开以后太大，请另存一份干净的表格再试")
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise NoSheet() from error


def words_of(cell: Cell) -> str:
    """Return a cell as somebody reading the sheet would say it."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(cell)
    return str(cell)


def guess_columns(cells: Cells) -> ColumnGuess:
    """Find the row of headings among the first ten, and the meaning of each heading; unknown ones are left alone."""
    best = ColumnGuess(0, {})
    for number, row in enumerate(cells[:10], start=1):
        found: dict[str, int] = {}
        for index, cell in enumerate(row):
            meaning = _MEANING.get(_heading(cell))
            if meaning is not None and meaning not in found:
                found[meaning] = index
        if len(found) > max(1, len(best.columns)):
            best = ColumnGuess(number, found)
    return best


def _heading(cell: Cell) -> str:
    text = unicodedata.normalize("NFKC", words_of(cell)).lower()
    return re.sub(r"[\s*:：]", "", _BRACKETS.sub("", text))


def pack(cells: Cells) -> bytes:
    """Return the cells in few bytes, to be kept between preview and confirmation."""
    return zlib.compress(json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpack(packed: bytes) -> Cells:
    """Return what :func:`pack` packed."""
    cells: Cells = json.loads(zlib.decompress(packed))
    return cells


def template() -> bytes:
    """Return the empty sheet that a clerk fills in, with one example row and every column as text where digits matter."""
    output = BytesIO()
    book = _book(output)
    sheet = book.add_worksheet("门")
    head = book.add_format({"bold": True, "bg_color": "#F5E6C3", "border": 1})
    text = book.add_format({"num_format": "@"})
    for index, (name, title) in enumerate(TITLES.items()):
        wide = {"address": 40, "police_code": 26}.get(name, 12)
        sheet.set_column(index, index, wide, None if name in NEEDED else text)
        sheet.write_string(0, index, title, head)
    sheet.freeze_panes(1, 0)
    frames = ["WGS-84", "GCJ-02", "BD-09"]
    column = list(TITLES).index("frame")
    sheet.data_validation(1, column, MOST_ROWS, column, {"validate": "list", "source": frames})
    notes = book.add_worksheet("填写说明")
    notes.set_column(0, 0, 16)
    notes.set_column(1, 1, 90)
    for row, line in enumerate(_NOTES):
        for index, words in enumerate(line):
            notes.write_string(row, index, words)
    book.close()
    return output.getvalue()


_NOTES = (
    ("地址", "可以写到组和号，例如 青石湾村三组12号；自然湾、路名也写在这里"),
    ("组", "村民小组的数字，没有就空着"),
    ("门牌号", "牌上的号，例如 12 或 12-1（12号附1号）"),
    ("经度、纬度", "小数的度数，至少 5 位小数，例如 113.94061 和 30.87120"),
    ("坐标系", "WGS-84（手机定位、天地图）、GCJ-02（高德、腾讯）、BD-09（百度）；空着就用导入时选的"),
    ("标准地址编码", "公安的标准地址编码，没有就空着；请先把这一列设为文本，否则 Excel 会丢掉后几位"),
    ("户室", "同一门里分户才填，1 到 999"),
)


def with_reasons(cells: Cells, head_row: int, faults: Sequence[RowFault]) -> bytes:
    """Return the sheet with a red column 原因 behind it, which says of every row what is wrong with it."""
    reasons: dict[int, list[str]] = {}
    for fault in faults:
        words = f"{fault.column}：{fault.sentence}" if fault.column else fault.sentence
        reasons.setdefault(fault.row, []).append(words)
    width = max((len(row) for row in cells), default=0)
    output = BytesIO()
    book = _book(output)
    sheet = book.add_worksheet("请改正")
    red = book.add_format({"font_color": "#B3301E", "bold": True, "text_wrap": True})
    sheet.set_column(width, width, 60)
    sheet.freeze_panes(max(head_row, 0), 0)
    for index, row in enumerate(cells):
        for column, cell in enumerate(row):
            _write(sheet, index, column, cell)
        if index + 1 == head_row:
            sheet.write_string(index, width, "原因", red)
        elif index + 1 in reasons:
            sheet.write_string(index, width, harmless("；".join(reasons[index + 1])), red)
    book.close()
    return output.getvalue()


def _book(output: BytesIO) -> Any:
    import xlsxwriter  # 12 MB that a web process needs only once a sheet is asked for

    return xlsxwriter.Workbook(
        output, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )


def _write(sheet: Any, row: int, column: int, cell: Cell) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float) and abs(cell) < 1e15:
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, harmless(words_of(cell)[:32_000]))


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula when somebody touches its cell."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def plain(text: str) -> str:
    """Take away the sign that :func:`harmless` put there, so that a corrected sheet comes back as it was."""
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@", "\t", "\r"} else text
