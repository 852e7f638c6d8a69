"""A farmer's money: what was sold, what was paid, what is still to come, and where it goes."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from commons.accounts import require_person
from commons.accounts.permissions import allow
from commons.db import transaction
from commons.errors import Missing
from commons.settings import current
from marketplace.fulfilment.actions import account_for
from marketplace.payments.connect.actions import account_of, make_link
from marketplace.payments.connect.desk_answers import download, span
from marketplace.payments.connect.forms import MEANS_WORDS
from marketplace.payments.connect.paper import statement_pdf
from marketplace.payments.connect.queries import payouts_of
from marketplace.payments.connect.statements import SellerStatement, plain_words, seller_statement
from marketplace.payments.gateways import gateways
from marketplace.produce.models import Seller
from marketplace.produce.queries import sellers_of

bp = Blueprint("sell_money", __name__)


@bp.get("/sell/money")
@allow("sell")
def show_money() -> str:
    """A farmer sees the own money in sentences, every movement, and where payouts go."""
    since, until = span(request.args)
    mine = [_sight(seller, since, until) for seller in sellers_of(require_person().id)]
    return render_template(
        "marketplace/fulfilment/money.html", mine=mine, since=since, until=until, means_words=MEANS_WORDS
    )


def _sight(seller: Seller, since: date, until: date) -> dict[str, object]:
    account = account_of(str(seller.id), livemode=gateways().livemode)
    told = seller_statement(account, since, until) if account else None
    return {
        "seller": seller,
        "account": account,
        "told": told,
        "sentences": plain_words(told) if told else [],
        "payouts": payouts_of(account.id, limit=10) if account else [],
    }


@bp.get("/sell/money/<int:seller_id>.pdf")
@allow("sell")
def print_money(seller_id: int) -> Response:
    """A farmer takes the own statement in large type, to be printed."""
    since, until = span(request.args)
    account = account_of(str(_own(seller_id).id), livemode=gateways().livemode)
    if account is None:
        raise Missing()
    told: SellerStatement = seller_statement(account, since, until)
    return download(statement_pdf(told), f"statement-{since}-{until}.pdf")


@bp.post("/sell/money/<int:seller_id>")
@allow("sell")
def set_up(seller_id: int) -> Response:
    """A farmer goes to say where the money shall go."""
    seller = _own(seller_id)
    back = current().public_base_url.rstrip("/") + url_for("sell_money.show_money")
    with transaction():
        word, _link = make_link(account_for(seller).id, back, back)
    return redirect(url_for("account_pages.show_set_up", word=word), 303)


def _own(seller_id: int) -> Seller:
    for seller in sellers_of(require_person().id):
        if seller.id == seller_id:
            return seller
    raise Missing()
