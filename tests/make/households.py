"""Households that could exist, with members who joined as people do."""

from __future__ import annotations

from commons import clock
from commons.accounts.models import Person
from commons.db import db
from commons.security import keyed_hash, seal_text
from tests.make.divisions import written
from tests.make.doors import make_door
from village.doors.models import Door
from village.households.models import Household, Member
from village.households.queries import households_at
from village.households.rules import CLAIM_LIFE, Occupancy, Way, living_key


def make_household(*, door: Door | None = None, occupancy: Occupancy | str = Occupancy.resident) -> Household:
    """A household behind a door of its own, or one more behind *door*."""
    with written():
        door = door or make_door()
        household = Household(
            door_id=door.id,
            village_code=door.village_code,
            county_code=door.county_code,
            number=len(households_at(door.id)) + 1,
            occupancy=Occupancy(occupancy).value,
            opened_at=clock.now(),
        )
        db.session.add(household)
        db.session.flush()  # members refer to it
        return household


def make_member(
    *,
    household: Household | None = None,
    person: Person | None = None,
    name: str = "王秀兰",
    phone: str = "",
    is_away: bool = False,
    way: Way = Way.face,
) -> Member:
    """A member: with *person* one who sees the household, with *phone* one whom an officer wrote down, else a name alone."""
    with written():
        household = household or make_household()
        member = Member(
            household_id=household.id,
            name_sealed=seal_text(name),
            phone_sealed=seal_text(phone) if phone else None,
            phone_hash=keyed_hash("phone", phone) if phone else None,
            claim_until=clock.now() + CLAIM_LIFE if phone else None,
            person_id=person.id if person else None,
            living_key=living_key(household.id, person.id) if person else None,
            is_away=is_away,
            way=way.value,
            since=clock.now(),
        )
        db.session.add(member)
        db.session.flush()  # the test needs its number
        return member
