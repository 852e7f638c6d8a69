"""The desk's pages about grids: which villages have them, what they look like, drawing them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commons.accounts.permissions import allow, current_scope
from commons.db import db, transaction
from commons.errors import Missing, Refusal
from commons.forms import FormRefused
from village.divisions import queries as divisions
from village.divisions.models import Village
from village.drawing import actions, queries
from village.drawing.forms import GridForm
from village.drawing.outline_rules import LARGEST_FILE
from village.drawing.queries import Canvas
from village.grids.models import Grid
from village.grids.queries import last_number

bp = Blueprint("drawing", __name__, url_prefix="/desk/grids")


@bp.get("")
@allow("draw-grids")
def list_villages() -> ResponseReturnValue:
    """Clerk, town and county see how far the villages of their area are divided; with one village, that village."""
    villages = divisions.villages(current_scope("draw-grids").condition(Village.code))
    if len(villages) == 1:
        return redirect(url_for("drawing.show_grids", code=villages[0].code))
    return render_template("village/drawing/villages.html", villages=queries.villages_to_draw(villages))


@bp.get("/<code>")
@allow("draw-grids")
def show_grids(code: str) -> ResponseReturnValue:
    """Clerk, town and county see the grids of one village on a map, with officers and numbers of doors."""
    village = find_village(code)
    return render_template("village/drawing/show.html", village=village, canvas=queries.canvas_of(code))


@bp.get("/<code>/draw")
@allow("draw-grids")
def ask_grid(code: str) -> ResponseReturnValue:
    """Clerk, town and county draw a new grid."""
    village, canvas = find_village(code), queries.canvas_of(code)
    return _draw_page(village, canvas, GridForm.about(canvas, None), None)


@bp.post("/<code>/draw")
@allow("draw-grids")
def draw_grid(code: str) -> ResponseReturnValue:
    """Clerk, town and county store a new grid; its doors are in it at once."""
    return _take_drawing(find_village(code), None)


@bp.get("/<code>/<int:number>")
@allow("draw-grids")
def show_grid(code: str, number: int) -> ResponseReturnValue:
    """Clerk, town and county see one grid and may draw it anew."""
    village, grid, canvas = find_village(code), find_grid(code, number), queries.canvas_of(code)
    return _draw_page(village, canvas, GridForm.about(canvas, grid), grid)


@bp.post("/<code>/<int:number>")
@allow("draw-grids")
def redraw_grid(code: str, number: int) -> ResponseReturnValue:
    """Clerk, town and county store another shape of a grid; doors come and go with it."""
    return _take_drawing(find_village(code), find_grid(code, number))


@bp.post("/<code>/<int:number>/remove")
@allow("draw-grids")
def remove_grid(code: str, number: int) -> ResponseReturnValue:
    """Clerk, town and county take a grid away; its doors are free."""
    find_village(code)
    with transaction():
        actions.remove_grid(code, number)
    flash(_("第 %(number)d 网格已撤掉，里面的门可以划给别的网格", number=number), "done")
    return redirect(url_for("drawing.show_grids", code=code), 303)


def find_village(code: str) -> Village:
    """Return an open village in the scope of whoever asks; anything else is the same 404."""
    village = db.session.get(Village, code) if current_scope("draw-grids").covers(code) else None
    if village is None:
        raise Missing()
    return village


def find_grid(code: str, number: int) -> Grid:
    """Return a standing grid of a village."""
    grid = queries.grid_of_number(code, number)
    if grid is None:
        raise Missing(_("没有这个网格，可能已经撤掉了"))
    return grid


def _take_drawing(village: Village, grid: Grid | None) -> ResponseReturnValue:
    code, number = village.code, grid.number if grid else 0
    canvas = queries.canvas_of(code)
    form = GridForm.about(canvas, grid)
    try:
        form.require()
        drawing = form.drawing(grid)
        with transaction():
            stored = (
                actions.redraw_grid(code, number, drawing) if number else actions.draw_grid(code, drawing)
            )
    except FormRefused:
        return _draw_page(village, canvas, form, grid), 400
    except Refusal as refusal:
        canvas = queries.canvas_of(code)  # what stands in the way is on the new map
        form.blame(refusal)
        form.seen.data = canvas.mark
        return _draw_page(village, canvas, form, grid), 400
    flash(_("已保存，里面的门已归到第 %(number)d 网格", number=stored.number), "done")
    return redirect(url_for("drawing.show_grids", code=code), 303)


def _draw_page(village: Village, canvas: Canvas, form: GridForm, grid: Grid | None) -> str:
    return render_template(
        "village/drawing/draw.html",
        village=village,
        canvas=canvas,
        form=form,
        grid=grid,
        group_owner={
            group: shape.id
            for shape in canvas.shapes
            for group in shape.groups
            if grid is None or shape.id != grid.id
        },
        cell_owner={
            cell: shape.id
            for shape in canvas.shapes
            for cell in shape.cells
            if grid is None or shape.id != grid.id
        },
        next_number=grid.number if grid else last_number(village.code) + 1,
        kilobytes=LARGEST_FILE // 1024,
    )
