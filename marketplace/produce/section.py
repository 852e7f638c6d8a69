"""What produce puts on other people's pages: four things on a door, and the way to one's own stall."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import render_template, url_for
from markupsafe import Markup

from commons.accounts.models import Person
from commons.filters import yuan
from marketplace.door_views import PRODUCE_SHOWN, ProduceCard, ProduceSection
from marketplace.produce.queries import Offer, offers_on_doors, sellers_of
from village.public import DoorRef, DoorSection


def produce_card(offer: Offer) -> ProduceCard:
    """Return a product as a card: 有货 or 售完, never how much."""
    return ProduceCard(
        name=offer.name,
        yuan=yuan(offer.price_fen),
        unit=offer.unit,
        url=url_for("shop.show_product", product_id=offer.product_id),
        drawing=offer.drawing,
        note=" ".join(part for part in (offer.group_words, offer.note) if part),
        is_sold_out=offer.is_sold_out,
    )


def on_a_door(door: DoorRef) -> DoorSection | None:
    """Show what the village sells on a door's page; nothing where there is nothing."""
    shown = offers_on_doors(door.village_code, PRODUCE_SHOWN)
    if not shown:
        return None
    url = f"/shop?{urlencode({'village': door.village_code})}"
    section = ProduceSection(tuple(map(produce_card, shown)), url)
    words = Markup(render_template("marketplace/door_sections/produce.html", section=section))  # noqa: S704
    return DoorSection(words)


def on_a_person(person: Person) -> Markup | None:
    """Show the way to one's own stall, or to one of one's own."""
    sellers = sellers_of(person.id)
    return Markup(render_template("marketplace/produce/_own.html", sellers=sellers))  # noqa: S704
