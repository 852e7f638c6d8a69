"""Sellers at the desk: enter one for a household, verify, close."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from commons.accounts import require_person
from commons.accounts.actions import find_or_make_person
from commons.accounts.permissions import allow, current_scope, require_scope
from commons.db import transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.errors import Refusal
from commons.forms import FormRefused
from commons.paging import asked_page
from marketplace.produce import actions, queries
from marketplace.produce.forms import DeskSellerForm
from marketplace.produce.rules import KIND_WORDS
from village.public import find_door

bp = Blueprint("desk_sellers", __name__, url_prefix="/desk/sellers")


def way(_person: object) -> DeskLink | None:
    """The way to this part of the desk, with how many wait to be verified."""
    scope = current_scope("verify-sellers")
    return desk_link(
        "verify-sellers", _("卖家"), "/desk/sellers", "building-store",
        waiting=queries.sellers_waiting(scope), group=_("集市"),
    )  # fmt: skip


@bp.get("")
@allow("verify-sellers")
def list_sellers() -> str:
    """An official sees the sellers of the own area, those who wait first."""
    page = queries.kept_sellers(current_scope("verify-sellers"), asked_page())
    return render_template("marketplace/produce/desk_list.html", page=page, kinds=KIND_WORDS)


@bp.route("/new", methods=["GET", "POST"])
@allow("verify-sellers")
def enter_seller() -> str | Response | tuple[str, int]:
    """An official enters a household as a seller; what was typed stays when something is wrong."""
    form = DeskSellerForm()
    if not form.is_submitted():
        return render_template("marketplace/produce/desk_enter.html", form=form)
    try:
        form.require()
        _enter(form)
    except FormRefused:
        return render_template("marketplace/produce/desk_enter.html", form=form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return render_template("marketplace/produce/desk_enter.html", form=form), 400
    flash(_("已登记。核实之后农户就能上架。"))
    return redirect(url_for("desk_sellers.list_sellers"), code=303)  # type: ignore[return-value]


def _enter(form: DeskSellerForm) -> None:
    door = find_door(form.door.data)
    if door is None:
        raise Refusal(_("没有这块门牌，请对着门牌再看一遍"), field="door", code="unknown_door")
    require_scope("verify-sellers", door.village_code)
    person_id = require_person().id
    with transaction() as session:
        farmer = find_or_make_person(form.phone.data) if form.phone.data else None
        session.flush()  # a new person's number is needed for the seller
        actions.enter_seller(
            person_id, form.new_seller(door.village_code), for_person=farmer.id if farmer else None
        )


@bp.post("/<int:seller_id>/verify")
@allow("verify-sellers")
def verify(seller_id: int) -> Response:
    """An official vouches for a seller's kind in law."""
    person_id = require_person().id
    with transaction():
        actions.verify_seller(person_id, seller_id)
    flash(_("已核实，可以上架了。"))
    return redirect(url_for("desk_sellers.list_sellers"), code=303)  # type: ignore[return-value]


@bp.post("/<int:seller_id>/close")
@allow("verify-sellers")
def close(seller_id: int) -> Response:
    """An official takes a seller out of the shop."""
    with transaction():
        actions.close_seller(seller_id)
    flash(_("已停用，东西都已下架。"))
    return redirect(url_for("desk_sellers.list_sellers"), code=303)  # type: ignore[return-value]
