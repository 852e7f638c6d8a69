"""
The ways into a household, and there are no others (M22).

An officer confirms face to face; a paper slip that an officer handed over; a present member agrees. The code on a door's plate
names a door and lets nobody in: with it one may ask, and somebody has to agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from commons import audit, clock
from commons.accounts.models import Person
from commons.accounts.queries import person_of_phone
from commons.db import db, locked, locked_rows
from commons.errors import Missing, Refusal
from commons.forms import tidy
from commons.security import keyed_hash, seal_text
from village.doors.models import Door
from village.households.actions import area_of, require_door, require_household
from village.households.errors import (
    AlreadyMember,
    AnsweredAlready,
    PhoneNotConfirmed,
    TooManySlips,
    WrongName,
    WrongSlip,
)
from village.households.models import Household, JoinRequest, Member, Slip
from village.households.queries import (
    belongings_of,
    claimable_by,
    is_confirmed,
    live_slips_of,
    members_of,
    requests_at,
)
from village.households.rules import (
    CLAIM_LIFE,
    MOST_LIVE_SLIPS,
    MOST_WAITING_AT_A_DOOR,
    REQUEST_LIFE,
    SLIP_LIFE,
    Way,
    living_key,
    new_slip_code,
    normal_slip_code,
)
from village.public import DoorRef


@dataclass(frozen=True, slots=True)
class IssuedSlip:
    """A slip as it goes to the printer. The only moment at which its code exists in clear."""

    slip_id: int
    code: str
    door: DoorRef
    household_number: int
    issued_at: datetime
    expires_at: datetime


def enter_member(officer_id: int, household_id: int, name: str, phone: str = "") -> int:
    """
    Write down a member whom the officer here confirmed face to face; return the membership's number.

    With *phone* that person can, within seven days, sign in with it and say "that is me" by the same name; a mistyped
    telephone so lets nobody in. Without, the person counts, and sees nothing by it.
    """
    household, door = require_household(household_id)
    phone_hash = keyed_hash("phone", phone) if phone else None
    _refuse_twice(household_id, name, phone_hash, phone)
    now = clock.now()
    member = Member(
        household_id=household.id, name_sealed=seal_text(name), phone_sealed=seal_text(phone) if phone else None,
        phone_hash=phone_hash, claim_until=now + CLAIM_LIFE if phone else None, way=Way.face.value, since=now,
        confirmed_by=officer_id,
    )  # fmt: skip
    db.session.add(member)
    db.session.flush()  # the audit names it by its number
    audit.record("household.member_entered", subject=f"member:{member.id}", area=area_of(door))
    return member.id


def _refuse_twice(household_id: int, name: str, phone_hash: str | None, phone: str) -> None:
    person = person_of_phone(phone) if phone else None
    for other in members_of(household_id):
        same_person = person is not None and other.person_id == person.id
        same_words = other.name == name and other.phone_hash == phone_hash and other.person_id is None
        if same_person or same_words:
            raise AlreadyMember()


def claim(person_id: int, name: str) -> list[int]:
    """
    Link the person to what an officer wrote down with their telephone, if the name agrees; return the memberships.

    Raises:
        WrongName: nothing was written down under this name and telephone, or it is too long ago.
    """
    person = _person(person_id)
    waiting = claimable_by(person.phone_hash)
    for household_id in sorted({each.household_id for each in waiting}):
        locked(Household, household_id)  # before its members, as everywhere
    ids = [each.id for each in waiting]
    rows = locked_rows(select(Member).where(Member.id.in_(ids)).order_by(Member.id))
    own = [
        each for each in rows if each.person_id is None and each.left_at is None and each.name == tidy(name)
    ]
    if not own:
        raise WrongName()
    for member in own:
        _refuse_member(member.household_id, person_id)
        _link(member, person_id)
    return [member.id for member in own]


def issue_slip(officer_id: int, household_id: int) -> IssuedSlip:
    """
    Make a slip for a household and return it with its code, which is kept nowhere.

    Raises:
        TooManySlips: the household has as many unused ones as it may have.
    """
    household, door = require_household(household_id)
    if len(live_slips_of(household_id)) >= MOST_LIVE_SLIPS:
        raise TooManySlips()
    code, now = new_slip_code(), clock.now()
    slip = Slip(
        household_id=household_id,
        code_hash=_slip_hash(code),
        issued_at=now,
        expires_at=now + SLIP_LIFE,
        issued_by=officer_id,
    )
    db.session.add(slip)
    db.session.flush()  # the audit names it by its number
    audit.record("household.slip_issued", subject=f"slip:{slip.id}", area=area_of(door))
    return IssuedSlip(slip.id, code, door, household.number, slip.issued_at, slip.expires_at)


def withdraw_slip(slip_id: int) -> int:
    """Make a lost slip worthless and return its household's door; harmless the second time."""
    slip = locked(Slip, slip_id)
    if slip is None:
        raise Missing()
    household, door = require_household(slip.household_id)
    if slip.used_at is None and slip.withdrawn_at is None:
        slip.withdrawn_at = clock.now()
        audit.record("household.slip_withdrawn", subject=f"slip:{slip_id}", area=area_of(door))
    return household.door_id


