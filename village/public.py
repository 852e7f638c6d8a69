"""
All that others may know of the village: doors by the code on their plate, villages, what lies near, and a place kept vague.

Everything returned is a frozen plain value that may be kept across transactions and network calls. Nothing here says
anything about people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from math import hypot
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row, Select, bindparam, select, update

from commons.db import WriteOutsideTransaction, db, in_transaction, metres, prefix_range
from commons.errors import Refusal
from geocode import beidou, cells
from geocode.door_codes import normalize_code
from geocode.errors import BadDoorCodeError
from village.divisions.models import Village
from village.doors.models import Door
from village.doors.rules import NEAR_RESOLUTION, near_cell
from village.grids.models import Grid
from village.plates.models import Plate, PlateBatch
from village.plates.rules import PlateState, Standing, standing_of

FIELD_FROM_DOORS_M = 100
_MOST_DOORS_AROUND_A_FIELD = 1000
# A resolution-8 cell is at least 400 m across from its edge, measured anywhere in China.
_STEP_M = 400
_FARTHEST_M = 20_000


@dataclass(frozen=True, slots=True)
class VillageRef:
    """A village that works with this system."""

    code: str
    name: str
    town_name: str
    county_code: str
    county_name: str
    duty_phone: str
    seal_path: str = ""


@dataclass(frozen=True, slots=True)
class DoorRef:
    """
    A door as its plate tells it. ``code`` is the code on the plate, ``label`` the number written there ("12", "12-1").

    ``grid_area`` is the area its grid officer is appointed to ("420199104207-03"), empty where no grid was drawn.
    ``h3_near`` is the only place others may reckon distances from.
    """

    code: str
    address_code: str
    village_code: str
    county_code: str
    village_name: str
    town_name: str
    group_no: int
    label: str
    address: str
    grid_id: int | None
    grid_area: str
    h3_near: int
    id: int = 0
    hamlet: str = ""
    room_no: int = 0


@dataclass(frozen=True, slots=True)
class PlateRef:
    """A plate of ours: what a scan of it meets, and the door it was made for."""

    code: str
    standing: Standing
    is_demonstration: bool
    door: DoorRef
    village: VillageRef


@dataclass(frozen=True, slots=True)
class NearDoor:
    """A door near some place: never shown to strangers, only counted and compared."""

    id: int
    village_code: str
    metres: float


@dataclass(frozen=True, slots=True)
class DoorSection:
    """What a guest of the slot ``door-page`` answers; ``valid_until`` is when its words change by themselves."""

    html: Markup
    valid_until: datetime | None = None


class TooNearADoor(Refusal):
    """A field's exact cell would give away a home."""

    code = "too_near_a_door"

    def __init__(self) -> None:
        super().__init__(
            f"这块地离住户不到 {FIELD_FROM_DOORS_M} 米，只能公开到约 1.6 公里的范围", field="place"
        )


class ConsentNeeded(Refusal):
    """A finer origin is shown only if the farmer said so."""

    code = "consent_needed"

    def __init__(self) -> None:
        super().__init__("公开到地块要先征得农户同意", field="consent")


def find_plate(code: str) -> PlateRef | None:
    """
    Return the plate that carries *code*, however it was typed, with its door; None if it is none of ours.

    A code whose check character is wrong costs no query. A plate that has not left the printing house yet is not known.
    """
    try:
        plain = normalize_code(code)
    except BadDoorCodeError:
        return None
    row = db.session.execute(_plate_of_code(), {"plain": plain}).first()
    return None if row is None else _plate_ref(row)


def find_door(code: str) -> DoorRef | None:
    """Return the door whose present plate carries *code*; None for a wrong, unknown, withdrawn or replaced one."""
    found = find_plate(code)
    return found.door if found is not None and found.standing is Standing.open else None


def door_of(door_id: int) -> DoorRef | None:
    """Return a door by its id, for a row that refers to it; ``code`` is empty while it has no plate that opens."""
    query = _door_query().outerjoin(Plate, Plate.current_door_id == Door.id).where(Door.id == door_id)
    row = db.session.execute(query).first()
    return None if row is None else _door_ref(row, row.plate_code if opens(row.plate_state) else "")


