"""What produce puts on other people's pages: four things on a door, and the way to one's own stall."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from commons.accounts.models import Person
from commons.accounts.queries import exported, exported_moment
from commons.db import db
from commons.filters import yuan
from marketplace.door_views import PRODUCE_SHOWN, ProduceCard, ProduceSection
from marketplace.produce.models import Product, Seller
from marketplace.produce.queries import Offer, offers_on_doors, products_of, sellers_of
from marketplace.produce.rules import CATEGORY_OF, KIND_WORDS, UNITS, SellerKind
from village.public import DoorRef, DoorSection


def produce_card(offer: Offer) -> ProduceCard:
    """Return a product as a card: 有货 or 售完, never how much."""
    return ProduceCard(
        name=offer.name,
        yuan=yuan(offer.price_fen),
        unit=_(offer.unit),
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


@exported("卖货登记", "seller.person_id", "seller.entered_by")
def export(person_id: int) -> list[dict[str, Any]]:
    """Return the sellers that a person is, or was, with everything they offered."""
    theirs = select(Seller).where(Seller.person_id == person_id).order_by(Seller.id)
    return [
        {
            "名称": seller.public_name,
            "卖家是谁": KIND_WORDS[SellerKind(seller.kind)],
            "在哪": seller.group_words,
            "执照": seller.licence_no,
            "供货": seller.supplier_group,
            "登记": exported_moment(seller.created_at),
            "核实": exported_moment(seller.verified_at),
            "停用": exported_moment(seller.closed_at),
            "东西": [_plain(product) for product in products_of([seller.id])],
        }
        for seller in db.session.scalars(theirs)
    ]


def _plain(product: Product) -> dict[str, Any]:
    return {
        "名称": product.name,
        "类别": CATEGORY_OF[product.category].words,
        "说明": product.note,
        "用了什么": product.inputs,
        "证书": product.certificate,
        "产地": product.origin_code,
        "同意写明地块": product.has_origin_consent,
        "上架": exported_moment(product.published_at),
        "下架": exported_moment(product.withdrawn_at),
        "批次": [
            [lot.harvest_on.isoformat(), UNITS[lot.unit], lot.price_fen, lot.stock_first, lot.stock_left]
            for lot in product.lots
        ],
    }


def on_a_person(person: Person) -> Markup | None:
    """Show the way to one's own stall, or to one of one's own."""
    sellers = sellers_of(person.id)
    return Markup(render_template("marketplace/produce/_own.html", sellers=sellers))  # noqa: S704
