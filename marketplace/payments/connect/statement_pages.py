"""Statements at the desk, per seller and per day: as a page, CSV, Excel and on paper; and counting the keepers' cash."""

from __future__ import annotations

import re
import secrets
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons import clock
from commons.accounts.models import Person
from commons.accounts.permissions import allow
from commons.db import db, transaction
from commons.errors import Missing, Refusal
from commons.forms import FormRefused
from marketplace.payments.cash import hand_over_cash
from marketplace.payments.connect import queries
from marketplace.payments.connect.desk_answers import download, span
from marketplace.payments.connect.forms import CountForm
from marketplace.payments.connect.paper import statement_pdf
from marketplace.payments.connect.sheets import csv_bytes, day_table, statement_table, xlsx_bytes
from marketplace.payments.connect.statements import seller_statement, sellers_day
from marketplace.payments.gateways import gateways

bp = Blueprint(
    "statements_desk", __name__, template_folder="../../templates", url_prefix="/desk/settlement/statements"
)

WHOLE_FEN = re.compile(r"-?[0-9]{1,15}")


@bp.get("/sellers/<account_id>.<kind>")
@allow("see-payments")
def fetch_statement(account_id: str, kind: str) -> Response:
    """The operator of money takes a seller's statement: ``csv``, ``xlsx``, or ``pdf`` in large type for the seller."""
    since, until = span(request.args)
    told = seller_statement(queries.the_account(account_id), since, until)
    name = f"statement-{account_id}-{since}-{until}.{kind}"
    if kind == "pdf":
        return download(statement_pdf(told), name)
    head, rows = statement_table(told)
    return _table(kind, _("结算单"), head, rows, name)


@bp.get("/days")
@allow("see-payments")
def show_day() -> str:
    """The operator of money sees what every seller sold, gave back and was paid on one day."""
    day = _asked_day(request.args.get("day", ""))
    rows = sellers_day(day, livemode=gateways().livemode)
    return render_template("marketplace/payments/connect/day.html", day=day, rows=rows)


@bp.get("/days/<day>.<kind>")
@allow("see-payments")
def fetch_day(day: str, kind: str) -> Response:
    """The operator of money takes one day of all sellers as ``csv`` or ``xlsx``."""
    asked = _asked_day(day)
    head, rows = day_table(sellers_day(asked, livemode=gateways().livemode))
    return _table(kind, _("日结"), head, rows, f"day-{asked}.{kind}")


def _table(kind: str, title: str, head: list[str], rows: list[list[str | int]], name: str) -> Response:
    if kind == "csv":
        return download(csv_bytes(head, rows), name)
    if kind == "xlsx":
        return download(xlsx_bytes(title, head, rows), name)
    raise Missing()


def _asked_day(text: str) -> date:
    return clock.day_of(text) or clock.today()


# -- the keepers' cash --------------------------------------------------------------------------------------


@bp.get("/cash")
@allow("see-payments")
def show_boxes() -> str:
    """The operator of money sees what ought to lie in every keeper's box."""
    return _boxes_page()


def _boxes_page(wrong: tuple[str, CountForm] | None = None) -> str:
    boxes = queries.boxes(livemode=gateways().livemode)
    numbers = [int(box.keeper) for box in boxes if box.keeper.isdigit()]
    people = {str(each): person.name for each in numbers if (person := db.session.get(Person, each))}
    forms = {box.keeper: _count_form(box) for box in boxes}
    if wrong:
        keeper, form = wrong
        form.once.data = secrets.token_urlsafe(12)  # the next press is a count of its own
        forms[keeper] = form
    return render_template("marketplace/payments/connect/boxes.html", boxes=boxes, names=people, forms=forms)


def _count_form(box: queries.Box) -> CountForm:
    once, expected = secrets.token_urlsafe(12), str(box.expected_fen)
    return CountForm(formdata=None, prefix=f"k{box.keeper}", expected=expected, once=once)


@bp.post("/cash/<keeper>")
@allow("handle-payments")
def count_box(keeper: str) -> Response | str:
    """The operator of money has counted a keeper's box and takes the cash; a difference is written down."""
    if keeper not in {box.keeper for box in queries.boxes(livemode=gateways().livemode)}:
        raise Missing()
    form = CountForm(prefix=f"k{keeper}")
    try:
        form.require()
        if form.counted.fen is None or not WHOLE_FEN.fullmatch(form.expected.data):
            raise Missing()
        with transaction():
            done = hand_over_cash(keeper, form.counted.fen, int(form.expected.data), form.once.data)
    except Refusal as refusal:
        if not isinstance(refusal, FormRefused):
            form.blame(refusal)
        return _boxes_page((keeper, form))
    words = _("已入账，账实相符") if not done.difference_fen else _("已入账，差额已记下")
    flash(words)
    return redirect(url_for("statements_desk.show_boxes"), 303)
