"""Matters that could exist: reported from a door by the same action the pages call."""

from __future__ import annotations

import secrets

from commons.accounts.permissions import acting_as
from commons.db import db
from tests.make.divisions import written
from tests.make.doors import make_door
from village.doors.models import Door
from village.matters.actions import NewMatter, report_matter
from village.matters.desk_actions import Deed, handle_matter
from village.matters.intake import where_of
from village.matters.models import Matter
from village.matters.rules import Act
from village.public import door_of


def make_matter(
    *,
    door: Door | None = None,
    category: str = "roads",
    words: str = "三组路口的路灯不亮了",
    phone: str = "",
    place: str = "",
) -> Matter:
    """A matter that somebody reported a moment ago from a browser that is gone."""
    with written():
        found = door_of((door or make_door()).id)
        assert found is not None
        key = secrets.token_urlsafe(18)
        new = NewMatter(category, words, where_of(found, place), key, f"{key:0<64}", "1234", phone=phone)
        return report_matter(new)


def do_to(matter: Matter, act: Act, *, by: int, words: str = "去看过了，明天修") -> Matter:
    """The official *by* does something to a matter that lies on the own desk."""
    with acting_as(by), written():
        handle_matter(by, matter.number, Deed(act, "" if act is Act.take else words))
    db.session.expire_all()
    return matter
