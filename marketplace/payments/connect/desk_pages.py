"""What the operator of money sees and does about sellers' money: who is owed, payouts, lists for the bank."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons import audit
from commons.accounts.permissions import allow
from commons.accounts.queries import require_person
from commons.db import transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.errors import Refusal
from commons.forms import Form, FormRefused
from marketplace.money import yuan
from marketplace.payments.connect import queries
from marketplace.payments.connect.actions import block, mark_verified, set_payee
from marketplace.payments.connect.desk_answers import download, span
from marketplace.payments.connect.errors import BadResults
from marketplace.payments.connect.flows import pay_out_now, settle_directly_from_now
from marketplace.payments.connect.forms import (
    MEANS_WORDS,
    BlockForm,
    DirectForm,
    PayAllForm,
    PayeeForm,
    PayForm,
)
from marketplace.payments.connect.lists import make_bank_list, payouts_on, recent_lists, take_results
from marketplace.payments.connect.models import SellerAccount
from marketplace.payments.connect.paper import slip_pdf
from marketplace.payments.connect.payouts import (
    PayoutAsk,
    cancel_payout,
    owed_fen,
    pay_everybody,
    pay_in_cash,
    request_payout,
)
from marketplace.payments.connect.sheets import bank_sheet, read_results
from marketplace.payments.connect.statements import seller_statement
from marketplace.payments.gateways import gateways

bp = Blueprint("settlement_desk", __name__, template_folder="../../templates", url_prefix="/desk/settlement")


def way(_person: object) -> DeskLink | None:
    """The way to sellers' money, with how many payouts wait."""
    waiting = len(queries.open_payouts(livemode=gateways().livemode))
    return desk_link("see-payments", _("付给卖家"), "/desk/settlement", "users", waiting=waiting)


@bp.get("")
@allow("see-payments")
def show_sellers() -> str:
    """The operator of money sees who is owed what, which payouts are under way, and the lists for the bank."""
    livemode = gateways().livemode
    return render_template(
        "marketplace/payments/connect/sellers.html",
        sights=queries.sellers(livemode=livemode),
        payouts=queries.open_payouts(livemode=livemode),
        for_bank=queries.count_for_the_bank(livemode=livemode),
        lists=recent_lists(),
        all=PayAllForm(formdata=None, once=secrets.token_urlsafe(12)),
        means_words=MEANS_WORDS,
    )


@bp.post("/pay-all")
@allow("handle-payments")
def pay_all() -> Response:
    """The operator of money approves what is owed to every seller who can be paid, each by their own means."""
    form = PayAllForm()
    form.require()
    with transaction():
        count, total_fen = pay_everybody(form.once.data, livemode=gateways().livemode)
        audit.record("payout.approved_all", payouts=count, total_fen=total_fen)
    flash(_("批准了 %(count)d 笔，共 %(yuan)s 元", count=count, yuan=yuan(total_fen)))
    return redirect(url_for("settlement_desk.show_sellers"), 303)


@bp.get("/<account_id>")
@allow("see-payments")
def show_seller(account_id: str) -> str:
    """The operator of money sees one seller: what is owed, every movement, and how it is paid."""
    return _seller_page(queries.the_account(account_id))


def _seller_page(account: SellerAccount, pay: PayForm | None = None, payee: PayeeForm | None = None) -> str:
    owed = owed_fen(account)
    pay = pay or PayForm(formdata=None, once=secrets.token_urlsafe(12))
    since, until = span(request.args)
    return render_template(
        "marketplace/payments/connect/seller.html",
        account=account,
        owed_fen=owed,
        told=seller_statement(account, since, until),
        payouts=queries.payouts_of(account.id),
        pay=pay,
        payee=payee or PayeeForm(formdata=None, means=account.means or None),
        block=BlockForm(formdata=None, reason=account.blocked_for),
        direct=DirectForm(formdata=None, smid=account.smid),
        means_words=MEANS_WORDS,
    )


@bp.post("/<account_id>/pay")
@allow("handle-payments")
def pay_seller(account_id: str) -> Response | str:
    """The operator of money approves a payout by the seller's own means."""
    form = PayForm()
    try:
        form.require()
        with transaction():
            ask = PayoutAsk(account_id, form.amount.fen or 0, reference=f"desk:{form.once.data}")
            payout = request_payout(ask)
            audit.record("payout.approved", subject=f"payout:{payout.id}", amount_fen=payout.amount_fen)
    except Refusal as refusal:
        _blame(form, refusal)
        return _seller_page(queries.the_account(account_id), pay=form)
    flash(_("已批准付款 %(number)s", number=payout.id))
    return redirect(url_for("settlement_desk.show_payout", payout_id=payout.id), 303)


@bp.post("/<account_id>/payee")
@allow("handle-payments")
def change_payee(account_id: str) -> Response | str:
    """The operator of money writes down where a seller's money goes."""
    form = PayeeForm()
    try:
        form.require()
        with transaction():
            set_payee(account_id, form.payee)
            audit.record("seller.payee_set", subject=f"account:{account_id}", means=form.means.data)
    except Refusal as refusal:
        _blame(form, refusal)
        return _seller_page(queries.the_account(account_id), payee=form)
    return _back(account_id, _("收款方式已记下"))


@bp.post("/<account_id>/verify")
@allow("handle-payments")
def verify(account_id: str) -> Response:
    """The operator of money has looked at the seller's ID card."""
    person = require_person().id
    with transaction():
        mark_verified(account_id, f"person:{person}")
        audit.record("seller.verified", subject=f"account:{account_id}")
    return _back(account_id, _("已记下：当面核对了身份证"))