def village_ref(code: str) -> VillageRef | None:
    """Return the village with a code of twelve digits, if it works with this system."""
    row = db.session.execute(_village_query().where(Village.code == code)).first()
    return None if row is None else VillageRef(*row)


def any_cell_of(village_code: str) -> int:
    """Return one resolution-8 cell with a door of the village: a place to reckon from when no door is named; 0 without doors."""
    first = select(Door.h3_near).where(Door.village_code == village_code).order_by(Door.door_no).limit(1)
    return db.session.scalar(first) or 0


def any_door_of(village_code: str, position: int = 0) -> DoorRef:
    """Return one door of a village by its place in the order of issue; raises ``LookupError`` where there is none."""
    numbered = select(Door.id).where(Door.village_code == village_code).order_by(Door.door_no)
    door_id = db.session.scalar(numbered.offset(position).limit(1))
    found = None if door_id is None else door_of(door_id)
    if found is None:
        raise LookupError(f"no door {position} in {village_code}")
    return found


def origin_of_village(village_code: str) -> str:
    """Return the level-4 cell (about 1.6 km) that stands for a village where no field is named."""
    cell = any_cell_of(village_code)
    lat, lng = cells.cell_to_latlng(cell) if cell else (0.0, 0.0)
    return origin_cell(lat, lng, 4)


def enabled_villages() -> list[VillageRef]:
    """Return every village that works with this system, in the order of their codes."""
    return [VillageRef(*row) for row in db.session.execute(_village_query().order_by(Village.code))]


def page_version(village_code: str) -> int | None:
    """Return the version of everything shown on the village's door pages, as it is committed now."""
    return db.session.scalar(page_version_query(village_code))


def page_version_query(village_code: str) -> Select[int]:
    """Return the question behind :func:`page_version`, for a reader that asks the driver itself."""
    return select(Village.page_version).where(Village.code == village_code)


def bump_page(village_code: str) -> None:
    """
    Say that something shown on the village's door pages has changed; part of the transaction that changed it.

    Raises:
        WriteOutsideTransaction: no ``transaction()`` stands around the change.
    """
    if not in_transaction():
        raise WriteOutsideTransaction("bump_page() belongs to the transaction that changes the page")
    bump_pages(village_code)


def bump_pages(area: str) -> None:
    """
    Say the same of every village in *area*: a code of 6, 9 or 12 digits, or a grid's, which counts as its village.

    Raises:
        WriteOutsideTransaction: no ``transaction()`` stands around the change.
    """
    if not in_transaction():
        raise WriteOutsideTransaction("bump_pages() belongs to the transaction that changes the pages")
    where = prefix_range(Village.code, area.partition("-")[0])
    raised = update(Village).where(where).values(page_version=Village.page_version + 1)
    db.session.execute(raised, execution_options={"synchronize_session": False})


