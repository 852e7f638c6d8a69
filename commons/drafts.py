"""
What somebody had typed when they had to sign in or unlock first, kept sealed and given back once they have.

A kept form is found by a random key in the address (``?draft=``); the key alone never opens it: either the person it belongs to
must be here, or, for a stranger, the browser's own session must hold the key. Files are not kept.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

from flask import session
from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict

from commons import clock
from commons.columns import Code, UtcDateTime
from commons.db import Base, db
from commons.security import open_text, seal_text

LARGEST = 200_000
KEY = re.compile(r"[A-Za-z0-9_-]{43}")
STRANGERS_KEYS = "drafts"
KEPT_BY_A_STRANGER = 3
KEEP = timedelta(days=7)
KEEP_OF_STRANGER = timedelta(days=1)
NOT_KEPT = {"csrf_token", "password", "pin", "code", "sms", "new_password", "new_password_again"}


class Draft(Base):
    """The fields of one form that was sent too late."""

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_person_id", "person_id", "form"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(Code(43), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # The path the form was sent to, and the page on which it is filled in.
    form: Mapped[str] = mapped_column(String(300))
    page: Mapped[str] = mapped_column(String(2000))
    fields_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


def worth_keeping(fields: MultiDict[str, str]) -> list[tuple[str, str]]:
    """Return the pairs of *fields* that may be kept: no secrets, and nothing if it is all empty or far too much."""
    pairs = [(name, value) for name, value in fields.items(multi=True) if not _is_secret(name)]
    size = sum(len(name) + len(value) for name, value in pairs)
    return pairs if 0 < size <= LARGEST and any(value.strip() for _, value in pairs) else []


def _plain(form: str) -> str:
    """Return a path as both databases can hold it: one refuses a zero byte, which an address may carry."""
    return form.replace("\0", "")[:300]


def _is_secret(name: str) -> bool:
    return name.rsplit("-", 1)[-1] in NOT_KEPT


def keep(pairs: list[tuple[str, str]], *, key: str, person_id: int | None, form: str, page: str) -> None:
    """Store what was typed into *form*; of the same person's same form only the latest is kept."""
    if person_id is not None:
        forget(person_id, form)
    sealed = seal_text(json.dumps(pairs, ensure_ascii=False))
    db.session.add(
        Draft(
            key=key,
            person_id=person_id,
            form=_plain(form),
            page=page,
            fields_sealed=sealed,
            saved_at=clock.now(),
        )
    )


def remember_key(key: str) -> None:
    """Let the browser's session hold the key of a stranger's draft; of many, the last few."""
    session[STRANGERS_KEYS] = [*session.get(STRANGERS_KEYS, []), key][-KEPT_BY_A_STRANGER:]


def fields_of(key: str, person_id: int | None) -> MultiDict[str, str] | None:
    """Return the fields kept under *key* if they belong to *person_id*, or to the stranger who uses this browser."""
    if not KEY.fullmatch(key):
        return None
    found = db.session.scalar(select(Draft).where(Draft.key == key))
    if found is None:
        return None
    if found.person_id is None and key not in session.get(STRANGERS_KEYS, []):
        return None
    if found.person_id is not None and found.person_id != person_id:
        return None
    return MultiDict([(name, value) for name, value in json.loads(open_text(found.fields_sealed))])


def pairs_in(draft: Draft) -> list[list[str]]:
    """Return the fields of a kept form, as name and value in their order."""
    pairs: list[list[str]] = json.loads(open_text(draft.fields_sealed))
    return pairs


def drafts_of(person_id: int) -> list[Draft]:
    """Return the drafts kept for a person, newest first."""
    statement = select(Draft).where(Draft.person_id == person_id).order_by(Draft.id.desc()).limit(20)
    return list(db.session.scalars(statement))


def draft_of_form(person_id: int, form: str) -> Draft | None:
    """Return the draft of *form* that is kept for a person, if there is one."""
    return db.session.scalar(
        select(Draft).where(Draft.person_id == person_id, Draft.form == _plain(form)).limit(1)
    )


def adopt(person_id: int) -> None:
    """Give the drafts that this browser kept for a stranger to the person the stranger turned out to be."""
    keys = session.pop(STRANGERS_KEYS, [])
    if keys:
        strangers = (Draft.key.in_(keys), Draft.person_id.is_(None))
        db.session.execute(update(Draft).where(*strangers).values(person_id=person_id))


def forget(person_id: int, form: str) -> None:
    """Remove what was kept of one form: it has been sent, or is typed anew."""
    db.session.execute(delete(Draft).where(Draft.person_id == person_id, Draft.form == _plain(form)))


def drop(draft_id: int, person_id: int) -> None:
    """Remove one draft of a person; somebody else's stays."""
    db.session.execute(delete(Draft).where(Draft.id == draft_id, Draft.person_id == person_id))


def forget_person(person_id: int) -> None:
    """Remove every draft of a person whose account is closed."""
    db.session.execute(delete(Draft).where(Draft.person_id == person_id))


def forget_old(now: datetime) -> None:
    """Remove drafts that nobody came back for."""
    old_strangers = Draft.person_id.is_(None) & (Draft.saved_at < now - KEEP_OF_STRANGER)
    db.session.execute(delete(Draft).where(old_strangers | (Draft.saved_at < now - KEEP)))
