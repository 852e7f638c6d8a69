"""The page on which a buyer pays, the way to the cashier and back, and the gateway's own call."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commons.accounts.permissions import allow
from commons.accounts.queries import current_sign_in
from commons.accounts.rules import own_path
from commons.errors import Missing, Refusal
from commons.security import csrf_exempt_machine, equal
from marketplace.payments.checkout.links import home_of
from marketplace.payments.flows import ask_about_payment
from marketplace.payments.links import (
    NOTIFY_PATH,
    cashier_url,
    code_url,
    page_key,
    pay_url,
    return_url,
    way_back,
)
from marketplace.payments.models import PaymentIntent
from marketplace.payments.notify import receive
from marketplace.payments.onward import lead_on
from marketplace.payments.opening import cashier_address
from marketplace.payments.queries import main_charge, the_payment
from marketplace.payments.rules import IntentStatus, Method, Product, is_phone, is_wechat

bp = Blueprint("payments", __name__, template_folder="../templates")

LONGEST_NOTIFICATION = 64 * 1024


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(bp)


@bp.get("/pay/<payment_id>")
@allow("pay")
def show_payment(payment_id: str) -> str | AnyResponse:
    """Whoever has the link sees what is to be paid and how; nobody's name and no address."""
    payment = _opened(payment_id)
    home = home_of(payment)
    return redirect(home) if home else _page(payment)


@bp.get("/pay/<payment_id>/redirect")
@allow("pay")
def go_to_cashier(payment_id: str) -> AnyResponse:
    """Whoever has the link goes to the cashier; its address is signed now, for this device and this moment."""
    payment = _opened(payment_id)
    if is_wechat(request.user_agent.string):
        return redirect(pay_url(payment_id))
    product = Product.wap if is_phone(request.user_agent.string) else Product.page
    try:
        address = cashier_address(payment.id, product)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return redirect(pay_url(payment_id))
    answer = redirect(address, 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/pay/<payment_id>/return")
@allow("pay")
def come_back(payment_id: str) -> str | AnyResponse:
    """Whoever comes back from the cashier: what they bring is not believed, the gateway is asked."""
    payment = _opened(payment_id)
    if IntentStatus(payment.status).is_open:
        ask_about_payment(payment_id)
        payment = the_payment(payment_id)
    back = way_back(payment)
    if back:
        return lead_on(back)
    home = home_of(payment)
    if home and not IntentStatus(payment.status).is_open:
        return redirect(home, 303)
    return _page(payment, is_asking=IntentStatus(payment.status).is_open)


@bp.post(NOTIFY_PATH)
@csrf_exempt_machine
@allow("pay")
def hear_alipay() -> Response:
    """Alipay alone, by its signature: what became of a trade."""
    if (request.content_length or 0) > LONGEST_NOTIFICATION:
        return Response(b"fail", mimetype="text/plain")
    text = request.get_data(cache=False).decode("utf-8", errors="replace")
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=200)
    fields = dict(pairs)
    body = receive(fields) if len(fields) == len(pairs) else b"fail"
    return Response(body, mimetype="text/plain")


def _opened(payment_id: str) -> PaymentIntent:
    """Return the payment if the request carries its key; otherwise it does not exist."""
    if not equal(request.args.get("k", ""), page_key(payment_id)):
        raise Missing()
    return the_payment(payment_id)


def _page(payment: PaymentIntent, *, is_asking: bool = False) -> str:
    charge = main_charge(payment.id)
    return render_template(
        "marketplace/payments/pay.html",
        payment=payment,
        heading=_heading(payment, is_asking=is_asking),
        status=IntentStatus(payment.status),
        is_offline=payment.method == Method.offline,
        is_wechat=is_wechat(request.user_agent.string),
        is_asking=is_asking,
        refunded_fen=charge.refunded_fen if charge else 0,
        here=pay_url(payment.id),
        cashier=cashier_url(payment.id),
        code=code_url(payment.id),
        again=return_url(payment.id),
        own_order=own_path(payment.return_url, "") if current_sign_in() else "",
    )


def _heading(payment: PaymentIntent, *, is_asking: bool) -> str:
    if payment.status == IntentStatus.succeeded:
        return _("已付款")
    if payment.status == IntentStatus.canceled:
        return _("付款已取消")
    if payment.method == Method.offline:
        return _("自提时付")
    return _("正在确认付款") if is_asking else _("待付款")
