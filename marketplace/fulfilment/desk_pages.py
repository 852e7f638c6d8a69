"""The keeper's counter at the desk: find an order, take money, hand over, send, decide about refunds."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from commons.accounts import require_person
from commons.accounts.permissions import allow, current_scope, require_scope
from commons.db import transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.errors import Missing
from commons.forms import tidy
from commons.paging import asked_page
from commons.throttle import hit
from marketplace.fulfilment import actions
from marketplace.fulfilment.forms import CodeForm, ParcelForm
from marketplace.orders import queries, refunds
from marketplace.orders.errors import WrongPickupCode
from marketplace.orders.forms import DecideForm
from marketplace.orders.models import Order
from marketplace.orders.views import is_called_off, window_words

bp = Blueprint("desk_orders", __name__, url_prefix="/desk/orders")

WRONG_CODES = "20/hour"
SAID_CODE = "said_code"


def way(_person: object) -> DeskLink | None:
    """The way to the orders, with how many wait to be handed over or sent."""
    scope = current_scope("see-orders")
    waiting = queries.orders_waiting(scope) if scope else 0
    return desk_link("see-orders", _("订单"), "/desk/orders", "basket", waiting=waiting, group=_("集市"))


@bp.get("")
@allow("see-orders")
def list_orders() -> str:
    """A keeper sees the orders to hand over or send."""
    page = queries.kept_orders(current_scope("see-orders"), number=asked_page())
    return render_template("marketplace/fulfilment/desk_list.html", page=page, code="")


@bp.post("")
@allow("see-orders")
def find_order() -> str | Response:
    """A keeper finds a buyer's order by its code, which stands in no address: these lie in histories and logs."""
    code = tidy(request.form.get("code", "")).replace(" ", "")[:16]
    code = code if code.isascii() and code.isalnum() else ""
    page = queries.kept_orders(current_scope("see-orders"), code=code)
    if code and len(page.items) == 1:
        found = page.items[0]
        session[SAID_CODE] = [found.number, code if code == found.pickup_code else ""]
        return _to(found.number)
    return render_template("marketplace/fulfilment/desk_list.html", page=page, code=code)


def _kept(number: str) -> Order:
    order = queries.order_numbered(number)
    if order is None or not current_scope("see-orders").covers(order.village_code):
        raise Missing()
    return order


@bp.get("/<number>")
@allow("see-orders")
def show_order(number: str) -> str:
    """A keeper sees one order, and what is to be done with it now."""
    order = _kept(number)
    is_hand = current_scope("hand-over").covers(order.village_code)
    return render_template(
        "marketplace/fulfilment/desk_order.html", order=order, when=window_words(order), is_hand=is_hand,
        decides=current_scope("decide-refunds").covers(order.village_code),
        code=_said_code(number), is_called_off=is_called_off(order),
        # A parcel's address is for whoever has to send it, once it is paid.
        address=queries.address_of(order) if is_hand and order.is_paid else None,
    )  # fmt: skip


def _said_code(number: str) -> str:
    """Return the code by which this order was found just now, so that the buyer need not say it twice."""
    found, code = session.get(SAID_CODE) or ("", "")
    return str(code) if found == number else ""


def _to(number: str) -> Response:
    return redirect(url_for("desk_orders.show_order", number=number), code=303)  # type: ignore[return-value]


def _done(number: str, words: str) -> Response:
    flash(words)
    session.pop(SAID_CODE, None)
    return _to(number)


@bp.post("/<number>/money")
@allow("hand-over")
def take_money(number: str) -> Response:
    """A keeper has taken the money of an order."""
    _kept(number)
    keeper_id = require_person().id
    with transaction():
        actions.take_money(number, keeper_id)
    return _done(number, _("已收款。"))


@bp.post("/<number>/hand-over")
@allow("hand-over")
def hand_over(number: str) -> Response:
    """A keeper hands the goods to whoever says the code, and takes the money with the same press if it is due."""
    _kept(number)
    keeper_id, form = require_person().id, CodeForm()
    form.require()
    try:
        with transaction():
            actions.hand_over(number, form.digits, keeper_id, with_money="with_money" in request.form)
    except WrongPickupCode as wrong:
        hit("pickup-code", number, WRONG_CODES)
        flash(wrong.sentence, "warning")
        return _to(number)
    return _done(number, _("已交货。"))


@bp.post("/<number>/pack")
@allow("hand-over")
def pack(number: str) -> Response:
    """A keeper packs for sellers without a telephone."""
    _kept(number)
    with transaction():
        actions.pack_for_sellers(number)
    return _done(number, _("已记下：装好了。"))


@bp.post("/<number>/ship")
@allow("hand-over")
def ship(number: str) -> Response:
    """A keeper has sent the parcel."""
    _kept(number)
    form = ParcelForm()
    form.require()
    with transaction():
        actions.ship(number, form.parcel.data)
    return _done(number, _("已寄出。"))


@bp.post("/<number>/refund")
@allow("decide-refunds")
def decide(number: str) -> Response:
    """An official agrees to give money back, or refuses with a reason."""
    require_scope("decide-refunds", _kept(number).village_code)
    person_id, form = require_person().id, DecideForm()
    form.require()
    reason = form.refusal()
    with transaction():
        refunds.decide(number, form.refund.data, person_id, reason)
    return _done(number, _("已答复买家。"))


@bp.post("/<number>/given-back")
@allow("hand-over")
def give_back(number: str) -> Response:
    """A keeper has given money back by hand."""
    _kept(number)
    keeper_id, form = require_person().id, DecideForm()
    form.require()
    with transaction():
        actions.give_back_by_hand(number, form.refund.data, keeper_id)
    return _done(number, _("已当面退款。"))