def _slip_hash(code: str) -> str:
    return keyed_hash("household-slip", code)


def redeem_slip(person_id: int, code: str, name: str) -> int:
    """
    Let the person into the household their slip was made for, and use the slip up; return the membership's number.

    The row is locked before it is looked at: of two who send the same code at once, one gets in.

    Raises:
        WrongSlip: wrong, spent, withdrawn, too old, or the household is no more.
        AlreadyMember: the slip stays good for somebody else.
    """
    plain = normal_slip_code(code)
    rows = locked_rows(select(Slip).where(Slip.code_hash == _slip_hash(plain))) if plain else []
    slip = rows[0] if rows else None
    if slip is None or slip.used_at or slip.withdrawn_at or slip.expires_at <= clock.now():
        raise WrongSlip()
    household = locked(Household, slip.household_id)
    if household is None or household.closed_at is not None:
        raise WrongSlip()
    member = _join(household, person_id, name, Way.slip, slip.issued_by)
    slip.used_at, slip.member_id = clock.now(), member.id
    audit.record("household.joined", subject=f"member:{member.id}", area=household.village_code, way="slip")
    return member.id


def ask_to_join(person_id: int, door: DoorRef, name: str) -> None:
    """
    Write down that a person asks to be let in at *door*; asking again changes nothing.

    The same whether anybody lives there or not, so that asking tells nothing.
    """
    if any(each.door_id == door.id for each in belongings_of(person_id)):
        raise AlreadyMember()
    locked(Door, door.id)  # two browsers of one person ask one after the other
    key, now = f"{door.id}:{person_id}", clock.now()
    known = db.session.scalar(select(JoinRequest.id).where(JoinRequest.waiting_key == key))
    if known is not None:
        request = locked(JoinRequest, known)
        if request is not None and request.expires_at > now and request.waiting_key == key:
            return
        if request is not None:
            request.answer, request.waiting_key = "withdrawn", None
            db.session.flush()  # the key is free before it is taken again
    if len(requests_at(door.id)) >= MOST_WAITING_AT_A_DOOR:
        raise Refusal("这块门牌等着处理的申请太多了，请直接找网格员", field="door", code="too_many_requests")
    db.session.add(
        JoinRequest(
            door_id=door.id, person_id=person_id, name_sealed=seal_text(tidy(name)), asked_at=now,
            expires_at=now + REQUEST_LIFE, answer="waiting", waiting_key=key,
        )
    )  # fmt: skip
    audit.record("household.asked", subject=f"door:{door.id}", area=area_of(door))


def agree_as_member(person_id: int, request_id: int, household_id: int) -> int:
    """
    Let a present member agree that somebody joins the member's own household; return the membership's number.

    Raises:
        Missing: the one who agrees does not live there now, or the request is for another door.
        PhoneNotConfirmed: whoever agrees has not confirmed the telephone for 90 days.
        AnsweredAlready: somebody was first, or it ran out.
    """
    here = _own(person_id, household_id)
    request = _waiting_request(request_id, here.door_id)
    member = _join_asked(request, here, person_id, Way.agreed)
    audit.record("household.joined", subject=f"member:{member.id}", area=here.village_code, way="agreed")
    return member.id


