"""Artisans at the desk: enter one with the recorded choice, verify, take out."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from commons import clock
from commons.accounts import require_person
from commons.accounts.permissions import allow, current_scope
from commons.db import transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.errors import Refusal
from commons.forms import FormRefused
from commons.paging import asked_page
from marketplace.artisans import actions, queries
from marketplace.artisans.forms import ArtisanForm
from marketplace.artisans.rules import CONSENT_WAY_WORDS, CONTACT_WORDS, TRADE_OF, is_listed
from village.public import find_door

bp = Blueprint("desk_artisans", __name__, url_prefix="/desk/artisans")


def way(_person: object) -> DeskLink | None:
    """The way to this part of the desk, with how many wait for verification."""
    scope = current_scope("keep-artisans")
    return desk_link(
        "keep-artisans", _("手艺人"), "/desk/artisans", "tool", waiting=queries.waiting_count(scope)
    )


@bp.get("")
@allow("keep-artisans")
def list_artisans() -> str:
    """An official sees the artisans of the own area, those who wait first."""
    return render_template(
        "marketplace/artisans/desk_list.html",
        page=queries.kept_artisans(current_scope("keep-artisans"), asked_page()),
        today=clock.today(),
        is_listed=is_listed,
        trade_of=TRADE_OF,
        contacts=CONTACT_WORDS,
        ways=CONSENT_WAY_WORDS,
        withdrawing=current_scope("withdraw-artisans"),
        may_verify=bool(current_scope("verify-artisans")),
    )


@bp.route("/new", methods=["GET", "POST"])
@allow("keep-artisans")
def enter_artisan() -> str | Response | tuple[str, int]:
    """An official enters somebody who said yes; what was typed stays when something is wrong."""
    form = ArtisanForm()
    if not form.is_submitted():
        return _page(form)
    try:
        form.require()
        _enter(form)
    except FormRefused:
        return _page(form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return _page(form), 400
    flash(_("已登记，核实之后才会显示。"))
    return redirect(url_for("desk_artisans.list_artisans"), code=303)  # type: ignore[return-value]


def _page(form: ArtisanForm) -> str:
    return render_template("marketplace/artisans/enter.html", form=form)


def _enter(form: ArtisanForm) -> None:
    door = find_door(form.door.data)
    if door is None:
        raise Refusal(_("没有这块门牌，请对着门牌再看一遍"), field="door", code="unknown_door")
    person_id = require_person().id
    with transaction():
        actions.enter_artisan(person_id, door, form.new_artisan())


@bp.post("/<int:artisan_id>/verify")
@allow("verify-artisans")
def verify(artisan_id: int) -> Response:
    """An official vouches for an artisan; from the next request on the entry appears."""
    person_id = require_person().id
    with transaction():
        actions.verify_artisan(person_id, artisan_id)
    flash(_("已核实，门牌页上可以看到了。"))
    return redirect(url_for("desk_artisans.list_artisans"), code=303)  # type: ignore[return-value]


@bp.post("/<int:artisan_id>/withdraw")
@allow("withdraw-artisans")
def withdraw(artisan_id: int) -> Response:
    """An official takes out an entry whose person said so."""
    with transaction():
        actions.withdraw_by_official(artisan_id)
    flash(_("已撤回，各处都不再显示。"))
    return redirect(url_for("desk_artisans.list_artisans"), code=303)  # type: ignore[return-value]