@bp.post("/<account_id>/block")
@allow("handle-payments")
def stop_payouts(account_id: str) -> Response:
    """The operator of money stops payouts to a seller, or lets them go on."""
    form = BlockForm()
    form.require()
    with transaction():
        block(account_id, form.reason.data or "")
        audit.record("seller.blocked", subject=f"account:{account_id}", blocked=bool(form.reason.data))
    return _back(account_id, _("已停付") if form.reason.data else _("已恢复付款"))


@bp.post("/<account_id>/direct")
@allow("handle-payments")
def make_direct(account_id: str) -> Response:
    """The operator of money lets Alipay hold a seller's money as its sub-merchant's."""
    queries.the_account(account_id)
    form = DirectForm()
    try:
        form.require()
        settle_directly_from_now(account_id, form.smid.data)
    except Refusal as refusal:
        flash(form.smid.errors[0] if isinstance(refusal, FormRefused) else refusal.sentence, "error")
        return redirect(url_for("settlement_desk.show_seller", account_id=account_id), 303)
    with transaction():
        audit.record("seller.made_direct", subject=f"account:{account_id}")
    return _back(account_id, _("以后的货款由支付宝直接结给这位卖家"))


def _back(account_id: str, words: str) -> Response:
    flash(words)
    return redirect(url_for("settlement_desk.show_seller", account_id=account_id), 303)


def _blame(form: Form, refusal: Refusal) -> None:
    if not isinstance(refusal, FormRefused):
        form.blame(refusal)


@bp.get("/payouts/<payout_id>")
@allow("see-payments")
def show_payout(payout_id: str) -> str:
    """The operator of money sees one payout, and what can be done with it now."""
    payout = queries.the_payout(payout_id)
    return render_template(
        "marketplace/payments/connect/payout.html",
        payout=payout,
        account=queries.the_account(payout.account_id),
        means_words=MEANS_WORDS,
    )


@bp.get("/payouts/<payout_id>/slip.pdf")
@allow("handle-payments")
def print_slip(payout_id: str) -> Response:
    """The operator of money prints the slip that the seller signs for cash."""
    payout = queries.the_payout(payout_id)
    account = queries.the_account(payout.account_id)
    return download(slip_pdf(payout, account.name or account.seller), f"slip-{payout.id}.pdf")


@bp.post("/payouts/<payout_id>/<deed>")
@allow("handle-payments")
def handle_payout(payout_id: str, deed: str) -> Response:
    """The operator of money has Alipay asked, says that cash was taken, or takes a payout back that has not left."""
    queries.the_payout(payout_id)
    if deed == "ask":
        pay_out_now(payout_id)
        words = _("已经问过支付宝")
    else:
        deeds = {"cash": (pay_in_cash, _("已记下：钱已领走")), "cancel": (cancel_payout, _("已撤回"))}
        do, words = deeds[deed if deed in deeds else "cancel"]
        with transaction():
            do(payout_id)
            audit.record(f"payout.{deed}", subject=f"payout:{payout_id}")
    flash(words)
    return redirect(url_for("settlement_desk.show_payout", payout_id=payout_id), 303)


# -- lists for the bank ---------------------------------------------------------------------------------------


@bp.post("/lists")
@allow("handle-payments")
def make_list() -> Response:
    """The operator of money gathers what waits for the bank into one list."""
    person = require_person().id
    with transaction():
        made = make_bank_list(person, livemode=gateways().livemode)
        audit.record(
            "bank_list.made", subject=f"bank_list:{made.id}", payouts=made.payouts, total_fen=made.total_fen
        )
    return redirect(url_for("settlement_desk.show_list", list_id=made.id), 303)


@bp.get("/lists/<int:list_id>")
@allow("see-payments")
def show_list(list_id: int) -> str:
    """The operator of money sees one list: what is on it, and what the bank said."""
    return _list_page(list_id)


def _list_page(list_id: int, error: str = "") -> str:
    return render_template(
        "marketplace/payments/connect/list.html",
        bank_list=queries.the_list(list_id),
        payouts=payouts_on(list_id),
        error=error,
    )


@bp.get("/lists/<int:list_id>/sheet.xlsx")
@allow("handle-payments")
def fetch_sheet(list_id: int) -> Response:
    """The operator of money takes the sheet for the bank, with account numbers; that is written down."""
    queries.the_list(list_id)
    with transaction():
        audit.record("bank_list.fetched", subject=f"bank_list:{list_id}")
        content = bank_sheet(payouts_on(list_id))
    return download(content, f"bank-{list_id}.xlsx")


@bp.post("/lists/<int:list_id>/results")
@allow("handle-payments")
def import_results(list_id: int) -> Response | str:
    """The operator of money brings back what the bank says of each payout."""
    sheet = request.files.get("sheet")
    try:
        results = read_results(sheet.read() if sheet else b"")
        with transaction():
            arrived, failed = take_results(list_id, results)
            audit.record("bank_list.results", subject=f"bank_list:{list_id}", arrived=arrived, failed=failed)
    except BadResults as refusal:
        return _list_page(list_id, refusal.sentence)
    flash(_("已导入：成功 %(arrived)d 笔，失败 %(failed)d 笔", arrived=arrived, failed=failed))
    return redirect(url_for("settlement_desk.show_list", list_id=list_id), 303)
