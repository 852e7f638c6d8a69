"""Reading households: whose a person is, what a door's desk page shows, the table of a grid, and who is looking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from commons import clock
from commons.accounts.models import Person
from commons.accounts.permissions import Scope
from commons.accounts.rules import is_phone_fresh
from commons.db import db
from commons.paging import Page
from village.doors.models import Door
from village.grids.models import Grid
from village.households.models import Household, HouseholdChange, JoinRequest, Member, Slip
from village.households.rules import Occupancy
from village.plates.models import Plate, PlateEvent

IN_A_LIST = 50


@dataclass(frozen=True, slots=True)
class Belonging:
    """One living membership of a person: plain values for pages, and for guests of the slot ``household-page``."""

    member_id: int
    household_id: int
    door_id: int
    person_id: int
    number: int
    occupancy: str
    is_away: bool


@dataclass(frozen=True, slots=True)
class TableLine:
    """One line of the officer's table: a household, or a door behind which none is registered yet."""

    door_id: int
    address: str
    label: str
    group_no: int
    household_id: int | None
    number: int
    occupancy: str
    members: int
    away: int


@dataclass(frozen=True, slots=True)
class DoorFacts:
    """What is known of a door beside its people."""

    lat: float
    lng: float
    beidou_code: str
    police_address_code: str


def living() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a membership counts."""
    return (Member.left_at.is_(None), Household.closed_at.is_(None))


def belongings_of(person_id: int) -> list[Belonging]:
    """Return where a person belongs at this moment; read anew at every request, so that leaving works at once."""
    query = (
        select(
            Member.id,
            Household.id,
            Household.door_id,
            Household.number,
            Household.occupancy,
            Member.is_away,
        )
        .join(Household, Household.id == Member.household_id)
        .where(Member.person_id == person_id, *living())
        .order_by(Member.id)
    )
    return [
        Belonging(member, home, door, person_id, number, occupancy, is_away)
        for member, home, door, number, occupancy, is_away in db.session.execute(query)
    ]


def is_confirmed(person: Person) -> bool:
    """Say whether the person's telephone was confirmed lately enough to open household data."""
    return is_phone_fresh(person.phone_confirmed_at, clock.now())


def lives_in_group(person_id: int, village_code: str, group_no: int) -> bool:
    """Say whether the person belongs to a household of a villagers' group."""
    query = (
        select(Member.id)
        .join(Household, Household.id == Member.household_id)
        .join(Door, Door.id == Household.door_id)
        .where(Member.person_id == person_id, *living())
        .where(Door.village_code == village_code, Door.group_no == group_no)
    )
    return db.session.scalar(query.limit(1)) is not None


def households_at(door_id: int) -> list[Household]:
    """Return the households behind a door that stand, in the order of their numbers."""
    query = select(Household).where(Household.door_id == door_id, Household.closed_at.is_(None))
    return list(db.session.scalars(query.order_by(Household.number)))


def household(household_id: int) -> Household | None:
    """Return a household, closed or not."""
    return db.session.get(Household, household_id)


def door_of_request(request_id: int) -> int:
    """Return the door somebody asked to be let in at; 0 for no such request."""
    return db.session.scalar(select(JoinRequest.door_id).where(JoinRequest.id == request_id)) or 0


def members_of(household_id: int) -> list[Member]:
    """Return the living members of a household, the longest first."""
    query = select(Member).where(Member.household_id == household_id, Member.left_at.is_(None))
    return list(db.session.scalars(query.order_by(Member.since, Member.id)))


def left_members_of(household_id: int) -> list[Member]:
    """Return who left a household, the latest first."""
    query = select(Member).where(Member.household_id == household_id, Member.left_at.is_not(None))
    return list(db.session.scalars(query.order_by(Member.left_at.desc(), Member.id.desc())))


def live_slips_of(household_id: int) -> list[Slip]:
    """Return the slips that would still let somebody in."""
    query = select(Slip).where(
        Slip.household_id == household_id,
        Slip.used_at.is_(None),
        Slip.withdrawn_at.is_(None),
        Slip.expires_at > clock.now(),
    )
    return list(db.session.scalars(query.order_by(Slip.id)))


def changes_of(household_id: int) -> list[HouseholdChange]:
    """Return how the state of a household changed, the latest first."""
    query = select(HouseholdChange).where(HouseholdChange.household_id == household_id)
    return list(db.session.scalars(query.order_by(HouseholdChange.id.desc()).limit(20)))


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (JoinRequest.answer == "waiting", JoinRequest.expires_at > clock.now())


def requests_at(door_id: int) -> list[JoinRequest]:
    """Return who waits to be let in at a door, the earliest first."""
    query = select(JoinRequest).where(JoinRequest.door_id == door_id, *_waiting())
    return list(db.session.scalars(query.order_by(JoinRequest.id)))


def requests_by(person_id: int) -> list[tuple[JoinRequest, str]]:
    """Return what a person asked for and waits for, with the address of the door."""
    query = (
        select(JoinRequest, Door.address)
        .join(Door, Door.id == JoinRequest.door_id)
        .where(JoinRequest.person_id == person_id, *_waiting())
    )
    return [(request, address) for request, address in db.session.execute(query.order_by(JoinRequest.id))]


