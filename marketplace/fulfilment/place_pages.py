"""Pickup points and delivery at the desk."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from commons.accounts.permissions import allow, current_scope
from commons.db import transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.errors import Refusal
from commons.filters import yuan
from commons.forms import Form, FormRefused, choices
from marketplace.fulfilment import actions, queries
from marketplace.fulfilment.forms import DeliveryForm, PointForm
from marketplace.fulfilment.rules import WEEK_DAYS
from village.public import enabled_villages

bp = Blueprint("desk_places", __name__, url_prefix="/desk/pickup-points")

ACTION = "keep-pickup-points"


def way(_person: object) -> DeskLink | None:
    """The way to the pickup points."""
    return desk_link(ACTION, _("自提点"), "/desk/pickup-points", "map-pin", group=_("集市"))


@bp.get("")
@allow(ACTION)
def list_points() -> str:
    """An official sees the pickup points and delivery terms of the own area."""
    scope = current_scope(ACTION)
    terms = queries.kept_terms(scope)
    stored = {each.village_code for each in terms}
    return render_template(
        "marketplace/fulfilment/desk_points.html",
        points=queries.kept_points(scope),
        terms=terms,
        villages={village.code: village.name for village in enabled_villages()},
        without_terms=[
            village
            for village in enabled_villages()
            if scope.covers(village.code) and village.code not in stored
        ],
        days=WEEK_DAYS,
    )


@bp.route("/new", methods=["GET", "POST"])
@allow(ACTION)
def open_point() -> str | Response | tuple[str, int]:
    """An official opens a pickup point; what was typed stays when something is wrong."""
    form = PointForm()
    _offer_villages(form)

    def store() -> None:
        actions.open_point(form.new_point())

    return _answer(form, "marketplace/fulfilment/desk_point.html", store, _("自提点已开，集市上能选了。"))


@bp.route("/delivery", methods=["GET", "POST"])
@allow(ACTION)
def set_delivery() -> str | Response | tuple[str, int]:
    """An official says whether parcels are sent and what that costs."""
    form = DeliveryForm()
    _offer_villages(form)
    _fill_in_terms(form)

    def store() -> None:
        actions.set_delivery(
            form.village.data,
            fee_fen=form.fee.fen or 0,
            free_from_fen=form.free_from.fen,
            is_offered=bool(form.is_offered.data),
        )

    return _answer(form, "marketplace/fulfilment/desk_delivery.html", store, _("已保存。"))


@bp.post("/<int:point_id>/close")
@allow(ACTION)
def close_point(point_id: int) -> Response:
    """An official takes no more orders for a point."""
    with transaction():
        actions.close_point(point_id)
    flash(_("已停用，已下的单照样在那里取。"))
    return redirect(url_for("desk_places.list_points"), code=303)  # type: ignore[return-value]


def _offer_villages(form: PointForm | DeliveryForm) -> None:
    scope = current_scope(ACTION)
    form.village.choices = choices(
        (village.code, village.name) for village in enabled_villages() if scope.covers(village.code)
    )


def _fill_in_terms(form: DeliveryForm) -> None:
    """Show what is stored for the village in the address, and offer no other: its terms would be overwritten with these."""
    asked = request.args.get("village", "")
    form.village.choices = [
        each for each in form.village.choices if each.value == asked
    ] or form.village.choices[:1]
    if form.is_submitted() or not form.village.choices:
        return
    terms = queries.terms_of(form.village.choices[0].value)
    if terms is not None:
        form.is_offered.data = terms.is_offered
        form.fee.data = yuan(terms.fee_fen)
        form.free_from.data = yuan(terms.free_from_fen) if terms.free_from_fen is not None else ""


def _answer(form: Form, template: str, store: object, done: str) -> str | Response | tuple[str, int]:
    if not form.is_submitted():
        return render_template(template, form=form)
    try:
        form.require()
        with transaction():
            store()  # type: ignore[operator]
    except FormRefused:
        return render_template(template, form=form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return render_template(template, form=form), 400
    flash(done)
    return redirect(url_for("desk_places.list_points"), code=303)  # type: ignore[return-value]
