"""The shop as anyone sees it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from commons import clock, slots
from commons.accounts.permissions import allow
from commons.errors import Missing
from commons.forms import tidy
from commons.paging import asked_page
from marketplace.produce.queries import categories_offered, offer, offers
from marketplace.produce.rules import CATEGORIES, CATEGORY_OF, solar_term
from village.public import village_ref

bp = Blueprint("shop", __name__)


@bp.get("/shop")
@allow("see-public-pages")
def show_shop() -> str:
    """Anyone finds produce: of a village, of a category, by words."""
    village = village_ref(request.args.get("village", ""))
    category = request.args.get("category", "")
    category = category if category in CATEGORY_OF else ""
    words = tidy(request.args.get("q", ""))[:40]
    page = offers(
        village_code=village.code if village else "", category=category, words=words, number=asked_page()
    )
    offered = categories_offered(village.code if village else "")
    return render_template(
        "marketplace/produce/shop.html",
        page=page,
        village=village,
        category=category,
        categories=[each for each in CATEGORIES if each.key in offered],
        words=words,
        term=solar_term(clock.today()),
        notes=slots.pieces("shop-notes", village),
        foot=slots.pieces("shop-foot", village),
    )


@bp.get("/shop/<int:product_id>")
@allow("see-public-pages")
def show_product(product_id: int) -> str:
    """Anyone sees what a product is, who sells it in law, what was used on it, and where about it grew."""
    found = offer(product_id)
    if found is None:
        raise Missing(_("这样东西已经下架"))
    return render_template(
        "marketplace/produce/product.html", offer=found, village=village_ref(found.village_code)
    )
