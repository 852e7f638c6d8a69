"""Artisans as anyone finds them."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask_babel import gettext as _

from commons.accounts import require_person
from commons.accounts.permissions import allow
from commons.db import transaction
from commons.errors import Missing
from geocode import cells
from marketplace.artisans import actions
from marketplace.artisans.queries import artisans_near
from marketplace.artisans.rules import TRADE_OF, TRADES
from marketplace.artisans.section import artisan_row
from village.public import any_cell_of, find_door, village_ref

bp = Blueprint("artisans", __name__)


def asked_place() -> tuple[str, int]:
    """Return the village and the cell from which distances are reckoned: of a door, of a cell, or of the village as a whole."""
    door = find_door(request.args.get("door", ""))
    if door is not None:
        return door.village_code, door.h3_near
    village = village_ref(request.args.get("village", ""))
    if village is None:
        raise Missing(_("请先扫一块门牌，再找附近的手艺人"))
    near = request.args.get("near", "")
    if cells.is_valid_cell(near) and cells.get_resolution(near) == 8:
        return village.code, int(near, 16)
    cell = any_cell_of(village.code)
    if not cell:
        raise Missing(_("这个村还没有挂门牌"))
    return village.code, cell


@bp.get("/artisans")
@allow("see-public-pages")
def list_artisans() -> str:
    """Anyone finds an artisan of a trade, the nearest first."""
    village_code, cell = asked_place()
    trade = request.args.get("trade", "")
    trade = trade if trade in TRADE_OF else ""
    found = artisans_near(cell, village_code[:6], trade=trade)
    return render_template(
        "marketplace/artisans/list.html",
        rows=[artisan_row(artisan) for artisan in found.rows],
        guides=[artisan.price_guide for artisan in found.rows],
        total=found.total,
        trades=[each for each in TRADES if each.key in found.trades],
        trade=trade,
        place={"village": village_code, "near": f"{cell:x}"},
        village=village_ref(village_code),
    )


@bp.post("/artisans/<int:artisan_id>/withdraw")
@allow("withdraw-own-entry")
def withdraw_own(artisan_id: int) -> Response:
    """A person takes the own entry back; it is gone from every page at the next request."""
    phone_hash = require_person().phone_hash
    with transaction():
        actions.withdraw_own(artisan_id, phone_hash)
    flash(_("已撤回，各处都不再显示。"))
    return redirect("/me", code=303)  # type: ignore[return-value]
