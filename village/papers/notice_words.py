"""What a notice says, as far as paper, a chat group and the loudspeaker need to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """
    A notice in plain values.

    ``village`` is the place it speaks to, ``affair`` one of 党务 政务 村务 商务, ``signed_by`` who
    answers for it. ``begins`` is when it can first be read, if that is still to come, ``until`` when it is taken
    from the board, which is no date of the matter itself: that is ``day``, with what happens on it (截止, 停水) as
    ``day_meaning``. ``phone`` is the number to ask, ``url`` the page of the notice, ``seal_path`` the village's seal;
    all three may be empty.
    """

    village: str
    affair: str
    title: str
    text: str
    signed_by: str
    posted_at: datetime
    begins: datetime | None = None
    day: date | None = None
    day_meaning: str = ""
    until: datetime | None = None
    phone: str = ""
    url: str = ""
    seal_path: str = ""
