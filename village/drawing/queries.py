"""What is drawn, who could look after it, and where the doors are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from commons import clock
from commons.accounts.models import Appointment, Official, Person
from commons.db import db, prefix_range
from village.divisions.models import Village
from village.doors.models import Door
from village.drawing.map_rules import VillageMap, make_map
from village.drawing.rules import Spot, grid_title, ground_of, listed_cells, mark_of
from village.grids.models import Grid
from village.grids.queries import GridLine, grid_lines, shapes_in
from village.grids.rules import GridShape


@dataclass(frozen=True, slots=True)
class VillageGrids:
    """A village in the list: how far its division into grids has come."""

    code: str
    name: str
    grids: int
    doors: int
    loose_doors: int


@dataclass(frozen=True, slots=True)
class Canvas:
    """All that a form for drawing in one village stands on, read at one moment."""

    lines: tuple[GridLine, ...]
    shapes: tuple[GridShape, ...]
    spots: tuple[Spot, ...]
    map: VillageMap | None

    @property
    def mark(self) -> str:
        """The mark of how the village is divided now."""
        return mark_of(self.shapes)

    @property
    def titles(self) -> dict[int, str]:
        """How each grid is called, by its id."""
        return {line.id: grid_title(line.number, line.name) for line in self.lines}

    @property
    def doors_of_grid(self) -> Counter[int | None]:
        """How many doors each grid has, by its id; None: those of no grid."""
        return Counter(spot.grid_id for spot in self.spots)

    @property
    def doors_of_group(self) -> Counter[int]:
        """How many doors each group has."""
        return Counter(spot.group_no for spot in self.spots if spot.group_no)


def canvas_of(village_code: str) -> Canvas:
    """Return the doors and grids of a village, and their map."""
    spots, shapes = spots_of(village_code), shapes_in(village_code)
    ground = ground_of(spots, shapes)
    listed = listed_cells(spots, (cell for shape in shapes for cell in shape.cells))
    drawn = make_map(
        listed, ((spot.lat, spot.lng) for spot in spots), ground, {shape.id: shape.number for shape in shapes}
    )
    return Canvas(tuple(grid_lines(village_code)), tuple(shapes), tuple(spots), drawn)


def spots_of(village_code: str) -> list[Spot]:
    """Return where the doors of a village are."""
    query = select(Door.id, Door.lat, Door.lng, Door.group_no, Door.grid_id)
    rows = db.session.execute(query.where(Door.village_code == village_code).order_by(Door.id))
    return [Spot(door_id, lat, lng, group_no, grid_id) for door_id, lat, lng, group_no, grid_id in rows]


def villages_to_draw(villages: list[Village]) -> list[VillageGrids]:
    """Return how far each of *villages* has come."""
    codes = [village.code for village in villages]
    standing = select(Grid.village_code, func.count()).where(
        Grid.village_code.in_(codes), Grid.removed_at.is_(None)
    )
    grids = dict(db.session.execute(standing.group_by(Grid.village_code)).all())
    counted = select(Door.village_code, func.count(), func.count(Door.grid_id))
    doors = {
        code: (total, total - held)
        for code, total, held in db.session.execute(
            counted.where(Door.village_code.in_(codes)).group_by(Door.village_code)
        )
    }
    return [
        VillageGrids(
            village.code,
            village.town_name + village.name,
            grids.get(village.code, 0),
            *doors.get(village.code, (0, 0)),
        )  # fmt: skip
        for village in villages
    ]


def grid_of_number(village_code: str, number: int) -> Grid | None:
    """Return the standing grid of this number."""
    query = select(Grid).where(
        Grid.village_code == village_code, Grid.number == number, Grid.removed_at.is_(None)
    )
    return db.session.scalar(query)


def possible_officers(village_code: str) -> list[tuple[int, str, str]]:
    """Return who works or worked in the village and may sign in at the desk: id, name, sign-in name."""
    here = prefix_range(Appointment.area, village_code)
    query = (
        select(Person.id, Person.name, Official.sign_in_name)
        .join(Official, Official.person_id == Person.id)
        .where(Official.disabled_at.is_(None), Person.closed_at.is_(None))
        .where(Person.id.in_(select(Appointment.person_id).where(here)))
        .order_by(Person.name, Person.id)
    )
    return [(person_id, name, sign_in_name) for person_id, name, sign_in_name in db.session.execute(query)]


def officers_in_office(area: str) -> list[Appointment]:
    """Return the appointments in force to the grid of *area*."""
    now = clock.now()
    query = select(Appointment).where(
        Appointment.role == "officer",
        Appointment.area == area,
        or_(Appointment.until_at.is_(None), Appointment.until_at > now),
    )
    return list(db.session.scalars(query.order_by(Appointment.id)))
