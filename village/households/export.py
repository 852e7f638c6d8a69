"""What 我的资料 takes along of households: where one belongs and belonged, what one asked for, who looked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from commons import clock
from commons.accounts.models import Official, Person
from commons.accounts.queries import exported
from commons.audit import AuditLine
from commons.db import db
from village.doors.models import Door
from village.households.models import Household, JoinRequest, Member
from village.households.rules import LEFT_WORDS, WAY_WORDS, LeftReason, Way

ANSWERS = {"waiting": "等人同意", "agreed": "已同意", "refused": "没有同意", "withdrawn": "已撤回或过期"}


def looks_at_members(person_id: int) -> list[dict[str, Any]]:
    """Return who opened the person's lines in a household before an account stood behind them, newest first."""
    own = select(Member.id).where(Member.person_id == person_id)
    subjects = [f"member:{each}" for each in db.session.scalars(own)]
    statement = (
        select(AuditLine.at, AuditLine.reason, Person.name, Official.organisation)
        .outerjoin(Person, Person.id == AuditLine.person_id)
        .outerjoin(Official, Official.person_id == AuditLine.person_id)
        .where(AuditLine.subject.in_(subjects), AuditLine.action == "person.opened")
        .order_by(AuditLine.id.desc())
        .limit(200)
    )
    return [
        {"at": at, "reason": reason, "who": name or "工作人员", "organisation": organisation or ""}
        for at, reason, name, organisation in db.session.execute(statement)
    ]


@exported(
    "住户",
    "household_member.person_id",
    "household_member.name_sealed",
    "household_request.person_id",
    "household_request.name_sealed",
)
def export(person_id: int) -> dict[str, Any]:
    """Return everything that households hold about a person, in plain JSON values."""
    lines = (
        select(Member, Household.number, Door.address)
        .join(Household, Household.id == Member.household_id)
        .join(Door, Door.id == Household.door_id)
        .where(Member.person_id == person_id)
        .order_by(Member.id)
    )
    asked = (
        select(JoinRequest, Door.address)
        .join(Door, Door.id == JoinRequest.door_id)
        .where(JoinRequest.person_id == person_id)
    )
    return {
        "成员": [
            _membership(member, number, address) for member, number, address in db.session.execute(lines)
        ],
        "申请": [
            {
                "地址": address,
                "姓名": request.name,
                "时间": _moment(request.asked_at),
                "结果": ANSWERS[request.answer],
            }
            for request, address in db.session.execute(asked.order_by(JoinRequest.id))
        ],
        "谁看过": [
            {"时间": _moment(look["at"]), "谁": look["who"], "事由": look["reason"]}
            for look in looks_at_members(person_id)
        ],
    }


def _membership(member: Member, number: int, address: str) -> dict[str, Any]:
    return {
        "地址": address,
        "户": number,
        "姓名": member.name,
        "自": _moment(member.since),
        "怎么加入": WAY_WORDS[Way(member.way)],
        "外出": member.is_away,
        "至": _moment(member.left_at),
        "离开原因": LEFT_WORDS[LeftReason(member.left_reason)] if member.left_reason else None,
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else clock.to_beijing(value).isoformat(timespec="minutes")
