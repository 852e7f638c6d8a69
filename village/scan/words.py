"""What a door's page says of its own door alone, read in one question straight through the driver."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, select

from village.divisions.models import Village
from village.doors.models import Door
from village.grids.models import Grid
from village.plates.models import Plate, PlateBatch
from village.public import PlateRef, opens


class DoorWords(NamedTuple):
    """A door's own words, and *page_version*, the version of its village's pages at that moment."""

    code: str
    village_code: str
    page_version: int
    group_no: int
    hamlet: str
    label: str
    grid_area: str | None
    h3_near: int
    is_demonstration: bool


def words_of(plate: PlateRef) -> DoorWords:
    """Return the same of a plate that was found in the ordinary way; its page's version is asked elsewhere."""
    door = plate.door
    return DoorWords(
        plate.code,
        door.village_code,
        0,
        door.group_no,
        door.hamlet,
        door.label,
        door.grid_area,
        door.h3_near,
        plate.is_demonstration,
    )


def door_words_query(code: str) -> Select[*tuple[Any, ...]]:
    """Return the question for the words of the plate *code* (in its plain form); :func:`door_words` reads the answer."""
    return (
        select(
            Plate.code,
            Door.village_code,
            Village.page_version,
            Door.group_no,
            Door.hamlet,
            Door.label,
            Grid.area,
            Door.h3_near,
            PlateBatch.is_demonstration,
            Plate.state,
        )
        .select_from(Plate)
        .join(Door, Door.id == Plate.door_id)
        .join(Village, Village.code == Door.village_code)
        .join(PlateBatch, PlateBatch.id == Plate.batch_id)
        .outerjoin(Grid, Grid.id == Door.grid_id)
        .where(Plate.code == code)
    )


def door_words(row: tuple[Any, ...] | None) -> DoorWords | None:
    """Read an answer to :func:`door_words_query`; None for a plate that is unknown or does not open its door."""
    if row is None:
        return None
    *words, state = row
    return DoorWords(*words) if opens(state) else None
