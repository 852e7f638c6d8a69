"""Reconciliation at the desk: every day's bill, what differed, and doing it again."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from commons import audit
from commons.accounts.permissions import allow
from commons.db import db, end_read, transaction
from commons.errors import Missing
from marketplace.payments.reconcile.flows import reconcile
from marketplace.payments.reconcile.models import Bill
from marketplace.payments.reconcile.queries import lines_of, recent_bills
from marketplace.payments.reconcile.rules import BillState, Verdict

bp = Blueprint(
    "reconcile_desk", __name__, template_folder="../../templates", url_prefix="/desk/settlement/bills"
)

VERDICT_WORDS = {
    Verdict.matched: _l("相符"),
    Verdict.amount_differs: _l("金额不同"),
    Verdict.ours_only: _l("只有我们有"),
    Verdict.theirs_only: _l("只有支付宝有"),
    Verdict.state_differs: _l("状态不同"),
}
STATE_WORDS = {
    BillState.waiting: _l("等账单"),
    BillState.fetched: _l("正在核对"),
    BillState.done: _l("相符"),
    BillState.differs: _l("有差异"),
    BillState.empty: _l("当天没有进出"),
}


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(bp)


@bp.get("")
@allow("see-payments")
def show_bills() -> str:
    """The operator of money sees the last month's bills, and whether each day agrees."""
    return render_template(
        "marketplace/payments/reconcile/bills.html",
        bills=recent_bills(),
        verdict_words=VERDICT_WORDS,
        state_words=STATE_WORDS,
    )


@bp.get("/<int:bill_id>")
@allow("see-payments")
def show_bill(bill_id: int) -> str:
    """The operator of money sees one day line by line, what differs first."""
    bill = _the(bill_id)
    lines = sorted(lines_of(bill.id), key=lambda line: line.verdict == Verdict.matched)
    return render_template(
        "marketplace/payments/reconcile/bill.html",
        bill=bill,
        lines=lines[:500],
        verdict_words=VERDICT_WORDS,
        state_words=STATE_WORDS,
    )


@bp.post("/<int:bill_id>/again")
@allow("handle-payments")
def do_again(bill_id: int) -> Response:
    """The operator of money has a day's bill fetched and compared once more."""
    bill = _the(bill_id)
    app_id, livemode, day = bill.app_id, bill.livemode, bill.day
    end_read()
    reconcile(app_id, livemode, day, again=True)
    with transaction():
        audit.record("bill.reconciled", subject=f"bill:{bill_id}")
    flash(_("又对了一次"))
    return redirect(url_for("reconcile_desk.show_bill", bill_id=bill_id), 303)


def _the(bill_id: int) -> Bill:
    found = db.session.get(Bill, bill_id)
    if found is None:
        raise Missing()
    return found
