"""What the operator of money sees and does at the desk: cases, payments, requests without a last word."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from commons import audit, slots
from commons.accounts.permissions import allow
from commons.accounts.queries import require_person
from commons.db import transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.errors import Missing
from commons.forms import FormRefused
from marketplace.ledger.queries import balance_fen
from marketplace.payments import desk_words, queries
from marketplace.payments.cases import CASE_WORDS, can_give_back, case_numbered, close_case, count_open_cases
from marketplace.payments.connect.direct_flows import confirm_now, share_now
from marketplace.payments.desk_words import DETAIL_WORDS, HEARD_WORDS, OP_WORDS
from marketplace.payments.flows import ask_about_payment, close_now, refund_now
from marketplace.payments.forms import CloseCaseForm
from marketplace.payments.gateways import gateways
from marketplace.payments.settle import give_back_differing
from marketplace.payments.trail import events_of, notifications_of, ops_of

bp = Blueprint("payments_desk", __name__, template_folder="../templates", url_prefix="/desk/payments")

SHOWN_ACCOUNTS = {
    "alipay_clearing": _l("支付宝里的钱"),
    "refund_in_flight": _l("正在退的钱"),
    "suspense": _l("待查的钱"),
    "platform_fee": _l("平台服务费"),
    "cash:office": _l("已交回的现金"),
}

# How the gateway is asked about a request now.
ASK = {"close": close_now, "refund": refund_now, "confirm": confirm_now, "share": share_now}


def init_app(app: Flask) -> None:
    """Add the pages, and their way in the desk's navigation."""
    app.register_blueprint(bp)
    slots.fill(app, "desk-nav", _way, order=80)


def _way(person: object) -> DeskLink | None:
    link = desk_link("see-payments", _("收付款"), "/desk/payments", "wallet")
    if link is None:
        return None
    return desk_link("see-payments", link.title, link.url, link.icon, waiting=count_open_cases())


@bp.get("")
@allow("see-payments")
def show_payments() -> str:
    """The operator of money sees what needs a person, what is under way, and the newest payments."""
    livemode = gateways().livemode
    return render_template(
        "marketplace/payments/desk.html",
        cases=queries.open_cases(),
        case_words=CASE_WORDS,
        ops=queries.open_ops(),
        op_words=OP_WORDS,
        payments=queries.recent_payments(),
        balances=[(words, balance_fen(code, livemode=livemode)) for code, words in SHOWN_ACCOUNTS.items()],
        livemode=livemode,
    )


@bp.get("/<payment_id>")
@allow("see-payments")
def show_one_payment(payment_id: str) -> str:
    """The operator of money sees everything that happened to one payment."""
    payment = queries.the_payment(payment_id)
    attempts = queries.attempts_of(payment_id)
    return render_template(
        "marketplace/payments/desk_payment.html",
        payment=payment,
        attempts=attempts,
        charges=queries.charges_of(payment_id),
        refunds=queries.refunds_of(payment_id),
        transfers=queries.transfers_of(payment_id),
        escrow_fen=queries.escrow_left(payment),
        ops=ops_of(payment_id),
        words=desk_words,
        notifications=notifications_of(payment_id),
        events=events_of(payment_id),
    )


@bp.post("/<payment_id>/ask")
@allow("handle-payments")
def ask_again(payment_id: str) -> Response:
    """The operator of money has the gateway asked now."""
    payment = queries.the_payment(payment_id)
    waiting = [(op.kind, op.out_no) for op in ops_of(payment_id) if op.ended_at is None]
    ask_about_payment(payment.id)
    for kind, number in waiting:
        ASK[kind](number)
    with transaction():
        audit.record("payment.asked", subject=f"payment:{payment_id}")
    flash(_("已经问过支付宝"))
    return redirect(url_for("payments_desk.show_one_payment", payment_id=payment_id))


@bp.get("/cases/<int:case_id>")
@allow("see-payments")
def show_case(case_id: int) -> str:
    """The operator of money sees one case and closes it with a note."""
    return _case_page(case_id, CloseCaseForm())


@bp.post("/cases/<int:case_id>")
@allow("handle-payments")
def close_one_case(case_id: int) -> Response | str:
    """The operator of money closes a case and says how it was solved."""
    form = CloseCaseForm()
    try:
        form.require()
    except FormRefused:
        return _case_page(case_id, form)
    with transaction():
        case = close_case(case_id, require_person().id, form.note.data)
        audit.record("payment_case.closed", subject=f"payment_case:{case.id}")
    flash(_("这件事已办结"))
    return redirect(url_for("payments_desk.show_payments"))


@bp.post("/cases/<int:case_id>/give-back")
@allow("handle-payments")
def give_back(case_id: int) -> Response:
    """The operator of money sends money of another amount than was asked for back to its payer."""
    with transaction():
        case = case_numbered(case_id)
        if not can_give_back(case):
            raise Missing()
        refund = give_back_differing(case.details["out_trade_no"], case.details["told_fen"])
        audit.record("payment.given_back", subject=f"payment_case:{case.id}", refund=refund.id)
    flash(_("已安排原路退回，请确认退款成功后再办结"))
    return redirect(url_for("payments_desk.show_case", case_id=case_id), 303)


def _case_page(case_id: int, form: CloseCaseForm) -> str:
    case = case_numbered(case_id)
    return render_template(
        "marketplace/payments/desk_case.html",
        case=case,
        words=CASE_WORDS[case.kind],
        detail_words=DETAIL_WORDS,
        heard_words=HEARD_WORDS,
        form=form,
        can_give_back=can_give_back(case),
    )
