"""The code that a stall holds out to its buyer: scanned with Alipay, and the page says by itself when the money is there."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request
from werkzeug.wrappers import Response

from commons.accounts.desk.drawing import qr_path
from commons.accounts.permissions import allow
from commons.errors import Missing, Refusal
from commons.security import equal
from marketplace.payments.flows import ask_now
from marketplace.payments.links import code_url, page_key, pay_url
from marketplace.payments.models import PaymentIntent
from marketplace.payments.opening import stall_code
from marketplace.payments.queries import the_payment
from marketplace.payments.rules import IntentStatus, Method

bp = Blueprint("stall", __name__, template_folder="../templates")


def init_app(app: Flask) -> None:
    """Add the page."""
    app.register_blueprint(bp)


@bp.get("/pay/<payment_id>/code")
@allow("pay")
def show_code(payment_id: str) -> str | Response:
    """Whoever has the link holds out a code to be scanned; seen again it asks the gateway whether it was paid."""
    if not equal(request.args.get("k", ""), page_key(payment_id)):
        raise Missing()
    payment = the_payment(payment_id)
    if payment.method != Method.alipay or not IntentStatus(payment.status).is_open:
        return _page(payment)
    try:
        text, number = stall_code(payment_id)
    except Refusal as refusal:
        return _page(the_payment(payment_id), trouble=refusal.sentence)
    if request.args.get("again"):
        ask_now(number)
        payment = the_payment(payment_id)
    return _page(payment, text)


def _page(payment: PaymentIntent, text: str = "", trouble: str = "") -> str:
    is_open = IntentStatus(payment.status).is_open
    path, size = qr_path(text) if text and is_open else ("", 0)
    return render_template(
        "marketplace/payments/stall_code.html",
        payment=payment,
        is_paid=payment.status == IntentStatus.succeeded,
        path=path,
        size=size,
        trouble=trouble,
        again=f"{code_url(payment.id)}&again=1",
        pay=pay_url(payment.id),
        refreshes=bool(path),
    )
