"""The desk's pages about doors: the list, one door."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from commons.accounts.permissions import allow, current_scope
from commons.forms import tidy
from commons.paging import asked_page
from village.divisions import queries as divisions
from village.divisions.models import Village
from village.doors import queries
from village.doors.models import Door
from village.grids.models import Grid

bp = Blueprint("doors", __name__, template_folder="../templates")


@bp.get("/desk/doors")
@allow("see-doors")
def list_doors() -> ResponseReturnValue:
    """Officials see the doors of their area, found by address or by code."""
    scope = current_scope("see-doors")
    text, village = tidy(request.args.get("q"))[:60], tidy(request.args.get("village"))[:12]
    where = scope.condition(Door.village_code, grid=Grid.area)
    page = queries.doors_page(where, text, asked_page(), village)
    villages = divisions.villages(scope.condition(Village.code))
    may_import = bool(current_scope("import-doors"))
    return render_template(
        "village/doors/list.html",
        page=page,
        text=text,
        village=village,
        villages=villages,
        may_import=may_import,
    )
