"""Who is here now, what they are appointed to, what they agreed to, and what the system holds about them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import g, has_request_context, request, session
from sqlalchemy import ColumnElement, or_, select, update

from commons import clock
from commons.accounts.models import Appointment, Consent, Official, Person, SignIn
from commons.accounts.rules import (
    CONSENT_VERSION,
    ONE_VISIT_IDLE,
    ROLES,
    SERVICE_CONSENT,
    TOUCH_AFTER,
    SignedIn,
    is_idle,
    is_over,
)
from commons.audit import AuditLine
from commons.db import db, in_transaction, transaction
from commons.errors import SignInNeeded
from commons.security import keyed_hash

TOKEN = "sign_in"  # noqa: S105 - the name under which the browser's session keeps its token
HERE = "xiangqingma.sign_in"
AGREED = "xiangqingma.agreed"

Export = Callable[[int], Any]
_exports: dict[str, Export] = {}
_exported_columns = {
    "person.phone_sealed", "person.phone_hash", "person.phone_confirmed_at", "consent.person_id", "appointment.person_id",
}  # fmt: skip


def sign_in_of_token(token: str, *kinds: str) -> SignIn | None:
    """Return the sign-in that *token* opens, if it is of one of *kinds*, not ended and not over."""
    found = db.session.scalar(select(SignIn).where(SignIn.token_hash == keyed_hash("sign-in", token)))
    if found is None or found.ended_at is not None or found.kind not in kinds:
        return None
    over = is_over(found.kind, found.one_visit, found.created_at, found.last_seen_at, clock.now())
    return None if over else found


def current_sign_in() -> SignedIn | None:
    """
    Return the sign-in of the request under way, locked or not; None for a stranger, and outside a request.

    Read from the database once per request, so that ending it anywhere ends it everywhere with the next request.
    """
    if not has_request_context():
        return None
    if HERE not in request.environ:
        request.environ[HERE] = _read_sign_in()
    found: SignedIn | None = request.environ[HERE]
    return found


def forget_sign_in() -> None:
    """Let the next question about who is here look again: a page has just changed it."""
    request.environ.pop(HERE, None)
    request.environ.pop(AGREED, None)


def _read_sign_in() -> SignedIn | None:
    g.person_id = None
    token = session.get(TOKEN)
    if not token:
        return None
    row = sign_in_of_token(str(token), "person", "official")
    if row is None or row.person_id is None:
        return None
    now = clock.now()
    locked = row.locked_at is not None or is_idle(row.kind, row.last_seen_at, now)
    here = SignedIn(row.id, row.person_id, row.kind, row.one_visit, locked)
    if not locked:
        g.person_id = row.person_id
        _touch(row, now)
    return here


def _touch(row: SignIn, now: datetime) -> None:
    """Keep the sign-in awake; rarely, since every write takes a lock."""
    wait = ONE_VISIT_IDLE / 20 if row.one_visit else TOUCH_AFTER[row.kind]
    if now - row.last_seen_at < wait or in_transaction():
        return
    row_id = row.id
    with transaction() as writing:
        seen = update(SignIn).where(SignIn.id == row_id, SignIn.ended_at.is_(None), SignIn.last_seen_at < now)
        writing.execute(seen.values(last_seen_at=now))


def outlived_official() -> int | None:
    """Return the official whose sign-in in this browser came to its natural end: what is sent now was still typed by them."""
    token = session.get(TOKEN)
    if not token:
        return None
    row = db.session.scalar(select(SignIn).where(SignIn.token_hash == keyed_hash("sign-in", str(token))))
    return row.person_id if row is not None and row.kind == "official" and row.ended_at is None else None


def current_person() -> Person | None:
    """Return the person signed in here, or None: for a stranger, and while a desk is locked."""
    here = current_sign_in()
    if here is None or here.is_locked:
        return None
    person = db.session.get(Person, here.person_id)
    return None if person is None or person.closed_at is not None else person


def require_person() -> Person:
    """
    Return the person signed in here.

    Raises:
        SignInNeeded: nobody is; the error page leads to where one can sign in.
    """
    person = current_person()
    if person is None:
        raise SignInNeeded()
    return person


def person_of_phone(phone: str) -> Person | None:
    """Return the open account of *phone* (11 digits), if there is one."""
    return db.session.scalar(select(Person).where(Person.phone_hash == keyed_hash("phone", phone)))


def official_of_name(name: str) -> Official | None:
    """Return the official who signs in as *name*, disabled or not."""
    return db.session.scalar(select(Official).where(Official.sign_in_name == name.lower()))


def in_force(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an appointment holds at *now*."""
    return (Appointment.from_at <= now) & or_(Appointment.until_at.is_(None), Appointment.until_at > now)


def appointments_of(person: Person | int) -> list[Appointment]:
    """Return what *person* is appointed to at this moment, oldest first."""
    person_id = person if isinstance(person, int) else person.id
    statement = select(Appointment).where(Appointment.person_id == person_id, in_force(clock.now()))
    return list(db.session.scalars(statement.order_by(Appointment.id)))


