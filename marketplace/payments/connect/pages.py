"""The pages on which a seller says who they are and where their money goes. Whoever has the link, for a day."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons import slots
from commons.accounts.permissions import allow
from commons.db import transaction
from commons.errors import Refusal
from commons.forms import FormRefused
from commons.security import allow_form_action
from commons.settings import current
from commons.throttle import hit
from marketplace.payments.connect import desk_pages, messages, statement_pages
from marketplace.payments.connect.actions import link_behind, set_payee
from marketplace.payments.connect.errors import LinkOver, NotCertified
from marketplace.payments.connect.flows import check_person, hear_check
from marketplace.payments.connect.forms import MEANS_WORDS, SetUpForm
from marketplace.payments.connect.models import AccountLink
from marketplace.payments.connect.queries import the_account
from marketplace.payments.errors import NoOnlinePayment
from marketplace.payments.gateways import gateways
from marketplace.payments.port import NoWord

bp = Blueprint("account_pages", __name__, template_folder="../../templates")

TRIES = "10/hour"


def init_app(app: Flask) -> None:
    """Add the sellers' pages, and those of the desk with their way in its navigation."""
    for blueprint in (bp, desk_pages.bp, statement_pages.bp, messages.bp):
        app.register_blueprint(blueprint)
    slots.fill(app, "desk-nav", desk_pages.way, order=82)


@bp.get("/pay/account/<word>")
@allow("pay")
def show_set_up(word: str) -> str | Response:
    """Whoever has the link sees what is still asked of the account, and answers it."""
    try:
        link = link_behind(word)
    except LinkOver as over:
        if over.refresh_url:
            return redirect(over.refresh_url)
        return render_template("marketplace/payments/connect/set_up_over.html")
    account = the_account(link.account_id)
    return _page(word, link, SetUpForm(formdata=None, means=account.means or None))


def _page(word: str, link: AccountLink, form: SetUpForm) -> str:
    origin = _gateway_origin()
    if origin:
        allow_form_action(origin)
    return render_template(
        "marketplace/payments/connect/set_up.html",
        word=word,
        account=the_account(link.account_id),
        form=form,
        can_check=bool(origin),
        back=link.return_url,
        means_words=MEANS_WORDS,
    )


def _gateway_origin() -> str:
    try:
        return gateways().current().origin
    except NoOnlinePayment:
        return ""


@bp.post("/pay/account/<word>")
@allow("pay")
def set_up(word: str) -> str | Response:
    """Whoever has the link says where the money goes, and goes on to Alipay to prove who they are."""
    link = link_behind(word)
    hit("account-set-up", link.account_id, TRIES)
    form = SetUpForm()
    try:
        form.require()
        with transaction():
            set_payee(link.account_id, form.payee)
        account = the_account(link.account_id)
        if not account.is_verified and form.id_number.data and _gateway_origin():
            return _to_alipay(word, link.account_id, form)
    except FormRefused:
        return _page(word, link, form)
    except Refusal as refusal:
        form.blame(refusal)
        return _page(word, link, form)
    flash(_("收款方式已记下"))
    return redirect(link.return_url or f"/pay/account/{word}", 303)


def _to_alipay(word: str, account_id: str, form: SetUpForm) -> Response:
    back = f"{current().public_base_url.rstrip('/')}/pay/account/{word}/return"
    page = check_person(account_id, form.holder.data or "", form.id_number.data or "", back)
    if isinstance(page, NoWord):
        raise NotCertified()
    answer = redirect(page, 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/pay/account/<word>/return")
@allow("pay")
def come_back(word: str) -> Response:
    """Whoever comes back from Alipay: what they bring is not believed, Alipay is asked."""
    link = link_behind(word)
    account_id, return_url = link.account_id, link.return_url
    if hear_check(account_id):
        flash(_("身份已核实"))
        return redirect(return_url or f"/pay/account/{word}", 303)
    flash(NotCertified().sentence, "error")
    return redirect(f"/pay/account/{word}", 303)
