"""Who appears, by trade and distance; and whom an official keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import selectinload

from commons import clock
from commons.accounts.permissions import Scope
from commons.db import db
from commons.paging import Page
from commons.security import open_text
from geocode import cells
from marketplace.artisans.models import Artisan
from marketplace.artisans.rules import NEAR_RINGS, TRADE_OF, Contact, Trade, distance_km
from village.public import village_ref

IN_A_LIST = 30


@dataclass(frozen=True, slots=True)
class NearArtisan:
    """An artisan as anyone may see one; *phone* is the own one or the village's duty line, as was chosen."""

    id: int
    public_name: str
    trades: tuple[Trade, ...]
    price_guide: str
    certificate: str
    km: float
    phone: str
    is_passed_on: bool


@dataclass(frozen=True, slots=True)
class NearArtisans:
    """The artisans near a place, and the next moment at which the list changes by itself."""

    rows: tuple[NearArtisan, ...]
    total: int
    next_change_at: datetime | None
    trades: frozenset[str]


def listed(today: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which an artisan appears; the same rule as ``rules.is_listed``."""
    return (
        Artisan.verified_at.is_not(None),
        Artisan.withdrawn_at.is_(None),
        or_(Artisan.certificate_until.is_(None), Artisan.certificate_until >= today),
    )


def artisans_near(h3_near: int, county_code: str, *, trade: str = "", limit: int = IN_A_LIST) -> NearArtisans:
    """Return who appears near a resolution-8 cell, nearest first, ties in a fixed random order. Within one county."""
    today = clock.today()
    around = [int(cell, 16) for cell in cells.grid_disk(h3_near, NEAR_RINGS)]
    where = [Artisan.county_code == county_code, Artisan.h3_near.in_(around), *listed(today)]
    every = list(db.session.scalars(select(Artisan).where(*where).options(selectinload(Artisan.trades))))
    trades = frozenset(row.trade for artisan in every for row in artisan.trades)
    found = [artisan for artisan in every if not trade or trade in {row.trade for row in artisan.trades}]
    found.sort(key=lambda artisan: (distance_km(h3_near, artisan.h3_near), artisan.lot, artisan.id))
    rows = tuple(_near(artisan, h3_near) for artisan in found[:limit])
    return NearArtisans(rows, len(found), _next_change(every), trades)


def _next_change(found: list[Artisan]) -> datetime | None:
    ends = [artisan.certificate_until for artisan in found if artisan.certificate_until is not None]
    first = min(ends, default=date.max)
    return clock.start_of_day(first + timedelta(days=1)) if first < date.max else None


def _near(artisan: Artisan, h3_near: int) -> NearArtisan:
    is_passed_on = artisan.contact != Contact.public
    village = village_ref(artisan.village_code)
    return NearArtisan(
        artisan.id,
        artisan.public_name,
        tuple(TRADE_OF[row.trade] for row in artisan.trades if row.trade in TRADE_OF),
        artisan.price_guide,
        artisan.certificate,
        distance_km(h3_near, artisan.h3_near),
        (village.duty_phone if village else "") if is_passed_on else open_text(artisan.phone_sealed),
        is_passed_on,
    )


def kept_artisans(scope: Scope, number: int) -> Page[Artisan]:
    """Return one page of the artisans an official looks after: those who wait for verification first."""
    where = scope.condition(Artisan.village_code)
    total = db.session.scalar(select(func.count()).select_from(Artisan).where(where)) or 0
    order = (Artisan.withdrawn_at.is_not(None), Artisan.verified_at.is_not(None), Artisan.id.desc())
    page = select(Artisan).where(where).options(selectinload(Artisan.trades)).order_by(*order)
    rows = db.session.scalars(page.limit(IN_A_LIST).offset((number - 1) * IN_A_LIST)).all()
    return Page(rows, number, IN_A_LIST, total)


def waiting_count(scope: Scope) -> int:
    """Return how many wait for verification."""
    waiting = (
        scope.condition(Artisan.village_code),
        Artisan.verified_at.is_(None),
        Artisan.withdrawn_at.is_(None),
    )
    return db.session.scalar(select(func.count()).select_from(Artisan).where(*waiting)) or 0


def own_entries(phone_hash: str) -> list[Artisan]:
    """Return the entries that bear somebody's own telephone and still stand."""
    own = select(Artisan).where(Artisan.phone_hash == phone_hash, Artisan.withdrawn_at.is_(None))
    return list(db.session.scalars(own.options(selectinload(Artisan.trades))))