def doors_near(lat: float, lng: float, within_m: float, limit: int = 50) -> list[NearDoor]:
    """Return doors at most *within_m* metres from a place (WGS-84), nearest first; one query."""
    reach = min(float(within_m), _FARTHEST_M)
    steps = int(reach // _STEP_M) + 1
    around = [int(cell, 16) for cell in cells.grid_disk(near_cell(lat, lng), steps)]
    away = metres(Door.place, lng, lat)
    query = (
        select(Door.id, Door.village_code, away.label("away"))
        .where(Door.h3_near.in_(around), away <= reach)
        .order_by("away", Door.id)
        .limit(limit)
    )
    return [NearDoor(*row) for row in db.session.execute(query)]


def origin_cell(lat: float, lng: float, level: int = 4, *, has_consent: bool = False) -> str:
    """
    Return the BeiDou code of the cell that a product's public origin may name.

    Level 4 (about 1.6 km) is always possible; level 6 only for a field whose cell lies at least 100 m from any door with all
    its ground, since the cell and not the place in it is what strangers see, and with the farmer's consent. No other level is ever public.

    Raises:
        ConsentNeeded, TooNearADoor: level 6 is not possible here.
        ValueError: another level.
    """
    if level not in {4, 6}:
        raise ValueError("a public origin is a cell of level 4 or 6")
    if level == 6:
        if not has_consent:
            raise ConsentNeeded()
        if _is_near_a_door(beidou.latlng_to_code(lat, lng, level)):
            raise TooNearADoor()
    return beidou.latlng_to_code(lat, lng, level)


def _is_near_a_door(cell: str) -> bool:
    """Say whether any ground of a small cell lies within 100 m of a door."""
    south, west, north, east = beidou.code_to_bounds(cell)
    wide_m, high_m = beidou.cell_size_m(cell)
    reach = FIELD_FROM_DOORS_M + hypot(wide_m, high_m) / 2
    near = [door.id for door in doors_near(*beidou.code_to_latlng(cell), reach, _MOST_DOORS_AROUND_A_FIELD)]
    for lat, lng in db.session.execute(select(Door.lat, Door.lng).where(Door.id.in_(near))):
        up_m = max(south - lat, lat - north, 0.0) * high_m / (north - south)
        aside_m = max(west - lng, lng - east, 0.0) * wide_m / (east - west)
        if hypot(up_m, aside_m) <= FIELD_FROM_DOORS_M:
            return True
    return False


_DOOR_COLUMNS = (
    Door.id,
    Door.address_code,
    Door.village_code,
    Door.county_code,
    Door.group_no,
    Door.hamlet,
    Door.label,
    Door.room_no,
    Door.address,
    Door.grid_id,
    Door.h3_near,
    Grid.area.label("grid_area"),
    Village.name.label("village_name"),
    Village.town_name,
    Village.county_name,
    Village.duty_phone,
    Village.seal_path,
    Plate.code.label("plate_code"),
    Plate.state.label("plate_state"),
)


def _door_query() -> Select[*tuple[Any, ...]]:
    return (
        select(*_DOOR_COLUMNS)
        .select_from(Door)
        .join(Village, Village.code == Door.village_code)
        .outerjoin(Grid, Grid.id == Door.grid_id)
    )


def _plate_query() -> Select[*tuple[Any, ...]]:
    joined = _door_query().join(Plate, Plate.door_id == Door.id)
    return joined.join(PlateBatch, PlateBatch.id == Plate.batch_id).add_columns(PlateBatch.is_demonstration)


def _village_query() -> Select[*tuple[Any, ...]]:
    return select(
        Village.code,
        Village.name,
        Village.town_name,
        Village.county_code,
        Village.county_name,
        Village.duty_phone,
        Village.seal_path,
    )


@cache
def _plate_of_code() -> Select[*tuple[Any, ...]]:
    # Built once: putting it together takes three times as long as asking it.
    return _plate_query().where(Plate.code == bindparam("plain"))


def opens(state: str | None) -> bool:
    """Say whether a plate in *state* opens its door."""
    return state is not None and standing_of(PlateState(state)) is Standing.open


def _door_ref(row: Row[Any], code: str) -> DoorRef:
    return DoorRef(
        code=code,
        address_code=row.address_code,
        village_code=row.village_code,
        county_code=row.county_code,
        village_name=row.village_name,
        town_name=row.town_name,
        group_no=row.group_no,
        label=row.label,
        address=row.address,
        grid_id=row.grid_id,
        grid_area=row.grid_area or "",
        h3_near=row.h3_near,
        id=row.id,
        hamlet=row.hamlet,
        room_no=row.room_no,
    )


def _plate_ref(row: Row[Any]) -> PlateRef | None:
    standing = standing_of(PlateState(row.plate_state))
    if standing is None:
        return None
    village = VillageRef(
        row.village_code,
        row.village_name,
        row.town_name,
        row.county_code,
        row.county_name,
        row.duty_phone,
        row.seal_path,
    )
    return PlateRef(row.plate_code, standing, row.is_demonstration, _door_ref(row, row.plate_code), village)


__all__ = [
    "ConsentNeeded",
    "DoorRef",
    "DoorSection",
    "NEAR_RESOLUTION",
    "NearDoor",
    "PlateRef",
    "Standing",
    "TooNearADoor",
    "VillageRef",
    "any_cell_of",
    "any_door_of",
    "bump_page",
    "bump_pages",
    "door_of",
    "doors_near",
    "enabled_villages",
    "find_door",
    "find_plate",
    "origin_cell",
    "origin_of_village",
    "page_version",
    "page_version_query",
    "village_ref",
]
