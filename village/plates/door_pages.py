"""The desk's pages about doors and the plates on them: the list, one door, the check on the spot."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from commons.accounts.permissions import allow, current_scope
from commons.db import db, transaction
from commons.errors import Missing, Refusal
from commons.forms import FormRefused, tidy
from commons.paging import asked_page
from geocode.datums import map_links
from village.divisions import queries as divisions
from village.divisions.models import Village
from village.doors import queries as doors
from village.doors.models import Door
from village.grids.models import Grid
from village.plates import life, queries
from village.plates.forms import ReissueForm, StateForm
from village.plates.models import Plate
from village.plates.rules import NEXT, STATE_WORDS, PlateState

bp = Blueprint("plates", __name__, template_folder="../templates")


@dataclass(frozen=True, slots=True)
class SeenDoor:
    """A door with what its page shows beside it."""

    door: Door
    village: Village
    grid: Grid | None

    @property
    def area(self) -> str:
        """The area a scope must reach: the grid's where there is one, else the village's."""
        return self.grid.area if self.grid is not None else self.village.code


@bp.get("/desk/doors")
@allow("see-doors")
def list_doors() -> ResponseReturnValue:
    """Officials see the doors of their area, found by address or by code."""
    scope = current_scope("see-doors")
    text, village = tidy(request.args.get("q"))[:60], tidy(request.args.get("village"))[:12]
    plate = queries.plate_of_code(text) if text else None
    if plate is not None and _in_scope(plate.door_id, "see-doors") is not None:
        return redirect(url_for("plates.show_door", door_id=plate.door_id), 303)
    where = scope.condition(Door.village_code, grid=Grid.area)
    page = doors.doors_page(where, text, asked_page(), village)
    return render_template(
        "village/plates/doors.html",
        page=page,
        text=text,
        village=village,
        villages=divisions.villages(scope.condition(Village.code)),
        plate_words=queries.state_words(line.id for line in page.items),
        may_import=bool(current_scope("import-doors")),
    )


@bp.get("/desk/doors/<int:door_id>")
@allow("see-doors")
def show_door(door_id: int) -> ResponseReturnValue:
    """Officials see one door of their area: its codes, its place, its plates and what became of them."""
    seen = _in_scope(door_id, "see-doors")
    if seen is None:
        raise Missing()
    plates = queries.plates_of(door_id)
    door = seen.door
    return render_template(
        "village/plates/door.html",
        seen=seen,
        door=door,
        plates=plates,
        life=queries.life_of([plate.id for plate in plates]) if plates else [],
        links=map_links(door.lat, door.lng, door.address),
        may_tend=current_scope("tend-plates").covers(seen.area),
        may_print=current_scope("print-plates").covers(door.village_code),
        reissue=ReissueForm(),
        words=STATE_WORDS,
    )


@bp.get("/desk/plates/check")
@allow("tend-plates")
def check_plate() -> ResponseReturnValue:
    """Whoever stands before a plate types or scans its code and sees which door it belongs to."""
    text = tidy(request.args.get("code"))[:120]
    plate = queries.plate_of_code(text) if text else None
    if plate is not None and _in_scope(plate.door_id, "tend-plates") is not None:
        return redirect(url_for("plates.show_plate", plate_id=plate.id), 303)
    return render_template("village/plates/check.html", text=text)


@bp.get("/desk/plates/<int:plate_id>")
@allow("tend-plates")
def show_plate(plate_id: int) -> ResponseReturnValue:
    """The officer on the spot sees one plate and says how it is."""
    plate, seen = _plate(plate_id)
    return _plate_page(plate, seen, _state_form(plate))


@bp.post("/desk/plates/<int:plate_id>")
@allow("tend-plates")
def note_plate(plate_id: int) -> ResponseReturnValue:
    """The officer on the spot writes down how a plate is; revoking it is the clerk's."""
    plate, seen = _plate(plate_id)
    form = _state_form(plate)
    try:
        form.require()
        with transaction():
            life.note_state(plate_id, PlateState(form.state.data), form.words.data or "")
    except FormRefused:
        return _plate_page(plate, seen, form), 400
    except Refusal as refusal:
        form.blame(refusal)
        return _plate_page(plate, seen, form), 409
    flash(_("已记下"), "done")
    return redirect(url_for("plates.show_door", door_id=seen.door.id), 303)


def _plate_page(plate: Plate, seen: SeenDoor, form: StateForm) -> str:
    return render_template("village/plates/plate.html", plate=plate, seen=seen, form=form, words=STATE_WORDS)


def _state_form(plate: Plate) -> StateForm:
    form = StateForm()
    now = PlateState(plate.state)
    may_revoke = current_scope("print-plates").covers(plate.village_code)
    form.limit_to(now, may_revoke, NEXT[now])
    return form


def _plate(plate_id: int) -> tuple[Plate, SeenDoor]:
    plate = db.session.get(Plate, plate_id)
    seen = None if plate is None else _in_scope(plate.door_id, "tend-plates")
    if plate is None or seen is None:
        raise Missing()
    return plate, seen


def _in_scope(door_id: int, action: str) -> SeenDoor | None:
    """The door if the scope of whoever asks reaches it; None looks the same as no such door."""
    door = db.session.get(Door, door_id)
    if door is None:
        return None
    grid = None if door.grid_id is None else db.session.get(Grid, door.grid_id)
    seen = SeenDoor(door, db.session.get_one(Village, door.village_code), grid)
    return seen if current_scope(action).covers(seen.area) else None
