"""Grids, doors and plates that could exist: their codes are right and lie where they say."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from commons import clock
from commons.columns import area, point
from commons.db import db
from geocode import address_codes, cells
from tests.make.divisions import make_village, written
from village.divisions.models import Village
from village.doors.actions import lock_counter
from village.doors.models import Door
from village.doors.rules import place_codes
from village.grids.models import Grid
from village.grids.rules import grid_area, outline_wkt
from village.plates.actions import free_codes
from village.plates.models import Plate, PlateBatch
from village.plates.rules import ENDED, PlateState

# A hillside without a house, about 60 km west of the real villages of that county number.
LAT, LNG = 30.8712, 113.9406
GRID_RESOLUTION = 10


def make_grid(
    *,
    village: Village | None = None,
    number: int | None = None,
    name: str = "",
    around: tuple[float, float] | None = None,
    groups: tuple[int, ...] = (),
) -> Grid:
    """A grid: without *around* (lat, lng) it is made of groups alone, with it also of the cells about that place."""
    with written():
        village = village or make_village()
        last = db.session.scalar(select(func.max(Grid.number)).where(Grid.village_code == village.code))
        held = cells.grid_disk(cells.latlng_to_cell(*around, GRID_RESOLUTION), 2) if around else []
        number = number or (last or 0) + 1
        grid = Grid(
            village_code=village.code,
            number=number,
            area=grid_area(village.code, number),
            name=name,
            outline=area(outline_wkt(held)) if held else None,
            cells=held,
            groups=list(groups),
            created_at=clock.now(),
        )
        db.session.add(grid)
        db.session.flush()  # doors refer to it in this same transaction
        return grid


def make_door(
    *,
    village: Village | None = None,
    label: str | None = None,
    group_no: int = 3,
    at: tuple[float, float] | None = None,
    grid: Grid | None = None,
    **more: Any,
) -> Door:
    """A door at *at* (lat, lng), else some ten metres beside the one before it."""
    with written():
        village = village or make_village()
        counter = lock_counter(village.code)
        counter.last_no += 1
        number = counter.last_no
        lat, lng = at or (LAT + number * 1e-4, LNG)
        room_no = more.pop("room_no", 0)
        codes = place_codes(lat, lng)
        text = label or str(number)
        door = Door(
            village_code=village.code,
            county_code=village.county_code,
            group_no=group_no,
            door_no=number,
            room_no=room_no,
            address_code=address_codes.make_code(village.code, group_no, number, room_no),
            label=text,
            address=f"{village.county_name}{village.town_name}{village.name}{group_no}组{text}号",
            place=point(lng, lat),
            lat=lat,
            lng=lng,
            beidou_code=codes.beidou_code,
            h3_cell=codes.h3_cell,
            h3_near=codes.h3_near,
            grid_id=grid.id if grid else None,
            created_at=clock.now(),
            changed_at=clock.now(),
            **more,
        )
        db.session.add(door)
        db.session.flush()  # plates refer to it in this same transaction
        return door


def make_batch(
    *, village: Village | None = None, host: str = "XQ.EXAMPLE.CN", is_demonstration: bool = False
) -> PlateBatch:
    """A printed batch without a file."""
    with written():
        village = village or make_village()
        counter = lock_counter(village.code)
        counter.last_batch += 1
        batch = PlateBatch(
            village_code=village.code,
            number=counter.last_batch,
            state="printed",
            public_base_url=f"https://{host.lower()}",
            public_host=host,
            is_demonstration=is_demonstration,
            layout="a3",
            plates=1,
            faces=[],
            made_at=clock.now(),
            printed_at=clock.now(),
        )
        db.session.add(batch)
        db.session.flush()  # plates refer to it in this same transaction
        return batch


def make_plate(
    *,
    door: Door | None = None,
    code: str | None = None,
    state: PlateState | str = PlateState.mounted,
    batch: PlateBatch | None = None,
) -> Plate:
    """A plate on a door, mounted unless said otherwise."""
    with written():
        door = door or make_door()
        village = db.session.get(Village, door.village_code)
        batch = batch or make_batch(village=village)
        state = PlateState(state)
        plate = Plate(
            code=code or free_codes(1, for_demonstration=batch.is_demonstration)[0],
            door_id=door.id,
            current_door_id=None if state in ENDED else door.id,
            village_code=door.village_code,
            county_code=door.county_code,
            batch_id=batch.id,
            state=state.value,
            changed_at=clock.now(),
        )
        db.session.add(plate)
        db.session.flush()  # callers print its code at once
        return plate
