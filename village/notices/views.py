"""A notice as one line of a list. Frozen values that a template can show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from commons.filters import lunar
from village.notices.queries import OpenNotice


@dataclass(frozen=True, slots=True)
class CalendarLeaf:
    """A date and what it is: 截止, 停水, 公布. *lunar* is the same day in the old calendar (农历十月十五)."""

    month: int
    day: int
    meaning: str
    lunar: str = ""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice in a list, urgent only as long as it presses. *audio_url* is the clerk's own voice, where it was recorded."""

    title: str
    by: str
    url: str
    leaf: CalendarLeaf
    is_urgent: bool = False
    is_over: bool = False
    audio_url: str = ""


def notice_row(notice: OpenNotice, now: datetime) -> NoticeRow:
    """Return a notice as a line of a list read at *now*."""
    return NoticeRow(
        title=notice.title,
        by=notice.signed_by,
        url=url_for("notices.show_notice", notice_id=notice.id),
        leaf=CalendarLeaf(
            notice.leaf_day.month, notice.leaf_day.day, notice.leaf_meaning, lunar(notice.leaf_day)
        ),
        is_urgent=notice.is_pressing(now),
        is_over=notice.is_over(now),
        audio_url=notice.voice_url,
    )
