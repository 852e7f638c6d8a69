"""Notices that could exist."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from commons import clock
from commons.db import db
from tests.make.divisions import VILLAGE, written
from tests.make.people import make_official
from village.notices.models import Notice
from village.public import bump_pages


def make_notice(
    *,
    area: str = VILLAGE,
    title: str = "三组停水半天",
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    is_urgent: bool = False,
    leaf: tuple[str, int] = ("停水", 0),
) -> Notice:
    """A notice that is up from now on, posted as an official would; *leaf* is what its date means, and in how many days it is."""
    with written():
        notice = Notice(
            area=area, affair="village", title=title, words="供水站检修水管，请提前存水。", signed_by="村民委员会",
            leaf_day=clock.today() + timedelta(days=leaf[1]), leaf_meaning=leaf[0], is_urgent=is_urgent, from_at=from_at or clock.now(),
            until_at=until_at, form_key=secrets.token_urlsafe(18), posted_by=make_official(area=area).id,
            posted_at=clock.now(),
        )  # fmt: skip
        db.session.add(notice)
        bump_pages(area)
        db.session.flush()  # the test needs its number
        return notice