def agree_as_official(officer_id: int, request_id: int, household_id: int) -> int:
    """Let an officer, to whom the person has come in the flesh, confirm a request; return the membership's number."""
    household, door = require_household(household_id)
    request = _waiting_request(request_id, household.door_id)
    member = _join_asked(request, household, officer_id, Way.face)
    audit.record("household.joined", subject=f"member:{member.id}", area=area_of(door), way="face")
    return member.id


def refuse_as_member(person_id: int, request_id: int, household_id: int) -> None:
    """Let a present member say no."""
    here = _own(person_id, household_id)
    _refuse(_waiting_request(request_id, here.door_id), person_id)


def refuse_as_official(officer_id: int, request_id: int) -> None:
    """Let an officer say no."""
    request = locked(JoinRequest, request_id)
    if request is None:
        raise Missing()
    require_door(request.door_id)
    _refuse(_waiting_request(request_id, request.door_id), officer_id)


def withdraw_request(person_id: int, request_id: int) -> None:
    """Let somebody take their own request back; harmless once it is answered."""
    request = locked(JoinRequest, request_id)
    if request is None or request.person_id != person_id:
        raise Missing()
    if request.answer == "waiting":
        request.answer, request.answered_at, request.waiting_key = "withdrawn", clock.now(), None


def _own(person_id: int, household_id: int) -> Household:
    """Return a household in which the person lives at this moment and may decide; else it is not there."""
    if not is_confirmed(_person(person_id)):
        raise PhoneNotConfirmed()
    household = locked(Household, household_id)
    inside = any(each.household_id == household_id for each in belongings_of(person_id))
    if household is None or not inside:
        raise Missing()
    return household


def _waiting_request(request_id: int, door_id: int) -> JoinRequest:
    request = locked(JoinRequest, request_id)
    if request is None or request.door_id != door_id:
        raise Missing()
    if request.answer != "waiting" or request.expires_at <= clock.now():
        raise AnsweredAlready()
    return request


def _join_asked(request: JoinRequest, household: Household, by: int, way: Way) -> Member:
    member = _join(household, request.person_id, request.name, way, by)
    request.answer, request.answered_at, request.answered_by = "agreed", clock.now(), by
    request.household_id, request.waiting_key = household.id, None
    return member


def _refuse(request: JoinRequest, by: int) -> None:
    request.answer, request.answered_at, request.answered_by = "refused", clock.now(), by
    request.waiting_key = None
    audit.record("household.refused", subject=f"door:{request.door_id}")


def _join(household: Household, person_id: int, name: str, way: Way, by: int) -> Member:
    """Put a person into a household: into the line an officer wrote for them, else into a new one."""
    person = _person(person_id)
    _refuse_member(household.id, person_id)
    for known in members_of(household.id):
        is_free = known.person_id is None and known.phone_hash in (None, person.phone_hash)
        if is_free and known.name == tidy(name):
            _link(known, person_id)
            return known
    member = Member(
        household_id=household.id, name_sealed=seal_text(tidy(name)), way=way.value, since=clock.now(), confirmed_by=by
    )  # fmt: skip
    _link(member, person_id)
    db.session.add(member)
    db.session.flush()  # the caller names it by its number
    return member


def _link(member: Member, person_id: int) -> None:
    # From now on the account's own telephone counts; a copy would only grow old.
    member.phone_sealed = member.phone_hash = member.claim_until = None
    member.person_id, member.living_key = person_id, living_key(member.household_id, person_id)


def _refuse_member(household_id: int, person_id: int) -> None:
    key = living_key(household_id, person_id)
    if db.session.scalar(select(func.count()).select_from(Member).where(Member.living_key == key)):
        raise AlreadyMember()


def _person(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    if person is None or person.closed_at is not None:
        raise Missing()
    return person
