"""Artisans that could exist."""

from __future__ import annotations

import itertools
from datetime import date

from commons import clock
from commons.db import db
from commons.security import keyed_hash, seal_text
from marketplace.artisans.models import Artisan, ArtisanTrade
from marketplace.artisans.rules import Contact
from tests.make.divisions import written
from tests.make.doors import make_door
from tests.make.people import make_official, unissued_phone
from village.doors.models import Door
from village.public import bump_pages

_number = itertools.count(1)


def make_artisan(
    *,
    public_name: str = "杨师傅",
    door: Door | None = None,
    trades: tuple[str, ...] = ("carpenter",),
    contact: Contact = Contact.public,
    verified: bool = True,
    **more: str | date,
) -> Artisan:
    """An artisan who said yes to an official; *more* may give ``phone`` and ``certificate_until``."""
    with written():
        door = door or make_door()
        phone = str(more.get("phone") or unissued_phone())
        until = more.get("certificate_until")
        official = make_official(area=door.village_code)
        artisan = Artisan(
            village_code=door.village_code, county_code=door.village_code[:6], public_name=public_name, price_guide="",
            contact=contact.value, phone_sealed=seal_text(phone), phone_hash=keyed_hash("phone", phone),
            h3_near=door.h3_near, lot=next(_number) * 7919 % 1000, consent_at=clock.now(), consent_way="paper",
            consent_recorded_by=official.id, certificate="电工证" if until else "",
            certificate_until=until if isinstance(until, date) else None,
            verified_at=clock.now() if verified else None, verified_by=official.id if verified else None,
            form_key=f"made-{next(_number):020d}", created_at=clock.now(),
            trades=[ArtisanTrade(trade=trade) for trade in trades],
        )  # fmt: skip
        db.session.add(artisan)
        bump_pages(artisan.county_code)
        db.session.flush()  # the test needs its number
        return artisan
