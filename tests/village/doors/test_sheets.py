"""Spreadsheets from outside are read safely, and given back harmless."""

from __future__ import annotations

import struct
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.make.door_sheets import HEADS, door_row, make_doors_sheet, make_sheet
from village.divisions.errors import RowFault
from village.doors import sheets
from village.doors.errors import NoSheet, SheetTooLarge


def test_cells_come_back_as_they_were_with_row_numbers_that_hold() -> None:
    cells = sheets.read_cells(make_sheet([[], door_row(12), ["0012", 3, 1.5, True]]))

    assert cells[0] == list(HEADS)
    assert cells[1] == [None] * 8
    assert cells[2][:3] == ["柳河镇青石湾村3组12号", 3, "12"]
    assert cells[3][:4] == ["0012", 3, 1.5, True]


def test_an_old_excel_file_is_read_too() -> None:
    assert sheets.read_cells(_old_file([["地址", "门牌号"], ["QSW", "12"]])) == [
        ["地址", "门牌号"],
        ["QSW", "12"],
    ]


def test_an_empty_first_sheet_is_passed_over() -> None:
    import xlsxwriter

    output = BytesIO()
    book = xlsxwriter.Workbook(output)
    book.add_worksheet()
    book.add_worksheet().write_string(0, 0, "门牌号")
    book.close()

    assert sheets.read_cells(output.getvalue()) == [["门牌号"]]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\x00" * 5000,
        b"PK\x03\x04" + b"x" * 100,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 3000,
    ],
)
def test_what_is_no_spreadsheet_is_refused(data: bytes) -> None:
    with pytest.raises(NoSheet):
        sheets.read_cells(data)


def test_a_file_that_unpacks_without_end_is_refused_before_it_is_read() -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets.LARGEST_UNZIPPED + 1))

    assert len(bomb.getvalue()) < 200_000
    with pytest.raises(SheetTooLarge):
        sheets.read_cells(bomb.getvalue())


def test_a_file_that_lies_about_the_size_of_its_parts_is_refused() -> None:
    data = bytearray(make_doors_sheet(3))
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 10)

    with pytest.raises(NoSheet):
        sheets.read_cells(bytes(data))


def test_a_tiny_file_that_claims_a_cell_in_the_last_corner_is_refused() -> None:
    source = zipfile.ZipFile(BytesIO(make_doors_sheet(1)))
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as parts:
        for info in source.infolist():
            data = source.read(info)
            if info.filename.endswith("sheet1.xml"):
                far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                data = data.replace(b"</sheetData>", far).replace(b'ref="A1:H2"', b'ref="A1:XFD1048576"')
            parts.writestr(info.filename, data)

    with pytest.raises((NoSheet, SheetTooLarge)):
        sheets.read_cells(output.getvalue())


def test_a_sheet_with_too_many_rows_or_columns_is_refused() -> None:
    with pytest.raises(SheetTooLarge):
        sheets.read_cells(make_sheet([[1]] * (sheets.MOST_ROWS + 1)))
    with pytest.raises(SheetTooLarge):
        sheets.read_cells(make_sheet([[1] * (sheets.MOST_COLUMNS + 1)]))


@settings(max_examples=8, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 4000))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(damage: bytes, at: int) -> None:
    data = bytearray(make_doors_sheet(2))
    data[at : at + len(damage)] = damage
    with suppress(NoSheet, SheetTooLarge):
        sheets.read_cells(bytes(data))


def test_headings_are_known_in_other_words_widths_and_rows() -> None:
    cells: sheets.Cells = [
        ["青石湾村门牌登记表"],
        [],
        ["序号", "详细地址（到户）", "村民小组*", "门牌号码", "经度（°）", "纬度", "ＬＡＴ", "备注"],
    ]

    guess = sheets.guess_columns(cells)

    assert guess.head_row == 3
    assert guess.columns == {"address": 1, "group": 2, "number": 3, "lng": 4, "lat": 5}


def test_a_sheet_without_headings_has_no_guess() -> None:
    assert sheets.guess_columns([["青石湾村", 3, 12]]).head_row == 0


def test_the_template_is_understood_by_its_own_reader() -> None:
    guess = sheets.guess_columns(sheets.read_cells(sheets.template()))

    assert guess.columns == {name: index for index, name in enumerate(sheets.COLUMNS)}


def test_the_sheet_given_back_names_every_reason_in_its_row() -> None:
    cells = sheets.read_cells(make_doors_sheet(3))

    back = sheets.read_cells(
        sheets.with_reasons(cells, 1, [RowFault(3, "经度", "没有经度"), RowFault(3, "组", "不是组号")])
    )

    assert back[0][-1] == "原因"
    assert [row[-1] for row in back[1:]] == [None, "经度：没有经度；组：不是组号", None]
    assert [row[:8] for row in back] == cells


@pytest.mark.parametrize("text", ["=1+1", "+8613", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_a_text_that_a_spreadsheet_might_run_is_made_harmless_and_comes_back_as_it_was(text: str) -> None:
    written = sheets.with_reasons([["门牌号"], [text]], 1, [])
    archive = zipfile.ZipFile(BytesIO(written))
    (cell,) = sheets.read_cells(written)[1][:1]

    assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert isinstance(cell, str) and cell.startswith("'")
    assert sheets.plain(cell) == text


def test_packing_keeps_every_cell() -> None:
    cells: sheets.Cells = [["甲", 1, 1.5, None, True], []]

    assert sheets.unpack(sheets.pack(cells)) == cells
    assert zlib.decompress(sheets.pack(cells))


def _old_file(rows: list[list[str]]) -> bytes:
    """A BIFF8 workbook of label cells in a compound file: the smallest .xls there can be."""
    stream = _biff(rows)
    stream += b"\x00" * (-len(stream) % 512) + b"\x00" * max(0, 4096 - len(stream))
    sectors = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    head += struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0
    )
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return head + struct.pack("<128I", *fat) + _directory(len(stream)) + stream


def _directory(size: int) -> bytes:
    def entry(name: str, kind: int, child: int, start: int, length: int) -> bytes:
        text = name.encode("utf-16-le").ljust(64, b"\x00")
        sizes = struct.pack("<HBBIII", (len(name) + 1) * 2 if name else 0, kind, 1, *[0xFFFFFFFF] * 2, child)
        return text + sizes + b"\x00" * 36 + struct.pack("<IQ", start, length)

    root = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
    return root + entry("Workbook", 2, 0xFFFFFFFF, 2, size) + entry("", 0, 0xFFFFFFFF, 0, 0) * 2


def _biff(rows: list[list[str]]) -> bytes:
    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))

    cells = b""
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            words = struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le")
            cells += record(0x0204, words)
    sheet = (
        begin(0x0010)
        + record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, 2, 0))
        + cells
        + record(0x0A, b"")
    )
    name = record(0x0085, struct.pack("<IHBB", 0, 0, 6, 0) + b"Sheet1")
    globals_ = begin(0x0005) + name + record(0x0A, b"")
    at = struct.pack("<I", len(globals_))
    return globals_.replace(name, record(0x0085, at + struct.pack("<HBB", 0, 6, 0) + b"Sheet1")) + sheet
