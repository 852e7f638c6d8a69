"""What artisans put on other people's pages: three on a door, and one's own entry among one's own data."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import render_template
from flask_babel import gettext as _
from markupsafe import Markup

from commons.accounts.models import Person
from commons.accounts.queries import exported, exported_moment
from commons.db import db
from commons.security import open_text
from marketplace.artisans.queries import NearArtisan, artisans_near, own_entries
from marketplace.artisans.rules import CONSENT_WAY_WORDS, CONTACT_WORDS, TRADE_OF, ConsentWay, Contact
from marketplace.door_views import ARTISANS_SHOWN, ArtisanRow, ArtisanSection
from village.public import DoorRef, DoorSection


def distance_words(km: float) -> str:
    """Return a distance in steps of half a kilometre in words."""
    if km <= 0.5:
        return _("半公里内")
    return _("%(km)s 公里内", km=f"{km:g}")


def artisan_row(artisan: NearArtisan) -> ArtisanRow:
    """Return an artisan as a line of a list; without a name where the village passes calls on."""
    first = artisan.trades[0] if artisan.trades else None
    return ArtisanRow(
        trade=_("、").join(_(trade.words) for trade in artisan.trades[:2]),
        phone=artisan.phone,
        name="" if artisan.is_passed_on else artisan.public_name,
        distance=distance_words(artisan.km),
        trade_icon=first.icon if first else "tool",
        is_passed_on=artisan.is_passed_on,
        is_certified=bool(artisan.certificate),
    )


def on_a_door(door: DoorRef) -> DoorSection | None:
    """Show the nearest artisans on a door's page; nothing where there are none."""
    near = artisans_near(door.h3_near, door.county_code, limit=ARTISANS_SHOWN)
    if not near.rows:
        return None
    place = urlencode({"village": door.village_code, "near": f"{door.h3_near:x}"})
    section = ArtisanSection(tuple(map(artisan_row, near.rows)), near.total, f"/artisans?{place}")
    words = Markup(render_template("marketplace/door_sections/artisans.html", section=section))  # noqa: S704
    return DoorSection(words, near.next_change_at)


@exported("手艺人登记", "artisan.phone_hash", "artisan.phone_sealed")
def export(person_id: int) -> list[dict[str, Any]]:
    """Return the entries that bear the person's telephone, with the choice that was recorded."""
    person = db.session.get(Person, person_id)
    entries = own_entries(person.phone_hash) if person is not None and person.phone_hash else []
    return [
        {
            "称呼": entry.public_name,
            "手艺": [TRADE_OF[row.trade].words for row in entry.trades if row.trade in TRADE_OF],
            "价格": entry.price_guide,
            "证书": entry.certificate,
            "证书到期": entry.certificate_until.isoformat() if entry.certificate_until else None,
            "电话": open_text(entry.phone_sealed),
            "怎么联系": CONTACT_WORDS[Contact(entry.contact)],
            "同意": exported_moment(entry.consent_at),
            "怎么同意的": CONSENT_WAY_WORDS[ConsentWay(entry.consent_way)],
            "核实": exported_moment(entry.verified_at),
        }
        for entry in entries
    ]


def on_a_person(person: Person) -> Markup | None:
    """Show somebody's own entries, and the way to take them back."""
    entries = own_entries(person.phone_hash) if person.phone_hash else []
    if not entries:
        return None
    return Markup(render_template("marketplace/artisans/_own.html", entries=entries))  # noqa: S704
