"""The desk's page on which the one officer of a grid is named."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commons.accounts.permissions import allow
from commons.accounts.queries import holders_of, require_person
from commons.db import transaction
from commons.errors import Refusal
from commons.forms import FormRefused, choices
from village.divisions.models import Village
from village.drawing import officer_actions, queries
from village.drawing.forms import OfficerForm
from village.drawing.pages import find_grid, find_village
from village.grids.models import Grid

bp = Blueprint("grid_officers", __name__, url_prefix="/desk/grids")


@bp.get("/<code>/<int:number>/officer")
@allow("draw-grids")
def ask_officer(code: str, number: int) -> ResponseReturnValue:
    """Clerk, town and county see who looks after a grid and may name another."""
    village, grid = find_village(code), find_grid(code, number)
    return _page(village, grid, _form(code, grid))


@bp.post("/<code>/<int:number>/officer")
@allow("draw-grids")
def name_officer(code: str, number: int) -> ResponseReturnValue:
    """Clerk, town and county name the officer; whoever was before has no access from the next request."""
    village, grid, by = find_village(code), find_grid(code, number), require_person()
    form = _form(code, grid)
    try:
        form.require()
        with transaction():
            temporary = officer_actions.name_officer(code, number, form.naming(), by)
    except FormRefused:
        return _page(village, grid, form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return _page(village, grid, form), 400
    if temporary:
        return _page(village, grid, _form(code, grid), temporary, form.sign_in_name.data or "")
    flash(_("已保存"), "done")
    return redirect(url_for("drawing.show_grids", code=code), 303)


def _form(code: str, grid: Grid) -> OfficerForm:
    held = holders_of("officer", grid.area)
    form = OfficerForm(data={"person": str(held[0].id) if held else ""})
    known = [
        (str(one), f"{name}（{sign_in_name}）") for one, name, sign_in_name in queries.possible_officers(code)
    ]
    form.person.choices = choices([("", _("暂时没有人")), *known])
    return form


def _page(
    village: Village, grid: Grid, form: OfficerForm, temporary: str = "", sign_in_name: str = ""
) -> str:
    return render_template(
        "village/drawing/officer.html",
        village=village,
        grid=grid,
        form=form,
        officers=holders_of("officer", grid.area),
        temporary=temporary,
        sign_in_name=sign_in_name,
    )
