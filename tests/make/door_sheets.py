"""Spreadsheets of doors, as clerks send them."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import xlsxwriter

from tests.make.doors import LAT, LNG

HEADS = ("地址", "组", "门牌号", "经度", "纬度", "坐标系", "标准地址编码", "户室")
Row = Sequence[Any]


def door_row(number: int, **changes: Any) -> list[Any]:
    """One row of the template: a door some ten metres beside the one before it."""
    row = {
        "地址": f"柳河镇青石湾村3组{number}号",
        "组": 3,
        "门牌号": str(number),
        "经度": round(LNG + number % 70 * 1e-4 + 1.23e-6, 8),
        "纬度": round(LAT + number // 70 * 1e-4 + 1.23e-6, 8),
        "坐标系": "WGS-84",
        "标准地址编码": f"42019910420700{number:08d}",
        "户室": None,
        **changes,
    }
    return list(row.values())


def make_sheet(rows: Sequence[Row], *, heads: Sequence[str] = HEADS) -> bytes:
    """An .xlsx file with headings and rows."""
    output = BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for index, row in enumerate([heads, *rows]):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(index, column, cell)
            elif cell is not None:
                sheet.write(index, column, cell)
    book.close()
    return output.getvalue()


def make_doors_sheet(count: int, **changes: Any) -> bytes:
    """A sheet of *count* different doors."""
    return make_sheet([door_row(number, **changes) for number in range(1, count + 1)])
