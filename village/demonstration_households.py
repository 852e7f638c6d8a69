"""The demonstration's households: registered by the officer at the door, one member signing in with a telephone."""

from __future__ import annotations

from sqlalchemy import select

from commons.accounts.permissions import acting_as
from commons.db import db, transaction
from commons.demonstration import Guide
from village.demonstration import VILLAGE, make_person, official
from village.doors.models import Door
from village.households.actions import open_household, set_away
from village.households.joining import claim, enter_member, issue_slip
from village.households.rules import Occupancy

MEMBER, MEMBER_NAME = "10000000051", "王秀兰"
FAMILIES: tuple[tuple[Occupancy, tuple[str, ...]], ...] = (
    (Occupancy.resident, (MEMBER_NAME, "李四海", "李小满")),
    (Occupancy.resident, ("周老汉",)),
    (Occupancy.let, ("外来租户一", "外来租户二")),
    (Occupancy.vacant, ()),
)


def register_households(guide: Guide) -> None:
    """Register four households; one member claims her own entry, one is away, one slip waits to be used."""
    officer = official("officer")
    query = select(Door.id).where(Door.village_code == VILLAGE, Door.group_no == 1).order_by(Door.door_no)
    doors = list(db.session.scalars(query.limit(len(FAMILIES))))
    homes = []
    for door_id, (occupancy, names) in zip(doors, FAMILIES, strict=True):
        with acting_as(officer), transaction():
            home = open_household(door_id, occupancy)
            phones = [MEMBER if name == MEMBER_NAME else "" for name in names]
            members = [
                enter_member(officer, home, name, phone) for name, phone in zip(names, phones, strict=True)
            ]
            if len(members) > 2:
                set_away(members[-1], True)
        homes.append(home)
    with transaction() as session:
        person = make_person(MEMBER, MEMBER_NAME)
        session.flush()  # the claim looks for the person's telephone
        claim(person.id, MEMBER_NAME)
    with acting_as(officer), transaction():
        slip = issue_slip(officer, homes[1])
    guide.say(
        f"住户：{MEMBER_NAME}用手机号 {MEMBER} 登录，在“我的户”里看自己家；入户单的码 {slip.code} 还没用"
    )