def claimable_by(phone_hash: str | None) -> list[Member]:
    """Return the members whom an officer wrote down face to face with this telephone, and who have not said "that is me" yet."""
    if not phone_hash:
        return []
    query = (
        select(Member)
        .join(Household, Household.id == Member.household_id)
        .where(Member.phone_hash == phone_hash, Member.person_id.is_(None), *living())
        .where(Member.claim_until > clock.now())
    )
    return list(db.session.scalars(query.order_by(Member.id)))


def door_facts(door_id: int) -> DoorFacts:
    """Return a door's exact place and its other codes, for whoever may see them."""
    query = select(Door.lat, Door.lng, Door.beidou_code, Door.police_address_code).where(Door.id == door_id)
    lat, lng, beidou, police = db.session.execute(query).one()
    return DoorFacts(lat, lng, beidou, police or "")


def plate_events(door_id: int) -> list[tuple[str, str, datetime]]:
    """Return the states a door's plates went through: code, state, when; the latest first."""
    steps = select(Plate.code, PlateEvent.state, PlateEvent.at).join(
        PlateEvent, PlateEvent.plate_id == Plate.id
    )
    found = [
        (code, state, at)
        for code, state, at in db.session.execute(
            steps.where(Plate.door_id == door_id).order_by(PlateEvent.id.desc()).limit(20)
        )
    ]
    if found:
        return found
    present = select(Plate.code, Plate.state, Plate.changed_at).where(Plate.door_id == door_id)
    return [
        (code, state, at)
        for code, state, at in db.session.execute(present.order_by(Plate.changed_at.desc()).limit(20))
    ]


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    return scope.condition(Door.village_code, grid=Grid.area)


def is_door_in(scope: Scope, door_id: int) -> bool:
    """Say whether an official's scope reaches a door; a door outside it is not there for them."""
    query = select(Door.id).outerjoin(Grid, Grid.id == Door.grid_id).where(Door.id == door_id)
    return db.session.scalar(query.where(_in_scope(scope))) is not None


def member_in(scope: Scope, member_id: int) -> tuple[Member, Household] | None:
    """Return a member, living or left, with the household, if an official's scope reaches their door."""
    query = (
        select(Member, Household)
        .join(Household, Household.id == Member.household_id)
        .join(Door, Door.id == Household.door_id)
        .outerjoin(Grid, Grid.id == Door.grid_id)
        .where(Member.id == member_id, _in_scope(scope))
    )
    row = db.session.execute(query).first()
    return None if row is None else (row[0], row[1])


def counts_in(scope: Scope) -> dict[str, int]:
    """Return how many households of an official's scope are in each state, and under "" how many doors have none."""
    standing = and_(Household.door_id == Door.id, Household.closed_at.is_(None))
    state = func.coalesce(Household.occupancy, "")
    query = (
        select(state, func.count())
        .select_from(Door)
        .outerjoin(Grid, Grid.id == Door.grid_id)
        .outerjoin(Household, standing)
        .where(_in_scope(scope))
        .group_by(state)
    )
    found = {str(name): int(count) for name, count in db.session.execute(query)}
    return {name: found.get(name, 0) for name in (*Occupancy, "")}


def _table_query() -> Select[Door, Household, int, int]:
    standing = and_(Household.door_id == Door.id, Household.closed_at.is_(None))
    head = (
        select(
            Member.household_id,
            func.count().label("members"),
            func.sum(case((Member.is_away, 1), else_=0)).label("away"),
        )
        .where(Member.left_at.is_(None))
        .group_by(Member.household_id)
        .subquery()
    )
    return (
        select(Door, Household, func.coalesce(head.c.members, 0), func.coalesce(head.c.away, 0))
        .outerjoin(Grid, Grid.id == Door.grid_id)
        .outerjoin(Household, standing)
        .outerjoin(head, head.c.household_id == Household.id)
    )


def household_table(scope: Scope, text: str, number: int) -> Page[TableLine]:
    """Return one page of the officer's table; *text* is a number on a plate or part of an address."""
    where = [_in_scope(scope)]
    if text:
        where.append(or_(Door.label == text, Door.address.contains(text, autoescape=True)))
    query = _table_query().where(*where)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    order = (Door.village_code, Door.group_no, Door.door_no, Door.room_no, Household.number)
    rows = db.session.execute(query.order_by(*order).limit(IN_A_LIST).offset((number - 1) * IN_A_LIST))
    lines = [
        TableLine(
            door.id, door.address, door.label, door.group_no, home.id if home else None, home.number if home else 0,
            home.occupancy if home else "", int(members), int(away),
        )
        for door, home, members, away in rows
    ]  # fmt: skip
    return Page(lines, number, IN_A_LIST, total)


def waiting_count(scope: Scope) -> int:
    """Return how many people wait to be let in at the doors of an official's scope."""
    query = (
        select(func.count())
        .select_from(JoinRequest)
        .join(Door, Door.id == JoinRequest.door_id)
        .outerjoin(Grid, Grid.id == Door.grid_id)
        .where(_in_scope(scope), *_waiting())
    )
    return db.session.scalar(query) or 0
