"""Looking up divisions: by name, by what lies above, and as a table that addresses are read with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from commons.db import db, prefix_range
from geocode import division_codes
from geocode.addresses import Divisions
from village.divisions.models import CountyOutline, Division, DivisionHistory, Village

MOST_CANDIDATES = 500
_WIDTHS = (2, 4, 6, 9)
# The stand-in above counties that lie directly under their province is no part of an address.
_DIRECT = "90"


@dataclass(frozen=True, slots=True)
class FoundDivision:
    """A division as somebody looking for it sees it."""

    code: str
    name: str
    level: str
    kind_name: str
    path: str
    is_enabled: bool

    @property
    def is_village(self) -> bool:
        """Say whether it could be opened here: a village, and not an invented one."""
        return self.level == "village" and not division_codes.is_reserved_village(self.code)


def find_divisions(
    text: str, *, within: ColumnElement[bool] | None = None, villages_only: bool = False, limit: int = 50
) -> list[FoundDivision]:
    """
    Return divisions by words of their name; words before the last one may belong to what lies above them.

    "柳河 青石湾" finds 青石湾村 in 柳河镇. A code of twelve digits finds its division.
    """
    words = text.split()[:6]
    if not words:
        return []
    query = select(Division).order_by(Division.code).limit(MOST_CANDIDATES)
    last = words[-1]
    if last.isascii() and last.isdigit():
        query = query.where(prefix_range(Division.code, last[:12]))
    else:
        query = query.where(Division.name.contains(last, autoescape=True))
    if villages_only:
        query = query.where(Division.level == "village")
    if within is not None:
        query = query.where(within)
    found = _with_paths(db.session.scalars(query).all())
    return [one for one in found if all(word in one.path or word in one.code for word in words)][:limit]


def division(code: str) -> FoundDivision | None:
    """Return one division with the names above it."""
    row = db.session.get(Division, code)
    return None if row is None else _with_paths([row])[0]


def _with_paths(rows: Iterable[Division]) -> list[FoundDivision]:
    rows = list(rows)
    above = {row.code[:width].ljust(12, "0") for row in rows for width in _WIDTHS}
    named = select(Division.code, Division.name).where(Division.code.in_(above))
    names = dict(db.session.execute(named).all())
    enabled = set(
        db.session.scalars(select(Village.code).where(Village.code.in_({row.code for row in rows})))
    )
    return [
        FoundDivision(
            code=row.code,
            name=row.name,
            level=row.level,
            kind_name=division_codes.KIND_NAMES[row.kind],
            path=_path(row, names),
            is_enabled=row.code in enabled,
        )
        for row in rows
    ]


def _path(row: Division, names: dict[str, str]) -> str:
    parts: list[str] = []
    for width in _WIDTHS:
        code = row.code[:width].ljust(12, "0")
        if code == row.code:
            break
        if width == 4 and row.code[2:4] == _DIRECT:
            continue
        parts.append(names.get(code, ""))
    return "".join((*parts, row.name))


def divisions_around(village_code: str) -> Divisions:
    """Return the divisions of the village's county and those above it, as addresses are read with."""
    above = {village_code[:width].ljust(12, "0") for width in (2, 4)}
    where = prefix_range(Division.code, village_code[:6]) | Division.code.in_(above)
    rows = db.session.execute(select(Division.code, Division.name).where(where))
    return Divisions.load({"code": code, "name": name} for code, name in rows)


def villages(within: ColumnElement[bool] | None = None) -> list[Village]:
    """Return the villages that were opened here, by code."""
    query = select(Village).order_by(Village.code)
    return list(db.session.scalars(query if within is None else query.where(within)))


def county_cells(county_code: str) -> frozenset[str]:
    """Return the cells (resolution 8) that a county touches; none if nobody gave us its outline."""
    outline = db.session.get(CountyOutline, county_code)
    return frozenset(outline.cells) if outline is not None else frozenset()


def history_of(code: str) -> list[DivisionHistory]:
    """Return what has changed about a division, newest first."""
    query = select(DivisionHistory).where(DivisionHistory.code == code)
    return list(db.session.scalars(query.order_by(DivisionHistory.id.desc()).limit(50)))
