"""Enter an artisan with the choice that was made, verify one, take one out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from commons import audit, clock
from commons.accounts.permissions import current_scope, require_scope
from commons.accounts.rules import Leaving, NewPhone
from commons.db import db, locked, locked_rows
from commons.errors import Missing, NotAllowed
from commons.security import keyed_hash, seal_text
from marketplace.artisans.errors import CertificateOver, UnknownTrade, WithdrawnBefore
from marketplace.artisans.models import Artisan, ArtisanTrade
from marketplace.artisans.rules import TRADE_OF, Contact
from village.public import DoorRef, bump_pages


@dataclass(frozen=True, slots=True)
class NewArtisan:
    """What was agreed with a person: the trades, the way to be called, and how that was recorded."""

    public_name: str
    trades: tuple[str, ...]
    phone: str
    contact: str
    consent_way: str
    form_key: str
    price_guide: str = ""
    certificate: str = ""
    certificate_until: date | None = None


def enter_artisan(person_id: int, door: DoorRef, new: NewArtisan) -> Artisan:
    """
    Store an artisan with the recorded choice; nobody sees the entry until it is verified.

    Raises:
        UnknownTrade, CertificateOver: the entry is wrong.
        NotAllowed: the village is not the official's.
    """
    require_scope("keep-artisans", door.village_code)
    known = db.session.scalar(select(Artisan).where(Artisan.form_key == new.form_key))
    if known is not None:
        return known
    if not new.trades or any(trade not in TRADE_OF for trade in new.trades):
        raise UnknownTrade()
    if new.certificate_until is not None and new.certificate_until < clock.today():
        raise CertificateOver()
    now = clock.now()
    artisan = Artisan(
        village_code=door.village_code, county_code=door.county_code, public_name=new.public_name,
        price_guide=new.price_guide, contact=new.contact, phone_sealed=seal_text(new.phone),
        phone_hash=keyed_hash("phone", new.phone), h3_near=door.h3_near, lot=secrets.randbelow(1_000_000),
        consent_at=now, consent_way=new.consent_way, consent_recorded_by=person_id, certificate=new.certificate,
        certificate_until=new.certificate_until, form_key=new.form_key, created_at=now,
        trades=[ArtisanTrade(trade=trade) for trade in dict.fromkeys(new.trades)],
    )  # fmt: skip
    db.session.add(artisan)
    db.session.flush()  # the audit names it by its number
    audit.record(
        "enter-artisan", subject=f"artisan:{artisan.id}", area=door.village_code, contact=new.contact
    )
    return artisan


def verify_artisan(person_id: int, artisan_id: int) -> None:
    """
    Say that the person, the trade and the certificate are what they claim; from now on the entry appears.

    Raises:
        Missing, NotAllowed: there is none, or it is not the official's.
        WithdrawnBefore: the person took the entry back.
    """
    artisan = locked(Artisan, artisan_id)
    if artisan is None:
        raise Missing()
    require_scope("verify-artisans", artisan.village_code)
    if artisan.withdrawn_at is not None:
        raise WithdrawnBefore()
    if artisan.certificate_until is not None and artisan.certificate_until < clock.today():
        raise CertificateOver()
    if artisan.verified_at is None:
        artisan.verified_at, artisan.verified_by = clock.now(), person_id
        bump_pages(artisan.county_code)
        audit.record("verify-artisan", subject=f"artisan:{artisan_id}", area=artisan.village_code)


def withdraw_by_official(artisan_id: int) -> None:
    """Take an entry out because the person said so to an official. Harmless the second time."""
    artisan = locked(Artisan, artisan_id)
    if artisan is None:
        raise Missing()
    if not current_scope("withdraw-artisans").reaches(artisan.village_code, artisan.consent_recorded_by):
        raise NotAllowed()
    _withdraw(artisan)


def withdraw_own(artisan_id: int, phone_hash: str | None) -> None:
    """Take an entry out by the person whose telephone it bears. Harmless the second time."""
    artisan = locked(Artisan, artisan_id)
    if artisan is None:
        raise Missing()
    if artisan.withdrawn_at is not None:
        return
    if phone_hash is None or artisan.phone_hash != phone_hash:
        raise NotAllowed()
    _withdraw(artisan)


def forget_who_leaves(leaving: Leaving) -> None:
    """Take out the entries of somebody who closes the account, and their names with them. Harmless the second time."""
    for artisan in _entries_of(leaving):
        _withdraw(artisan)
        artisan.public_name = ""


def take_off_who_withdraws(leaving: Leaving) -> None:
    """Take out the entries of somebody who takes back the consent to their account. Harmless the second time."""
    for artisan in _entries_of(leaving):
        _withdraw(artisan)


def _entries_of(leaving: Leaving) -> list[Artisan]:
    if leaving.phone_hash is None:
        return []
    return locked_rows(select(Artisan).where(Artisan.phone_hash == leaving.phone_hash).order_by(Artisan.id))


def follow_phone(change: NewPhone) -> None:
    """
    Let the entries of somebody follow to a new telephone.

    A number that is public was chosen to be: the old one is taken off, and no other is published unasked.
    """
    theirs = select(Artisan).where(Artisan.phone_hash == change.old_hash, Artisan.withdrawn_at.is_(None))
    for artisan in locked_rows(theirs.order_by(Artisan.id)):
        if artisan.contact == Contact.public:
            _withdraw(artisan)
        else:
            artisan.phone_sealed, artisan.phone_hash = (
                seal_text(change.phone),
                keyed_hash("phone", change.phone),
            )


def _withdraw(artisan: Artisan) -> None:
    """End an entry and forget the telephone: it was kept for nothing else."""
    if artisan.withdrawn_at is None:
        artisan.withdrawn_at = clock.now()
        artisan.phone_sealed, artisan.phone_hash = seal_text(""), ""
        bump_pages(artisan.county_code)
        audit.record("withdraw-artisan", subject=f"artisan:{artisan.id}", area=artisan.village_code)
