"""
Reads one spreadsheet in a process of its own: the file on standard input, its cells as JSON on standard output.

A spreadsheet from outside may be made to unpack without end. Here it can only end this process, whose memory and time are
limited. Started by ``sheets.read_cells`` as a file, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO

from python_calamine import CalamineWorkbook, SheetVisibleEnum

MEMORY = 1_200 * 1024 * 1024
SECONDS = 20

Cell = str | int | float | bool | None


def main(most_rows: int, most_columns: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    book = CalamineWorkbook.from_filelike(BytesIO(sys.stdin.buffer.read()))
    names = [one.name for one in book.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
    rows: list[list[Cell]] = []
    for name in names or book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        last_row, last_column = sheet.end or (0, 0)
        if last_row >= most_rows or last_column >= most_columns:
            raise SystemExit(3)
        found = sheet.to_python(skip_empty_area=False)
        rows = [[_plain(cell) for cell in row] for row in found]
        if any(cell is not None for row in rows for cell in row):
            break
    json.dump(rows, sys.stdout)


def _plain(cell: str | float | bool | date | time | datetime | timedelta) -> Cell:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, str):
        return cell or None
    return cell if isinstance(cell, int | float | bool) else str(cell)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
