"""The basket: looked at, filled and changed by anyone, without signing in."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from commons.accounts.guard import page_before
from commons.accounts.permissions import allow
from commons.forms import Form
from marketplace.cart.browser import basket_here, keep_basket, take_out
from marketplace.cart.forms import AddForm, ChangeForm
from marketplace.cart.queries import priced
from marketplace.cart.rules import is_full, put
from marketplace.produce.queries import Offer, offers_of_lots

bp = Blueprint("cart", __name__)


def basket_bar() -> Markup:
    """Return the bar beneath the shop: what the basket comes to and the way on; nothing while it is empty."""
    basket = priced(basket_here())
    if not basket.count:
        return Markup("")
    return Markup(render_template("marketplace/cart/_bar.html", basket=basket))  # noqa: S704 - escaped by the template


def in_basket(lot_id: int) -> int:
    """Return how many of a lot lie in the basket."""
    wanted = basket_here().get(lot_id)
    return wanted.quantity if wanted else 0


@bp.get("/cart")
@allow("see-public-pages")
def show_cart() -> str:
    """Anyone sees the own basket with today's prices, what changed, and what is gone."""
    basket = priced(basket_here())
    if basket.gone:
        take_out(basket.gone)
    # A changed price is said once: from now on it has been seen.
    for line in (line for group in basket.groups for line in group.lines if line.has_new_price):
        keep_basket(put(basket_here(), line.offer.lot_id, line.quantity, line.offer.price_fen))
    return render_template("marketplace/cart/show.html", basket=basket)


@bp.post("/cart/add")
@allow("see-public-pages")
def add() -> Response:
    """Anyone puts something in and stays on the page; more than there is is not put in."""
    form = AddForm()
    offer = _offer_in(form)
    if offer is None:
        return _back(form)
    basket = basket_here()
    before = 0 if "change" in request.form else in_basket(offer.lot_id)
    wanted = before + form.quantity.data
    if is_full(basket, offer.lot_id):
        flash(_("篮子装满了，先把这些下单"), "warning")
    elif wanted > offer.most:
        flash(_short(offer), "warning")
    else:
        keep_basket(put(basket, offer.lot_id, wanted, offer.price_fen))
        return _go(page_before("/shop"), f"lot-{offer.lot_id}")
    return _go(page_before("/shop"))


@bp.post("/cart/change")
@allow("see-public-pages")
def change() -> Response:
    """Anyone changes how many, or takes something out."""
    form = ChangeForm()
    if "remove" in request.form and form.lot.data:
        take_out([form.lot.data])
        return _go(url_for("cart.show_cart"))
    offer = _offer_in(form)
    if offer is None:
        return _back(form, "/cart")
    if form.quantity.data > offer.most:
        flash(_short(offer), "warning")
    else:
        keep_basket(put(basket_here(), offer.lot_id, form.quantity.data, offer.price_fen))
    return _go(url_for("cart.show_cart"))


def _offer_in(form: AddForm | ChangeForm) -> Offer | None:
    if not form.validate_on_submit():
        return None
    return offers_of_lots([form.lot.data]).get(form.lot.data)


def _short(offer: Offer) -> str:
    if offer.is_sold_out:
        return _("%(name)s刚刚卖完", name=offer.name)
    return _("%(name)s只剩 %(left)s 份", name=offer.name, left=offer.most)


def _back(form: Form, default: str = "/shop") -> Response:
    flash(_("数量要写 1 到 99 的整数") if form.errors else _("这样东西已经下架"), "warning")
    return _go(page_before(default))


def _go(page: str, fragment: str = "") -> Response:
    url = page.partition("#")[0] + (f"#{fragment}" if fragment else "")
    return redirect(url, code=303)  # type: ignore[return-value]
