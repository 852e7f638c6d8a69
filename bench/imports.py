"""
The two imports of a county, against bare inserts of as many rows into the same database.

    .venv/bin/python -m bench.imports [--databases sqlite,postgis] [--table FILE]

Times are by the wall clock, from the bytes of the file to the committed transaction, every check included. The bare side
inserts rows of the same width in one transaction and checks nothing. imports.md says what the numbers mean.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from bench.throwaway import KINDS, fresh
from commons.db import db, transaction
from tests.make.division_table import division_csv
from tests.make.divisions import VILLAGE, make_village
from tests.make.door_sheets import make_doors_sheet
from village.divisions import actions as divisions
from village.divisions import rules
from village.doors import actions as doors
from village.doors import sheets

DOORS = 5_000
LIMIT_SECONDS = 10
_WORDS = {
    "division": "云泽省江汉市云台县柳河镇青石湾村民委员会" * 2,
    "door": "云泽省江汉市云台县柳河镇青石湾村3组12号" * 8,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a piece of work took: seconds by the clock on the wall, and of our own processor time."""

    seconds: float
    processor_s: float


def timed(work: Callable[[], Any]) -> Taken:
    """Return what *work* takes."""
    begun, used = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - begun, time.process_time() - used)


def import_divisions(data: bytes) -> None:
    """From the bytes of the table to the committed rows."""
    sheet = rules.read_sheet(data)
    with transaction():
        divisions.import_divisions(sheet)


def import_doors(data: bytes) -> None:
    """From the bytes of the spreadsheet to the committed doors."""
    cells = sheets.read_cells(data)
    guess = sheets.guess_columns(cells)
    columns = {"head_row": guess.head_row, **guess.columns}
    checked = doors.check_sheet(cells, columns, VILLAGE, "gcj02")
    assert not checked.faults, checked.faults[:3]
    with transaction():
        doors.import_doors(VILLAGE, "bench.xlsx", data, checked)


def bare(rows: int, words: str) -> Taken:
    """Insert *rows* rows of one text in one transaction."""
    table = Table("bench_bare", MetaData(), Column("id", Integer, primary_key=True), Column("words", String))
    table.create(db.engine)
    values = [{"words": words} for _ in range(rows)]
    try:

        def store() -> None:
            with transaction() as session:
                session.execute(insert(table), values)

        return timed(store)
    finally:
        db.session.remove()
        table.drop(db.engine)


def measure(table: bytes) -> Iterator[dict[str, Any]]:
    """Measure both imports in the current application's database."""
    count = table.count(b"\n") - 1
    base = bare(count, _WORDS["division"])
    first = timed(lambda: import_divisions(table))
    yield _line("divisions", count, first, base)
    yield _line("divisions again", count, timed(lambda: import_divisions(table)), base)
    make_village()
    base = bare(DOORS, _WORDS["door"])
    data = make_doors_sheet(DOORS, 坐标系="GCJ-02")
    yield _line("doors", DOORS, timed(lambda: import_doors(data)), base)
    yield _line("doors again", DOORS, timed(lambda: import_doors(data)), base)


def _line(what: str, rows: int, taken: Taken, base: Taken) -> dict[str, Any]:
    return {
        "what": what,
        "rows": rows,
        "seconds": round(taken.seconds, 2),
        "processor_s": round(taken.processor_s, 2),
        "bare_seconds": round(base.seconds, 2),
        "times_bare": round(taken.seconds / base.seconds, 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--databases", default=",".join(KINDS))
    parser.add_argument(
        "--table", type=Path, help="a division table of one's own instead of the fictional one"
    )
    asked = parser.parse_args()
    table = asked.table.read_bytes() if asked.table else division_csv()
    ratios: list[tuple[str, float, float | None]] = []
    for kind in asked.databases.split(","):
        with fresh(kind) as place, place.app().app_context():
            for line in measure(table):
                print(json.dumps({"database": kind, **line}, ensure_ascii=False), flush=True)
                ratios.append(
                    (
                        f"{line['what']}, {kind}: {LIMIT_SECONDS} s to the time taken",
                        LIMIT_SECONDS / line["seconds"],
                        1,
                    )
                )
            db.session.remove()
            db.engine.dispose()
    print(json.dumps({"ratios": ratios}, ensure_ascii=False))
    return 0 if all(value >= 1 for _name, value, _target in ratios) else 1


if __name__ == "__main__":
    sys.exit(main())
