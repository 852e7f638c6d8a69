"""Which notices are up, for a door, for a list, for the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, case, func, literal, not_, or_, select

from commons import clock
from commons.accounts.permissions import Scope
from commons.db import db
from commons.paging import Page
from commons.uploads import Upload
from village.notices.models import Notice
from village.notices.rules import NEAR, PUBLISHED, covering_areas, is_shown

ON_A_DOOR = 3
IN_A_LIST = 20


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice as anyone may read it."""

    id: int
    area: str
    affair: str
    title: str
    words: str
    signed_by: str
    leaf_day: date
    leaf_meaning: str
    is_urgent: bool
    from_at: datetime
    until_at: datetime | None
    withdrawn_at: datetime | None
    posted_by: int
    posted_at: datetime
    voice_url: str

    @property
    def published_at(self) -> datetime:
        """When people could first read it: once posted, and not before its beginning."""
        return max(self.from_at, self.posted_at)

    def is_shown(self, now: datetime) -> bool:
        """Say whether it is up at *now*."""
        return is_shown(self.from_at, self.until_at, self.withdrawn_at, now)

    def is_over(self, now: datetime) -> bool:
        """Say whether the day on its leaf has passed; 公布 is the day something was said, and is never over."""
        return self.leaf_meaning != PUBLISHED and self.leaf_day < _day(now)

    def is_pressing(self, now: datetime) -> bool:
        """Say whether it is urgent still, as :func:`notices_on_doors` orders by."""
        is_fresh = self.leaf_meaning != PUBLISHED or self.from_at > clock.start_of_day(_day(now) - NEAR)
        return self.is_urgent and is_fresh and not self.is_over(now)


@dataclass(frozen=True, slots=True)
class DoorNotices:
    """The notices on the doors of a village, and the next moment at which they change by themselves."""

    rows: tuple[OpenNotice, ...]
    total: int
    next_change_at: datetime | None


def _shown(areas: tuple[str, ...], now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Notice.area.in_(areas),
        Notice.withdrawn_at.is_(None),
        Notice.from_at <= now,
        or_(Notice.until_at.is_(None), Notice.until_at > now),
    )


def _rows(statement: Select[Notice, Upload]) -> tuple[OpenNotice, ...]:
    return tuple(_open(notice, upload) for notice, upload in db.session.execute(statement))


def _select() -> Select[Notice, Upload]:
    return select(Notice, Upload).outerjoin(Upload, Upload.id == Notice.voice_id)


def _open(notice: Notice, voice: Upload | None) -> OpenNotice:
    return OpenNotice(
        notice.id, notice.area, notice.affair, notice.title, notice.words, notice.signed_by,
        notice.leaf_day, notice.leaf_meaning, notice.is_urgent, notice.from_at, notice.until_at, notice.withdrawn_at,
        notice.posted_by, notice.posted_at, f"/files/{voice.key}" if voice is not None else "",
    )  # fmt: skip


def notices_on_doors(village_code: str, now: datetime) -> DoorNotices:
    """
    Return what the doors of a village show at *now*. Three queries.

    Urgent is first while its day has not passed, then what happens within a week, the soonest first; then the news, the latest
    first; what is over comes last, so that no water cut to come is pushed off by one of last week.
    """
    areas = covering_areas(village_code)
    rows = _rows(_select().where(*_shown(areas, now)).order_by(*_as_on_doors(now)).limit(ON_A_DOOR))
    total = db.session.scalar(select(func.count()).select_from(Notice).where(*_shown(areas, now))) or 0
    until = next_change(areas, now)
    if rows:
        midnight = clock.start_of_day(_day(now) + timedelta(days=1))  # then days come near, and are over
        until = midnight if until is None else min(until, midnight)
    return DoorNotices(rows, total, until)


def _day(now: datetime) -> date:
    return clock.to_beijing(now).date()


def _as_on_doors(now: datetime) -> tuple[ColumnElement[Any], ...]:
    """Return the order of notices on a door; 公布 is the day something was said, every other day one on which something happens."""
    today = _day(now)
    happens = Notice.leaf_meaning != PUBLISHED
    is_over = happens & (Notice.leaf_day < today)
    is_fresh = not_(happens) & (Notice.from_at > clock.start_of_day(today - NEAR))
    is_pressing = Notice.is_urgent & ((happens & not_(is_over)) | is_fresh)
    is_near = happens & Notice.leaf_day.between(today, today + NEAR)
    rank = case((is_pressing, 0), (is_near, 1), (is_over, 3), else_=2)
    soonest = case(
        ((is_pressing | is_near) & (Notice.leaf_day > today), Notice.leaf_day), else_=literal(today, Date)
    )
    return rank, soonest, Notice.from_at.desc(), Notice.id.desc()


def next_change(areas: tuple[str, ...], now: datetime) -> datetime | None:
    """Return the next moment after *now* at which a notice of *areas* begins or ends."""
    coming = (Notice.area.in_(areas), Notice.withdrawn_at.is_(None))
    begins = select(func.min(Notice.from_at)).where(*coming, Notice.from_at > now)
    ends = select(func.min(Notice.until_at)).where(*coming, Notice.until_at > now)
    moments = [db.session.scalar(begins), db.session.scalar(ends)]
    return min((moment for moment in moments if moment is not None), default=None)


def notices_of(village_code: str, affair: str, now: datetime, number: int) -> Page[OpenNotice]:
    """Return one page of the notices that are up in a village, of one affair or (empty) of all."""
    where = [*_shown(covering_areas(village_code), now)]
    if affair:
        where.append(Notice.affair == affair)
    total = db.session.scalar(select(func.count()).select_from(Notice).where(*where)) or 0
    order = (Notice.from_at.desc(), Notice.id.desc())
    page = _select().where(*where).order_by(*order).limit(IN_A_LIST).offset((number - 1) * IN_A_LIST)
    return Page(_rows(page), number, IN_A_LIST, total)


def open_notice(notice_id: int, now: datetime) -> OpenNotice | None:
    """Return a notice that is up at *now*; None before its time, after it, or when it was taken down."""
    found = _rows(_select().where(Notice.id == notice_id))
    return found[0] if found and found[0].is_shown(now) else None


def notice_of_voice(upload_id: int) -> OpenNotice | None:
    """Return the notice that a recording belongs to, whatever its time."""
    found = _rows(_select().where(Notice.voice_id == upload_id))
    return found[0] if found else None


def desk_notice(notice_id: int, scope: Scope) -> OpenNotice | None:
    """Return a notice for the official who may post where it is shown, whatever its time."""
    found = _rows(_select().where(Notice.id == notice_id, scope.condition(Notice.area)))
    return found[0] if found else None


def desk_notices(scope: Scope, number: int) -> Page[OpenNotice]:
    """Return one page of the notices of an official's areas, the latest first, whatever their time."""
    where = scope.condition(Notice.area)
    total = db.session.scalar(select(func.count()).select_from(Notice).where(where)) or 0
    page = _select().where(where).order_by(Notice.id.desc()).limit(IN_A_LIST).offset((number - 1) * IN_A_LIST)
    return Page(_rows(page), number, IN_A_LIST, total)


def notice_of_form(form_key: str) -> int | None:
    """Return the notice that a form made before, if it was posted before."""
    return db.session.scalar(select(Notice.id).where(Notice.form_key == form_key))
