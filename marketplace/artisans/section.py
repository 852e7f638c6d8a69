"""What artisans put on other people's pages: three on a door, and one's own entry among one's own data."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import render_template
from flask_babel import gettext as _
from markupsafe import Markup

from commons.accounts.models import Person
from marketplace.artisans.queries import NearArtisan, artisans_near, own_entries
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


def on_a_person(person: Person) -> Markup | None:
    """Show somebody's own entries, and the way to take them back."""
    entries = own_entries(person.phone_hash) if person.phone_hash else []
    if not entries:
        return None
    return Markup(render_template("marketplace/artisans/_own.html", entries=entries))  # noqa: S704
