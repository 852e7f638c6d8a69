"""Reading plates, batches and hosts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from commons.accounts.models import Person
from commons.db import db
from geocode.door_codes import normalize_code
from geocode.errors import BadDoorCodeError
from village.divisions.models import Village
from village.doors.models import Door
from village.plates.models import Plate, PlateBatch, PlateEvent
from village.plates.rules import STATE_WORDS, PlateState


@dataclass(frozen=True, slots=True)
class PrintedHost:
    """A host that stands on plates: it must go on answering as long as one of them hangs."""

    host: str
    batches: int
    plates: int
    first_at: datetime | None
    last_at: datetime | None
    is_demonstration: bool


@dataclass(frozen=True, slots=True)
class LifeLine:
    """One step in a plate's life, with who took it."""

    at: datetime
    state_words: str
    words: str
    who: str


def doors_without_plate(village_code: str, limit: int) -> list[Door]:
    """Return doors that have no present plate, in the order in which somebody walks past them."""
    query = (
        select(Door)
        .outerjoin(Plate, Plate.current_door_id == Door.id)
        .where(Door.village_code == village_code, Plate.id.is_(None))
        .order_by(Door.group_no, Door.hamlet, Door.door_no, Door.room_no)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def count_without_plate(village_code: str) -> int:
    """Return how many doors of a village have no present plate."""
    return counts_without_plate(Door.village_code == village_code).get(village_code, 0)


def counts_without_plate(scope: ColumnElement[bool]) -> dict[str, int]:
    """Return, by village, how many doors in a scope have no present plate."""
    query = (
        select(Door.village_code, func.count(Door.id))
        .outerjoin(Plate, Plate.current_door_id == Door.id)
        .where(scope, Plate.id.is_(None))
        .group_by(Door.village_code)
    )
    return dict(db.session.execute(query).all())


def village_name(village_code: str) -> str:
    """Return what a village is called on its papers."""
    return db.session.scalar(select(Village.name).where(Village.code == village_code)) or village_code


def printed_hosts() -> list[PrintedHost]:
    """Return every host ever printed on a plate, oldest first."""
    query = (
        select(
            PlateBatch.public_host,
            func.count(PlateBatch.id),
            func.sum(PlateBatch.plates),
            func.min(PlateBatch.printed_at),
            func.max(PlateBatch.printed_at),
            PlateBatch.is_demonstration,
        )
        .where(PlateBatch.state == "printed")
        .group_by(PlateBatch.public_host, PlateBatch.is_demonstration)
        .order_by(func.min(PlateBatch.printed_at))
    )
    return [
        PrintedHost(host, batches, int(plates), first, last, demo)
        for host, batches, plates, first, last, demo in db.session.execute(query)
    ]


def batches(scope: ColumnElement[bool], limit: int = 50) -> list[tuple[PlateBatch, str]]:
    """Return the latest batches in a scope with the name of their village, newest first."""
    query = (
        select(PlateBatch, Village.name)
        .join(Village, Village.code == PlateBatch.village_code)
        .where(scope)
        .order_by(PlateBatch.id.desc())
        .limit(limit)
    )
    return [(batch, name) for batch, name in db.session.execute(query)]


def plates_on_import(import_id: int, changed: Sequence[int], stored_at: datetime) -> int:
    """Return how many plates were made for the doors that an import brought, or since then for those it changed."""
    brought = select(Door.id).where(Door.import_id == import_id)
    first = select(func.count(Plate.id)).where(Plate.door_id.in_(brought))
    since = (
        select(func.count(Plate.id))
        .join(PlateBatch, PlateBatch.id == Plate.batch_id)
        .where(Plate.door_id.in_(list(changed)), PlateBatch.made_at >= stored_at)
    )
    return (db.session.scalar(first) or 0) + (db.session.scalar(since) or 0)


def plates_of(door_id: int) -> list[Plate]:
    """Return all plates that a door ever had, newest first."""
    return list(db.session.scalars(select(Plate).where(Plate.door_id == door_id).order_by(Plate.id.desc())))


def plate_of_code(text: str) -> Plate | None:
    """Return the plate with a code, or an address that ends in one, as somebody typed or scanned it."""
    tail = text.strip().rsplit("/", 1)[-1]
    try:
        code = normalize_code(tail)
    except BadDoorCodeError:
        return None
    return db.session.scalar(select(Plate).where(Plate.code == code))


def state_words(door_ids: Iterable[int]) -> dict[int, str]:
    """Return, for doors that have a present plate, how it is."""
    query = select(Plate.current_door_id, Plate.state).where(Plate.current_door_id.in_(list(door_ids)))
    return {
        int(door_id): STATE_WORDS[PlateState(state)]
        for door_id, state in db.session.execute(query)
        if door_id is not None
    }


def life_of(plate_ids: Sequence[int]) -> list[LifeLine]:
    """Return what happened to plates, newest first."""
    query = (
        select(PlateEvent.at, PlateEvent.state, PlateEvent.words, Person.name)
        .outerjoin(Person, Person.id == PlateEvent.person_id)
        .where(PlateEvent.plate_id.in_(plate_ids))
        .order_by(PlateEvent.id.desc())
        .limit(100)
    )
    return [
        LifeLine(at, STATE_WORDS[PlateState(state)], words, name or "")
        for at, state, words, name in db.session.execute(query)
    ]
