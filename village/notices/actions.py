"""Post a notice, take one down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from commons import audit, clock
from commons.accounts.permissions import current_scope, require_scope
from commons.db import db, locked
from commons.errors import Missing, NotAllowed
from village.notices.errors import EndsBeforeItBegins, OverAlready, WithdrawnAlready
from village.notices.models import Notice
from village.notices.queries import notice_of_form
from village.public import bump_pages

# Whoever may read a notice may hear it; see pages.may_hear.
VOICE_VISIBILITY = "notice"


@dataclass(frozen=True, slots=True)
class NewNotice:
    """What an official typed. ``from_at`` empty means now; ``until_at`` empty means until it is taken down."""

    area: str
    affair: str
    title: str
    words: str
    signed_by: str
    leaf_day: date
    leaf_meaning: str
    form_key: str
    is_urgent: bool = False
    from_at: datetime | None = None
    until_at: datetime | None = None
    voice_id: int | None = None


def post_notice(person_id: int, new: NewNotice) -> int:
    """
    Store a notice and return its number; the same form posted again returns the first one's.

    Raises:
        EndsBeforeItBegins, OverAlready: nobody would ever see it.
        NotAllowed: the official's scope does not reach the area.
    """
    require_scope("post-notice", new.area)
    known = notice_of_form(new.form_key)
    if known is not None:
        return known
    now = clock.now()
    from_at = new.from_at or now
    if new.until_at is not None and new.until_at <= from_at:
        raise EndsBeforeItBegins()
    if new.until_at is not None and new.until_at <= now:
        raise OverAlready()
    notice = Notice(
        area=new.area, affair=new.affair, title=new.title, words=new.words, signed_by=new.signed_by,
        leaf_day=new.leaf_day, leaf_meaning=new.leaf_meaning, is_urgent=new.is_urgent, from_at=from_at,
        until_at=new.until_at, voice_id=new.voice_id, form_key=new.form_key, posted_by=person_id, posted_at=now,
    )  # fmt: skip
    db.session.add(notice)
    bump_pages(new.area)
    db.session.flush()  # the answer leads to the notice by its number
    audit.record("post-notice", subject=f"notice:{notice.id}", area=new.area, affair=new.affair)
    return notice.id


def withdraw_notice(person_id: int, notice_id: int) -> None:
    """
    Take a notice down at once.

    Raises:
        Missing: there is none.
        NotAllowed: it is neither the official's own nor in the area they answer for.
        WithdrawnAlready: it is down.
    """
    notice = locked(Notice, notice_id)
    if notice is None:
        raise Missing()
    if not current_scope("withdraw-notice").reaches(notice.area, notice.posted_by):
        raise NotAllowed()
    if notice.withdrawn_at is not None:
        raise WithdrawnAlready()
    notice.withdrawn_at, notice.withdrawn_by = clock.now(), person_id
    bump_pages(notice.area)
    audit.record("withdraw-notice", subject=f"notice:{notice_id}", area=notice.area)
