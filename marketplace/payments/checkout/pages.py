"""Our own page on which a basket that another shop has filled is paid; whoever has its link opens it."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons import clock
from commons.accounts.permissions import allow
from commons.db import transaction
from commons.errors import Missing, Refusal
from commons.security import equal
from marketplace.payments.checkout.actions import begin_payment
from marketplace.payments.checkout.links import session_key, session_url, to_cashier_url
from marketplace.payments.checkout.models import CheckoutSession
from marketplace.payments.checkout.objects import item_of
from marketplace.payments.checkout.queries import the_session
from marketplace.payments.checkout.rules import PaymentStatus, SessionStatus, success_address
from marketplace.payments.links import cashier_url
from marketplace.payments.onward import lead_on
from marketplace.payments.rules import is_wechat

bp = Blueprint("checkout", __name__, template_folder="../../templates", url_prefix="/checkout")


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(bp)


@bp.get("/<session_id>")
@allow("pay")
def show_session(session_id: str) -> str:
    """Whoever has the link sees what is to be paid, and for what; nobody's name and no address."""
    session = _opened(session_id)
    state = _state(session)
    return render_template(
        "marketplace/payments/checkout.html",
        session=session,
        items=[item_of(kept) for kept in session.items],
        state=state,
        heading=_heading(session, state),
        is_wechat=is_wechat(request.user_agent.string),
        here=session_url(session.id),
        cashier=to_cashier_url(session.id),
        success=success_address(session.success_url, session.id),
    )


@bp.get("/<session_id>/pay")
@allow("pay")
def go_to_pay(session_id: str) -> Response:
    """Whoever has the link goes to pay; the payment is opened now, and the second click finds it open."""
    session = _opened(session_id)
    if is_wechat(request.user_agent.string):
        return redirect(session_url(session.id), 303)
    try:
        with transaction():
            payment_id = begin_payment(session.id)
    except Refusal as refusal:
        flash(refusal.sentence, "error")
        return redirect(session_url(session.id), 303)
    return redirect(cashier_url(payment_id), 303)


@bp.get("/<session_id>/done")
@allow("pay")
def come_back(session_id: str) -> str | Response:
    """Whoever has paid is led back to the shop; whoever has not sees what is still to be paid."""
    session = _opened(session_id)
    if session.status == SessionStatus.complete:
        return lead_on(success_address(session.success_url, session.id))
    return redirect(session_url(session.id), 303)


def _opened(session_id: str) -> CheckoutSession:
    """Return the session if the request carries its key; otherwise it does not exist."""
    if not equal(request.args.get("k", ""), session_key(session_id)):
        raise Missing()
    return the_session(session_id)


def _state(session: CheckoutSession) -> str:
    """Return how the session stands for its buyer; one whose time is over is expired, whether a worker runs or not."""
    if session.status == SessionStatus.complete:
        return "paid" if session.payment_status == PaymentStatus.paid else "awaited"
    is_over = session.status == SessionStatus.expired or clock.now() >= session.expires_at
    return "expired" if is_over else "open"


def _heading(session: CheckoutSession, state: str) -> str:
    if state == "open":
        words = {"book": _("预订付款"), "donate": _("捐款")}
        return words.get(session.submit_type or "", _("付款"))
    return {"paid": _("已付款"), "awaited": _("正在核对付款"), "expired": _("结账已过期")}[state]
