"""Division tables for tests: the small fictional one, and a large one when a deployment's table is at hand."""

from __future__ import annotations

import csv
from pathlib import Path

from geocode.addresses import Divisions
from tests.make.division_table import HEADS, division_rows

CORPUS = Path(__file__).parent / "corpus"
SHARED_TABLE = Path(__file__).parents[2].parent / "shared" / "data" / "hubei_divisions.csv"


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def province_rows() -> list[dict[str, str]]:
    """Thirty thousand rows: an imported table where it is at hand, else one made up with the quirks of a real one."""
    if SHARED_TABLE.exists():
        return read_rows(SHARED_TABLE)
    return [dict(zip(HEADS, row, strict=True)) for row in division_rows()]


def fictional_table() -> Divisions:
    """Towns and villages that do not exist, in counties that do."""
    return Divisions.load(read_rows(CORPUS / "divisions.csv"))
