"""What 我的资料 takes along of the ground itself: sign-ins, the account at the desk, drafts, messages, and what one did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from commons import drafts
from commons.accounts.models import Official, Person, SignIn
from commons.accounts.queries import exported, exported_moment
from commons.audit import AuditLine
from commons.db import db
from commons.messaging.models import OutgoingMessage

SIGN_IN_WORDS = {"person": "手机", "official": "工作台"}
MOST_ACTS = 5000


@exported("登录记录", "sign_in.person_id")
def sign_ins(person_id: int) -> list[dict[str, Any]]:
    """Return when the person was signed in; what was only begun and went on as another counts with that."""
    own = select(SignIn).where(SignIn.person_id == person_id, SignIn.kind.in_(SIGN_IN_WORDS))
    return [
        {
            "方式": SIGN_IN_WORDS[row.kind],
            "登录": exported_moment(row.created_at),
            "最近使用": exported_moment(row.last_seen_at),
            "退出": exported_moment(row.ended_at),
            "公用手机": row.one_visit,
        }
        for row in db.session.scalars(own.order_by(SignIn.id))
    ]


@exported("工作账号", "official.person_id")
def desk_account(person_id: int) -> dict[str, Any] | None:
    """Return the account at the desk, without its secrets."""
    official = db.session.get(Official, person_id)
    if official is None:
        return None
    return {
        "登录名": official.sign_in_name,
        "单位": official.organisation,
        "第二步验证": {"totp": "验证器应用", "sms": "短信"}.get(official.second_factor),
        "开通": exported_moment(official.created_at),
        "停用": exported_moment(official.disabled_at),
    }


@exported("没交的内容", "draft.person_id", "draft.fields_sealed")
def unsent(person_id: int) -> list[dict[str, Any]]:
    """Return what is kept of forms that were sent too late."""
    return [
        {"时间": exported_moment(draft.saved_at), "页面": draft.form, "内容": drafts.pairs_in(draft)}
        for draft in drafts.drafts_of(person_id)
    ]


@exported("短信", "outgoing_message.phone_hash", "outgoing_message.phone_sealed")
def messages(person_id: int) -> list[dict[str, Any]]:
    """Return which messages went to the person's telephone; their words are gone once they are sent."""
    person = db.session.get(Person, person_id)
    if person is None or person.phone_hash is None:
        return []
    sent = select(OutgoingMessage).where(OutgoingMessage.phone_hash == person.phone_hash)
    return [
        {
            "时间": exported_moment(row.created_at),
            "哪一种": row.template,
            "发出": exported_moment(row.sent_at),
        }
        for row in db.session.scalars(sent.order_by(OutgoingMessage.id))
    ]


@exported("办过的事", "audit_line.person_id", "audit_line.on_behalf_of")
def acts(person_id: int) -> list[dict[str, Any]]:
    """Return what the record says that the person did, or that was done on their behalf, newest first."""
    theirs = or_(AuditLine.person_id == person_id, AuditLine.on_behalf_of == person_id)
    newest = select(AuditLine).where(theirs).order_by(AuditLine.id.desc()).limit(MOST_ACTS)
    return [
        {
            "时间": exported_moment(line.at),
            "事": line.action,
            "对象": line.subject,
            "范围": line.area,
            "事由": line.reason,
        }
        for line in db.session.scalars(newest)
    ]
