"""A farmer's list: what to pack, whether it is paid, what it brings; and requests for money back."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from commons.accounts import require_person
from commons.accounts.permissions import allow
from commons.db import transaction
from commons.errors import Missing, Refusal
from marketplace.fulfilment.views import concerns_only, farmer_rows
from marketplace.orders import moves, refunds
from marketplace.orders.forms import DecideForm
from marketplace.orders.queries import orders_for_sellers, visible_order
from marketplace.produce.queries import sellers_of

bp = Blueprint("sell_orders", __name__)


def _own_sellers() -> set[int]:
    return {seller.id for seller in sellers_of(require_person().id)}


@bp.get("/sell/orders")
@allow("sell")
def list_orders() -> str:
    """A farmer sees what to pack for whom to fetch when, paid or not, and how much money comes."""
    rows = farmer_rows(orders_for_sellers(_own_sellers()))
    return render_template("marketplace/fulfilment/farmer_list.html", rows=rows)


@bp.post("/sell/orders/<number>/pack")
@allow("sell")
def pack(number: str) -> Response:
    """A farmer has packed the own part of an order."""
    own = _own_sellers()
    visible_order(number)
    with transaction():
        moves.pack(number, own)
    flash(_("已记下：装好了。"))
    return _to_list()


@bp.post("/sell/orders/<number>/refund")
@allow("sell")
def decide(number: str) -> Response:
    """A farmer agrees to give money back for the own goods, or refuses with a reason."""
    person_id, form = require_person().id, DecideForm()
    form.require()
    _check_own(number, form.refund.data)
    try:
        reason = form.refusal()
    except Refusal as refusal:
        flash(refusal.sentence, "warning")
        return _to_list()
    with transaction():
        refunds.decide(number, form.refund.data, person_id, reason)
    flash(_("已答复买家。"))
    return _to_list()


def _check_own(number: str, refund_id: int) -> None:
    """A farmer decides about the own line, or about a whole order in which everything is the own."""
    own, order = _own_sellers(), visible_order(number).order
    back = next((each for each in order.refunds if each.id == refund_id), None)
    if back is None or not concerns_only(back, own):
        raise Missing()


def _to_list() -> Response:
    return redirect(url_for("sell_orders.list_orders"), code=303)  # type: ignore[return-value]
