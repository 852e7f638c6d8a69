"""Reading doors: for lists and single pages of the desk, and for what a sheet is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from commons.db import db
from commons.paging import Page
from village.divisions.models import Village
from village.divisions.queries import county_cells, divisions_around
from village.doors.models import Door, DoorImport
from village.doors.place_rules import Point
from village.doors.plan_rules import KnownDoor
from village.doors.row_rules import RowContext
from village.grids.models import Grid

PAGE_SIZE = 50
FEWEST_SPOTS = 5
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class DoorLine:
    """A door in a list of the desk."""

    id: int
    address: str
    label: str
    group_no: int
    hamlet: str
    address_code: str
    grid_number: int | None
    village_name: str


def row_context(village_code: str, default_frame: str) -> RowContext:
    """Return everything that the rows of a sheet for this village are checked against."""
    spots = known_spots(village_code)
    table = divisions_around(village_code)
    here = table.get(village_code)
    return RowContext(
        village_code=village_code,
        divisions=table,
        above=table.full_name(here) if here is not None else "",
        default_frame=default_frame,
        county_cells=county_cells(village_code[:6]),
        village_spots=spots if len(spots) >= FEWEST_SPOTS else (),
        county_spot=_county_spot(village_code),
    )


def known_spots(village_code: str) -> tuple[Point, ...]:
    """Return where the doors of a village are."""
    query = select(Door.lat, Door.lng).where(Door.village_code == village_code)
    return tuple((lat, lng) for lat, lng in db.session.execute(query))


def _county_spot(village_code: str) -> Point | None:
    """The middle of the other villages of the county, from one door of each."""
    firsts = (
        select(func.min(Door.id))
        .where(Door.county_code == village_code[:6], Door.village_code != village_code)
        .group_by(Door.village_code)
    )
    spots = db.session.execute(select(Door.lat, Door.lng).where(Door.id.in_(firsts))).all()
    if not spots:
        return None
    return median(lat for lat, _ in spots), median(lng for _, lng in spots)


def known_doors(village_code: str) -> list[KnownDoor]:
    """Return the doors of a village as a sheet may change them."""
    query = select(
        Door.id,
        Door.group_no,
        Door.hamlet,
        Door.label,
        Door.room_no,
        Door.door_no,
        Door.address,
        Door.lat,
        Door.lng,
        Door.police_address_code,
    ).where(Door.village_code == village_code)
    return [KnownDoor(*tuple(row)) for row in db.session.execute(query)]


def codes_taken_elsewhere(codes: Iterable[str], village_code: str) -> dict[str, str]:
    """Return which of the official codes belong to doors of other villages, with the names of these."""
    wanted = sorted(set(codes))
    taken: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = (
            select(Door.police_address_code, Village.name)
            .join(Village, Village.code == Door.village_code)
            .where(
                Door.police_address_code.in_(wanted[start : start + _AT_ONCE]),
                Door.village_code != village_code,
            )
        )
        taken.update({str(code): name for code, name in db.session.execute(query)})
    return taken


def doors_page(scope: ColumnElement[bool], text: str, number: int, village_code: str = "") -> Page[DoorLine]:
    """Return one page of the doors in *scope* that *text* finds: part of an address, an address code, or a plate's code."""
    where = [scope]
    if village_code:
        where.append(Door.village_code == village_code)
    if text:
        where.append(_found_by(text))
    total = db.session.scalar(_lines(func.count()).where(*where)) or 0
    query = (
        _lines(
            Door.id,
            Door.address,
            Door.label,
            Door.group_no,
            Door.hamlet,
            Door.address_code,
            Grid.number,
            Village.name,
        )
        .where(*where)
        .order_by(Door.village_code, Door.group_no, Door.hamlet, Door.door_no, Door.room_no)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page([DoorLine(*tuple(row)) for row in db.session.execute(query)], number, PAGE_SIZE, total)


def _lines(*columns: Any) -> Select[*tuple[Any, ...]]:
    joined = select(*columns).select_from(Door).join(Village, Village.code == Door.village_code)
    return joined.outerjoin(Grid, Grid.id == Door.grid_id)


def _found_by(text: str) -> ColumnElement[bool]:
    words = text.replace(" ", "")
    return or_(
        Door.address.contains(words, autoescape=True),
        Door.address_code == words.upper(),
        Door.police_address_code == text,
    )


def imports_in(scope: ColumnElement[bool], limit: int = 20) -> list[DoorImport]:
    """Return the latest imports in a scope that came to something, newest first."""
    query = (
        select(DoorImport)
        .where(scope, DoorImport.state != "checked")
        .order_by(DoorImport.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(query))
