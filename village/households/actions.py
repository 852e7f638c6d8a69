"""What officials do with households, and how a member leaves. Joining stands in ``joining.py``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from commons import audit, clock
from commons.accounts.actions import open_record
from commons.accounts.models import Person
from commons.accounts.permissions import current_scope
from commons.db import db, locked, locked_rows
from commons.errors import Missing
from commons.outbox import enqueue
from village.doors.models import Door
from village.households.errors import LeftAlready, NotAReason, StillLivedIn
from village.households.models import Household, HouseholdChange, JoinRequest, Member
from village.households.queries import is_door_in, member_in, members_of
from village.households.rules import (
    LOOK_REASONS,
    OFFICIAL_REASONS,
    OWN_REASONS,
    LeftReason,
    Occupancy,
    is_telling,
)
from village.public import DoorRef, door_of

KEEP = "keep-households"


def require_door(door_id: int) -> DoorRef:
    """
    Return a door of the scope of the official here.

    Raises:
        Missing: there is no such door, or not in this grid or village: both look the same.
    """
    door = door_of(door_id)
    if door is None or not is_door_in(current_scope(KEEP), door_id):
        raise Missing()
    return door


def require_household(household_id: int) -> tuple[Household, DoorRef]:
    """Lock a household of the official's scope and return it with its door; raises ``Missing`` like :func:`require_door`."""
    household = locked(Household, household_id)
    if household is None or household.closed_at is not None:
        raise Missing()
    return household, require_door(household.door_id)


def area_of(door: DoorRef) -> str:
    """Return the area an act at *door* is recorded under."""
    return door.grid_area or door.village_code


def open_household(door_id: int, occupancy: Occupancy) -> int:
    """Register a household behind a door and return its id; a door may have several."""
    door = require_door(door_id)
    locked(Door, door_id)  # two officers give two numbers
    last = db.session.scalar(select(func.max(Household.number)).where(Household.door_id == door_id))
    household = Household(
        door_id=door_id,
        village_code=door.village_code,
        county_code=door.county_code,
        number=(last or 0) + 1,
        occupancy=occupancy.value,
        opened_at=clock.now(),
    )
    db.session.add(household)
    db.session.flush()  # the audit names it by its number
    audit.record("household.opened", subject=f"household:{household.id}", area=area_of(door))
    return household.id


def set_occupancy(person_id: int, household_id: int, occupancy: Occupancy) -> None:
    """Say how the household lives there; what it was before is kept. The audit says that, and not what, it became."""
    household, door = require_household(household_id)
    if household.occupancy == occupancy:
        return
    db.session.add(
        HouseholdChange(
            household_id=household_id, before=household.occupancy, after=occupancy.value, at=clock.now(), by=person_id
        )
    )  # fmt: skip
    household.occupancy = occupancy.value
    audit.record("household.changed", subject=f"household:{household_id}", area=area_of(door))


def close_household(household_id: int) -> None:
    """Close a household in which nobody lives any more; raises ``StillLivedIn`` otherwise."""
    household, door = require_household(household_id)
    if members_of(household_id):
        raise StillLivedIn()
    household.closed_at = clock.now()
    audit.record("household.closed", subject=f"household:{household_id}", area=area_of(door))


def leave_own(person_id: int, member_id: int, reason: LeftReason) -> None:
    """
    Let a person leave a household by their own word; from the next request on, in every browser, nothing of it opens.

    Raises:
        Missing: the membership is not theirs. LeftAlready: it ended before.
    """
    member = locked(Member, member_id)
    if member is None or member.person_id != person_id or reason not in OWN_REASONS:
        raise Missing()
    _end(member, reason)
    audit.record("household.left", subject=f"member:{member_id}")


def end_membership(member_id: int, reason: LeftReason) -> None:
    """Let an official write down that a member left, and why. Raises ``Missing`` outside the official's scope."""
    found = member_in(current_scope(KEEP), member_id)
    member = locked(Member, member_id)
    if found is None or member is None or reason not in OFFICIAL_REASONS:
        raise Missing()
    _end(member, reason)
    audit.record("household.member_ended", subject=f"member:{member_id}", area=found[1].village_code)


def _end(member: Member, reason: LeftReason) -> None:
    if member.left_at is not None:
        raise LeftAlready()
    member.left_at, member.left_reason, member.living_key = clock.now(), reason.value, None
    member.claim_until = None
    enqueue("membership.ended", member_id=member.id, household_id=member.household_id)


def set_away(member_id: int, is_away: bool, *, own_id: int | None = None) -> None:
    """Say whether a member works elsewhere (外出); they go on counting. *own_id* is the person, when they say so themselves."""
    member = locked(Member, member_id)
    if member is None or member.left_at is not None:
        raise Missing()
    if own_id is not None:
        if member.person_id != own_id:
            raise Missing()
    elif member_in(current_scope(KEEP), member_id) is None:
        raise Missing()
    member.is_away = is_away
    audit.record("household.away_changed", subject=f"member:{member_id}")


def open_member(member_id: int, reason: str, words: str = "") -> Member:
    """
    Return a member's record to an official of that grid or village who gave a reason; that person can see who looked.

    Raises:
        NotAReason: none of the list, or its words tell of the person.
        Missing: outside the official's scope.
    """
    found = member_in(current_scope(KEEP), member_id)
    if found is None:
        raise Missing()
    member, household = found
    if reason not in LOOK_REASONS:
        raise NotAReason("请选一个事由，才能打开", field="reason")
    if is_telling(words, member.name):
        raise NotAReason("说明里不要写姓名、电话和证件号", field="words")
    said = f"{LOOK_REASONS[reason]}：{words}" if words else LOOK_REASONS[reason]
    person = db.session.get(Person, member.person_id) if member.person_id else None
    if person is not None and person.closed_at is None:
        open_record(person.id, said, household.village_code)
    else:
        audit.record("person.opened", subject=f"member:{member_id}", area=household.village_code, reason=said)
    return member


def confirm_phone_face(member_id: int) -> None:
    """Let an official confirm face to face that a member's telephone is still theirs; raises ``Missing`` outside the scope."""
    found = member_in(current_scope(KEEP), member_id)
    if found is None or found[0].person_id is None or found[0].left_at is not None:
        raise Missing()
    person = locked(Person, found[0].person_id)
    if person is None or person.closed_at is not None:
        raise Missing()
    person.phone_confirmed_at = clock.now()
    audit.record("person.phone_confirmed", subject=f"person:{person.id}", area=found[1].village_code)


def confirm_phone_by_code(person_id: int) -> None:
    """Note that the person here proved the account's telephone just now."""
    person = locked(Person, person_id)
    if person is not None and person.closed_at is None:
        person.phone_confirmed_at = clock.now()


def forget_person(person_id: int, at: datetime) -> None:
    """End every membership of a closed account and erase what is personal in it; that a member was there stays."""
    for member in locked_rows(select(Member).where(Member.person_id == person_id).order_by(Member.id)):
        member.name_sealed = member.phone_sealed = member.phone_hash = member.claim_until = None
        if member.left_at is None:
            member.left_at, member.left_reason = at, LeftReason.account_closed.value
            member.living_key = None
    forget_requests(person_id, at)


def forget_requests(person_id: int, at: datetime) -> None:
    """Erase the name on whatever a person asked of households, and take back what nobody has answered yet."""
    asked = select(JoinRequest).where(JoinRequest.person_id == person_id).order_by(JoinRequest.id)
    for request in locked_rows(asked):
        request.name_sealed = request.waiting_key = None
        if request.answer == "waiting":
            request.answer, request.answered_at = "withdrawn", at
