"""The desk's pages about villages: finding one in the division table, opening it, setting its duty telephone."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commons.accounts.permissions import allow, current_scope
from commons.db import db, transaction
from commons.errors import Missing, Refusal
from commons.forms import FormRefused, tidy
from village.divisions import actions, queries
from village.divisions.forms import VillageForm
from village.divisions.models import Division, Village
from village.divisions.queries import FoundDivision

bp = Blueprint("divisions", __name__, template_folder="../templates")


@bp.get("/desk/villages")
@allow("enable-village")
def list_villages() -> ResponseReturnValue:
    """The clerk, town and county see their opened villages and look for others by name."""
    scope = current_scope("enable-village")
    text = tidy(request.args.get("q"))[:60]
    found = queries.find_divisions(text, within=scope.condition(Division.code), villages_only=True)
    opened = queries.villages(scope.condition(Village.code))
    return render_template("village/divisions/list.html", text=text, found=found, villages=opened)


@bp.get("/desk/villages/<code>")
@allow("enable-village")
def show_village(code: str) -> ResponseReturnValue:
    """Clerk, town and county see one village: what the table says, and what it is called here."""
    found = _division(code)
    village = db.session.get(Village, code)
    form = VillageForm(obj=village)
    if village is None and not form.name.data:
        table = queries.divisions_around(code)
        here = table.get(code)
        form.name.data = here.display if here is not None else found.name
    return _page(found, form)


@bp.post("/desk/villages/<code>")
@allow("enable-village")
def save_village(code: str) -> ResponseReturnValue:
    """Clerk, town and county open a village, or change its name and duty telephone."""
    found, form = _division(code), VillageForm()
    try:
        form.require()
        words = {"name": form.name.data or "", "duty_phone": form.duty_phone.data or ""}
        with transaction():
            if db.session.get(Village, code) is None:
                actions.enable_village(code, **words)
            else:
                actions.change_village(code, **words)
    except FormRefused:
        return _page(found, form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return _page(found, form), 400
    flash(_("已保存"), "done")
    return redirect(url_for("divisions.show_village", code=code), 303)


def _page(found: FoundDivision, form: VillageForm) -> str:
    village = db.session.get(Village, found.code)
    history = queries.history_of(found.code)
    return render_template(
        "village/divisions/show.html", found=found, village=village, form=form, history=history
    )


def _division(code: str) -> FoundDivision:
    """The village in the scope of whoever asks; anything else is the same 404."""
    found = queries.division(code)
    if found is None or not found.is_village or not current_scope("enable-village").covers(code):
        raise Missing()
    return found