def holders_of(role: str, area: str) -> list[Person]:
    """Return who holds *role* over exactly *area* at this moment and can work, in the order of their appointment."""
    statement = (
        select(Person)
        .join(Appointment, Appointment.person_id == Person.id)
        .outerjoin(Official, Official.person_id == Person.id)
        .where(Appointment.role == role, Appointment.area == area, in_force(clock.now()))
        .where(Official.disabled_at.is_(None))
        .order_by(Appointment.id)
    )
    return list(db.session.scalars(statement).unique())


def has_consented(person_id: int, kind: str = SERVICE_CONSENT, version: str = CONSENT_VERSION) -> bool:
    """Say whether the person agreed to *kind* in this *version* and has not taken it back."""
    statement = select(Consent.id).where(*not_taken_back(person_id, kind), Consent.version == version)
    return db.session.scalar(statement.limit(1)) is not None


def not_taken_back(person_id: int, kind: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a consent of the person to *kind*, of any version, was not taken back."""
    return Consent.person_id == person_id, Consent.kind == kind, Consent.withdrawn_at.is_(None)


def has_agreed_now(person_id: int) -> bool:
    """Say whether the person agreed to the text of today; looked up once per request."""
    if not has_request_context():
        return has_consented(person_id)
    kept: tuple[int, bool] | None = request.environ.get(AGREED)
    if kept is None or kept[0] != person_id:
        kept = (person_id, has_consented(person_id))
        request.environ[AGREED] = kept
    return kept[1]


def standing_consent(person_id: int) -> Consent | None:
    """Return the newest consent that the account rests on, if it was not taken back."""
    wanted = select(Consent).where(*not_taken_back(person_id, SERVICE_CONSENT))
    return db.session.scalar(wanted.order_by(Consent.id.desc()).limit(1))


def consents_of(person_id: int) -> list[Consent]:
    """Return everything the person ever agreed to, newest first."""
    return list(
        db.session.scalars(select(Consent).where(Consent.person_id == person_id).order_by(Consent.id.desc()))
    )


def looks_at(person_id: int, limit: int = 50) -> list[dict[str, Any]]:
    """Return who opened the person's record, when and for what reason, newest first: for that person to see."""
    statement = (
        select(AuditLine.at, AuditLine.reason, Person.name, Official.organisation)
        .outerjoin(Person, Person.id == AuditLine.person_id)
        .outerjoin(Official, Official.person_id == AuditLine.person_id)
        .where(AuditLine.subject == f"person:{person_id}", AuditLine.action == "person.opened")
        .order_by(AuditLine.id.desc())
        .limit(limit)
    )
    return [
        {"at": at, "reason": reason, "who": name or "工作人员", "organisation": organisation or ""}
        for at, reason, name, organisation in db.session.execute(statement)
    ]


def exported(name: str, *columns: str) -> Callable[[Export], Export]:
    """
    Register a function that returns, for a person's id, what a feature holds about them, as plain JSON values.

    *columns* (``table.column``) say by which references the function finds it; a test fails on a column that points at a person
    and is named neither by an export nor among the reasons why not.
    """

    def register(export: Export) -> Export:
        _exports[name] = export
        _exported_columns.update(columns)
        return export

    return register


def exported_columns() -> frozenset[str]:
    """Return the columns whose rows 我的资料 takes along."""
    return frozenset(_exported_columns)


def everything_about(person: Person) -> dict[str, Any]:
    """Return all that the system holds about *person*, in plain JSON values, feature by feature."""
    about: dict[str, Any] = {
        "账号": {
            "编号": person.id,
            "姓名": person.name,
            "手机号": person.phone,
            "开通时间": exported_moment(person.created_at),
            "手机号最近确认": exported_moment(person.phone_confirmed_at),
        },
        "同意记录": [
            {
                "事项": row.kind,
                "版本": row.version,
                "同意": exported_moment(row.given_at),
                "撤回": exported_moment(row.withdrawn_at),
            }
            for row in consents_of(person.id)
        ],
        "职务": [
            {
                "职务": ROLES.get(row.role, row.role),
                "范围": row.area,
                "自": exported_moment(row.from_at),
                "至": exported_moment(row.until_at),
            }
            for row in db.session.scalars(select(Appointment).where(Appointment.person_id == person.id))
        ],
        "谁看过我的资料": [
            {"时间": exported_moment(look["at"]), "谁": look["who"], "事由": look["reason"]}
            for look in looks_at(person.id, 1000)
        ],
    }
    for name, export in sorted(_exports.items()):
        about[name] = export(person.id)
    return about


def exported_moment(value: datetime | None) -> str | None:
    """Return a moment as an export writes it: on a clock in China."""
    return None if value is None else clock.to_beijing(value).isoformat(timespec="seconds")
