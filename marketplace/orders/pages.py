"""Ordering, and a buyer's own orders."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from commons.accounts import require_person
from commons.accounts.permissions import allow
from commons.db import transaction
from commons.errors import Refusal
from commons.forms import FormRefused
from commons.paging import asked_page
from marketplace.cart.browser import basket_here, take_out
from marketplace.cart.queries import VillageBasket, priced
from marketplace.orders import actions, moves, queries, refunds, views
from marketplace.orders.actions import NewOrder
from marketplace.orders.errors import AddressNeeded, PriceChanged
from marketplace.orders.forms import CheckOutForm, RefundForm
from marketplace.orders.models import Order
from marketplace.orders.rules import RefundReason
from marketplace.orders.ways import the_way, ways_to_get
from marketplace.payments.links import pay_url
from marketplace.payments.rules import Method, is_wechat

bp = Blueprint("orders", __name__)

Page = str | Response | tuple[str, int]


@bp.route("/checkout", methods=["GET", "POST"])
@allow("order")
def check_out() -> Page:
    """A buyer chooses how to get it and how to pay, and orders what lies in the basket from one village."""
    person_id = require_person().id
    form = CheckOutForm()
    if form.is_submitted() and (known := queries.order_of_form(person_id, str(form.form_key.data))):
        return _after(known)
    basket = priced(basket_here()).of(request.args.get("village", ""))
    if basket is None:
        return _to(url_for("cart.show_cart"))
    views.offer_choices(form, basket, ways_to_get(basket.village.code), is_wechat=_is_wechat())
    if not form.is_submitted():
        form.seen_fen.data = basket.goods_fen
        return _check_out_page(form, basket)
    try:
        form.require()
        with transaction():
            order = actions.place_order(person_id, _new_order(form, basket))
    except FormRefused:
        return _check_out_page(form, basket), 400
    except Refusal as refusal:
        return _again(form, refusal)
    take_out(line.offer.lot_id for line in basket.lines)
    return _after(order)


def _new_order(form: CheckOutForm, basket: VillageBasket) -> NewOrder:
    handover = the_way(basket.village.code, form.way_key)
    if form.seen_fen.data != basket.goods_fen:
        raise PriceChanged()
    return NewOrder(
        village_code=basket.village.code,
        wanted={line.offer.lot_id: line.quantity for line in basket.lines},
        seen_fen=form.seen_fen.data + form.seen_fee_fen,
        handover=handover,
        method=Method(form.method.data),
        form_key=str(form.form_key.data),
        address=form.address,
    )


def _again(form: CheckOutForm, refusal: Refusal) -> Page:
    """Show the page with today's prices and what is wrong; what was typed stays."""
    basket = priced(basket_here()).of(request.args.get("village", ""))
    if basket is None:
        flash(refusal.sentence, "warning")
        return _to(url_for("cart.show_cart"))
    views.offer_choices(form, basket, ways_to_get(basket.village.code), is_wechat=_is_wechat())
    # Both, else the old sum would be shown again.
    form.seen_fen.data, form.seen_fen.raw_data = basket.goods_fen, None
    form.blame(refusal)
    if isinstance(refusal, AddressNeeded):  # all that is missing at once, not one after another
        for field in form.missing_of_address - {refusal.field}:
            form.blame(AddressNeeded(field))
    return _check_out_page(form, basket), 400


def _check_out_page(form: CheckOutForm, basket: VillageBasket) -> str:
    ways = ways_to_get(basket.village.code)
    return render_template(
        "marketplace/orders/check_out.html", form=form, basket=basket, is_wechat=_is_wechat(),
        delivers=any(way.way == "delivery" for way in ways), totals=views.totals(ways, basket.goods_fen),
    )  # fmt: skip


def _after(order: Order) -> Response:
    if order.method == Method.alipay and not order.is_paid and order.state == "pending_payment":
        return _to(pay_url(order.payment_id))
    return _to(url_for("orders.show_order", number=order.number))


def _is_wechat() -> bool:
    return is_wechat(request.user_agent.string)


def _to(url: str) -> Response:
    return redirect(url, code=303)  # type: ignore[return-value]


@bp.get("/orders")
@allow("order")
def list_orders() -> str:
    """A buyer sees the own orders, the newest first."""
    page = queries.orders_of(require_person().id, asked_page())
    return render_template("marketplace/orders/list.html", page=page)


@bp.get("/orders/<number>")
@allow("see-order-page")
def show_order(number: str) -> str:
    """The buyer sees the order, a seller the own lines, the village's officials all; everyone else the same nothing."""
    sight = queries.visible_order(number)
    form = RefundForm(formdata=None)
    views.offer_lines(form, sight.order)
    return render_template(
        "marketplace/orders/show.html", sight=sight, order=sight.order, form=form,
        steps=views.steps_of(sight.order), pay_url=pay_url(sight.order.payment_id),
        address=queries.address_of(sight.order) if sight.is_owner else None,
        can_refund=views.can_ask_refund(sight.order), confirms_at=views.confirms_at(sight.order),
        is_called_off=views.is_called_off(sight.order),
    )  # fmt: skip


@bp.post("/orders/<number>/cancel")
@allow("order")
def cancel(number: str) -> Response:
    """A buyer gives up an order that is not paid."""
    queries.own_order(number, require_person().id)
    with transaction():
        order = actions.cancel_order(number)
    flash(
        _("已取消，东西放回集市了。") if order.cancelled_at else _("正在取消，等支付宝关单，请过一会儿刷新。")
    )
    return _to(url_for("orders.show_order", number=number))


@bp.post("/orders/<number>/received")
@allow("order")
def confirm_receipt(number: str) -> Response:
    """A buyer says that the parcel has come."""
    queries.own_order(number, require_person().id)
    with transaction():
        moves.confirm_receipt(number)
    flash(_("已确认收货，货款一天后结给卖家。"))
    return _to(url_for("orders.show_order", number=number))


@bp.post("/orders/<number>/extend")
@allow("order")
def extend(number: str) -> Response:
    """A buyer wants longer before the parcel counts as received; once."""
    queries.own_order(number, require_person().id)
    with transaction():
        moves.extend(number)
    flash(_("已延长收货时间。"))
    return _to(url_for("orders.show_order", number=number))


@bp.post("/orders/<number>/refund")
@allow("order")
def ask_refund(number: str) -> Response:
    """A buyer asks for the money of a line, or of all, back."""
    person_id = require_person().id
    order = queries.own_order(number, person_id)
    form = RefundForm()
    views.offer_lines(form, order)
    try:
        form.require()
        with transaction():
            reason = RefundReason(form.reason.data)
            refunds.ask_refund(number, person_id, reason, form.words.data or "", form.line.data or None)
        flash(_("已提交退款申请，等卖家或村里答复。"))
    except FormRefused:
        flash(_("请选退哪一样、为什么退"), "warning")
    except Refusal as refusal:
        flash(refusal.sentence, "warning")
    return _to(url_for("orders.show_order", number=number))
