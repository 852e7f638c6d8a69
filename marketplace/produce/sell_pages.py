"""A farmer's own stall: become a seller, offer something, add a harvest, take it away again."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from commons import slots
from commons.accounts import require_person
from commons.accounts.permissions import allow
from commons.db import db, transaction
from commons.errors import Missing, Refusal
from commons.forms import Form, FormRefused, choices
from commons.uploads import clean_picture, store_picture
from commons.uploads.limits import take_long_forms
from marketplace.produce import actions, queries
from marketplace.produce.forms import LotForm, ProductForm, SellerForm
from marketplace.produce.models import Product, Seller
from marketplace.produce.origins import origin_of
from marketplace.produce.rules import CATEGORY_OF, UNITS
from village.public import find_door

bp = Blueprint("sell", __name__)
take_long_forms(bp, "sell.offer_product")

Page = str | Response | tuple[str, int]


@bp.get("/sell")
@allow("sell")
def show_stall() -> str:
    """A farmer sees the own stall: what is offered, and how much of it is left."""
    sellers = queries.sellers_of(require_person().id)
    products = queries.products_of([seller.id for seller in sellers])
    return render_template(
        "marketplace/produce/stall.html",
        sellers=sellers,
        products=products,
        category_of=CATEGORY_OF,
        units=UNITS,
        more=slots.pieces("stall", sellers),
    )


@bp.route("/sell/register", methods=["GET", "POST"])
@allow("sell")
def register() -> Page:
    """A farmer says who sells, in law; the village verifies it."""
    return _answer(
        SellerForm(), "marketplace/produce/register.html", _register, _("已登记，村里核实之后就能上架。")
    )


def _register(form: SellerForm) -> None:
    door = find_door(form.door.data)
    if door is None:
        raise Refusal(_("没有这块门牌，请对着门牌再看一遍"), field="door", code="unknown_door")
    person_id = require_person().id
    with transaction():
        actions.enter_seller(person_id, form.new_seller(door.village_code), for_person=person_id)


@bp.route("/sell/new", methods=["GET", "POST"])
@allow("sell")
def offer_product() -> Page:
    """A farmer offers a product with its first harvest."""
    form = ProductForm()
    sellers = queries.sellers_of(require_person().id)
    form.seller.choices = choices((seller.id, seller.public_name) for seller in sellers)
    return _answer(form, "marketplace/produce/offer.html", _publish, _("已上架，城里人也能看到了。"))


def _publish(form: ProductForm) -> None:
    sent = form.picture.data
    # Reading a picture takes a moment: before the transaction, not inside it.
    picture = clean_picture(sent) if sent and sent.filename else None
    seller = _own_seller(form.seller.data)
    origin = origin_of(
        seller.village_code, form.field_place.data or "", has_consent=bool(form.has_origin_consent.data)
    )
    with transaction() as session:
        upload_id = None
        if picture is not None:
            upload = store_picture(picture)
            session.flush()  # the product refers to the picture by its number
            upload_id = upload.id
        actions.publish_product(seller, form.new_product(origin, upload_id))


@bp.route("/sell/<int:product_id>/lot", methods=["GET", "POST"])
@allow("sell")
def add_lot(product_id: int) -> Page:
    """A farmer adds a harvest to a product."""
    product = _own_product(product_id)

    def add(form: LotForm) -> None:
        with transaction():
            actions.add_lot(product.id, form.new_lot())

    form = LotForm(unit=product.lots[-1].unit)  # sold as the last time, unless the farmer says otherwise
    return _answer(form, "marketplace/produce/lot.html", add, _("新的一批已上架。"), product=product)


@bp.post("/sell/<int:product_id>/withdraw")
@allow("sell")
def withdraw(product_id: int) -> Response:
    """A farmer takes a product out of the shop."""
    product = _own_product(product_id)
    with transaction():
        actions.withdraw_product(product.id)
    flash(_("已下架。已经下的订单照常。"))
    return redirect(url_for("sell.show_stall"), code=303)  # type: ignore[return-value]


def _own_seller(seller_id: int) -> Seller:
    seller = db.session.get(Seller, seller_id)
    if seller is None or seller.person_id != require_person().id:
        raise Missing()
    return seller


def _own_product(product_id: int) -> Product:
    product = db.session.get(Product, product_id)
    if product is None or product.seller.person_id != require_person().id:
        raise Missing()
    return product


def _answer(form: Form, template: str, act: object, done: str, **words: object) -> Page:
    """Show the form, or do what it says; what was typed stays when something is wrong."""
    if not form.is_submitted():
        return render_template(template, form=form, **words)
    try:
        form.require()
        act(form)  # type: ignore[operator]
    except FormRefused:
        return render_template(template, form=form, **words), 400
    except Refusal as refusal:
        form.blame(refusal)
        return render_template(template, form=form, **words), 400
    flash(done)
    return redirect(url_for("sell.show_stall"), code=303)  # type: ignore[return-value]
