"""Households at the desk: the table in four states, one door with its households, the paper slips."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from commons import marks
from commons.accounts import require_person
from commons.accounts.permissions import allow, current_scope
from commons.accounts.queries import holders_of
from commons.db import transaction
from commons.desk import desk_link
from commons.desk_frame import DeskLink
from commons.errors import Missing, Refusal
from commons.forms import FormRefused, tidy
from commons.paging import asked_page
from commons.settings import current
from village.households import actions, joining, queries
from village.households.faces import Eyes
from village.households.forms import MemberForm, OccupancyForm
from village.households.models import Household
from village.households.rules import OCCUPANCY_WORDS, WAY_WORDS, Occupancy
from village.papers.household_slip import SlipFace, slip_pdf
from village.plates.rules import STATE_WORDS
from village.public import DoorRef, find_door, village_ref

bp = Blueprint("desk_households", __name__, url_prefix="/desk/households")


def way(_person: object) -> DeskLink | None:
    """The way to this part of the desk, with how many wait to be let in somewhere."""
    scope = current_scope("keep-households")
    if not scope:
        return None
    waiting = queries.waiting_count(scope)
    return desk_link("keep-households", _("住户"), "/desk/households", "users", waiting=waiting)


@bp.get("")
@allow("keep-households")
def list_households() -> str | AnyResponse:
    """An officer sees the own grid's households, a clerk the village's: a colour, a word and a pattern for each state."""
    scope, text = current_scope("keep-households"), tidy(request.args.get("q"))[:40]
    door = find_door(text) if text else None
    if door is not None and queries.is_door_in(scope, door.id):
        return redirect(url_for("desk_households.show_door", door_id=door.id), 303)
    return render_template(
        "village/households/desk_list.html",
        page=queries.household_table(scope, text, asked_page()),
        counts=queries.counts_in(scope),
        occupancies=OCCUPANCY_WORDS,
        text=text,
    )


@bp.get("/<int:door_id>")
@allow("keep-households")
def show_door(door_id: int) -> str:
    """An officer sees one door: its households without names; names open one by one, each for a reason."""
    door = actions.require_door(door_id)
    return _door_page(door, MemberForm(formdata=None), 0)


def _door_page(door: DoorRef, form: MemberForm, wrong_household: int) -> str:
    eyes = Eyes.at(door)
    homes = queries.households_at(door.id)
    officers = holders_of("officer", door.grid_area) if door.grid_area else []
    return render_template(
        "village/households/desk_door.html",
        door=door,
        eyes=eyes,
        homes=[_home(home, eyes) for home in homes] if eyes.see("household_count") else [],
        village=village_ref(door.village_code),
        facts=queries.door_facts(door.id),
        events=queries.plate_events(door.id) if eyes.see("plate_history") else [],
        officers=[each.name for each in officers if each.name],
        requests=queries.requests_at(door.id) if eyes.see("join_requests") else [],
        form=form,
        wrong_household=wrong_household,
        occupancy_form=OccupancyForm(formdata=None),
        occupancies=OCCUPANCY_WORDS,
        plate_words=STATE_WORDS,
        ways=WAY_WORDS,
    )


def _home(home: Household, eyes: Eyes) -> dict[str, Any]:
    may_list = eyes.see("member_count")
    return {
        "row": home,
        "members": queries.members_of(home.id) if may_list else [],
        "left": queries.left_members_of(home.id)
        if eyes.ask("left_members") or eyes.see("left_members")
        else [],
        "slips": queries.live_slips_of(home.id) if eyes.see("slips") else [],
        "changes": queries.changes_of(home.id) if eyes.see("occupancy_history") else [],
    }


def _back(door_id: int) -> AnyResponse:
    return redirect(url_for("desk_households.show_door", door_id=door_id), 303)


def _door_of(household_id: int) -> DoorRef:
    """Return the door of a household in the official's scope; anything else is not there."""
    found = queries.household(household_id)
    if found is None:
        raise Missing()
    return actions.require_door(found.door_id)


def _occupancy() -> Occupancy:
    form = OccupancyForm()
    form.require()
    return Occupancy(form.occupancy.data)


@bp.post("/<int:door_id>/open")
@allow("keep-households")
def open_household(door_id: int) -> AnyResponse:
    """An officer registers one more household behind a door."""
    occupancy = _occupancy()
    with transaction():
        actions.open_household(door_id, occupancy)
    flash(_("已登记一户"), "done")
    return _back(door_id)


@bp.post("/of/<int:household_id>/state")
@allow("keep-households")
def set_occupancy(household_id: int) -> AnyResponse:
    """An officer says how a household lives there; what it was before is kept."""
    occupancy, person_id = _occupancy(), require_person().id
    door = _door_of(household_id)
    with transaction():
        actions.set_occupancy(person_id, household_id, occupancy)
    flash(_("居住状态已改好"), "done")
    return _back(door.id)


@bp.post("/of/<int:household_id>/close")
@allow("keep-households")
def close_household(household_id: int) -> AnyResponse:
    """An officer closes a household in which nobody lives any more."""
    door = _door_of(household_id)
    try:
        with transaction():
            actions.close_household(household_id)
        flash(_("已撤户，经过都留着"), "done")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _back(door.id)


@bp.post("/of/<int:household_id>/members")
@allow("keep-households")
def enter_member(household_id: int) -> AnyResponse | tuple[str, int]:
    """An officer confirms somebody face to face."""
    door, form, person_id = _door_of(household_id), MemberForm(), require_person().id
    try:
        form.require()
        with transaction():
            joining.enter_member(person_id, household_id, form.name.data, form.phone.data or "")
    except FormRefused:
        return _door_page(door, form, household_id), 400
    except Refusal as refusal:
        form.blame(refusal if refusal.field else Refusal(refusal.sentence, field="name"))
        return _door_page(door, form, household_id), 400
    flash(_("已登记。填了手机号的，请本人 7 天内用这个号登录，在“我的资料”里核对姓名。"), "done")
    return _back(door.id)


@bp.post("/of/<int:household_id>/slip.pdf")
@allow("keep-households")
def issue_slip(household_id: int) -> Response:
    """An officer prints a slip to hand over; its code stands on this paper and nowhere else."""
    person_id = require_person().id
    with transaction():
        slip = joining.issue_slip(person_id, household_id)
    try:
        pdf = slip_pdf([_face(slip)], full_font=_font())
    except Refusal:
        with transaction():
            joining.withdraw_slip(slip.slip_id)
        raise
    answer = send_file(BytesIO(pdf), mimetype="application/pdf", download_name="slip.pdf")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _face(slip: joining.IssuedSlip) -> SlipFace:
    village = village_ref(slip.door.village_code)
    name = village.name if village else slip.door.village_name
    several = slip.household_number > 1 or len(queries.households_at(slip.door.id)) > 1
    return SlipFace(
        address=slip.door.address,
        code=slip.code,
        issued_at=slip.issued_at,
        expires_at=slip.expires_at,
        issued_by=f"{name}村民委员会".replace("村村民", "村民"),
        host_text=current().public_base_url.split("://", 1)[-1].rstrip("/"),
        duty_phone=village.duty_phone if village else "",
        household=f" 第 {slip.household_number} 户" if several else "",
        demo=marks.is_demonstration(),
    )


def _font() -> Path | None:
    return Path(current().plate_font_file) if current().plate_font_file else None


@bp.post("/slips/<int:slip_id>/withdraw")
@allow("keep-households")
def withdraw_slip(slip_id: int) -> AnyResponse:
    """An officer makes a lost slip worthless."""
    with transaction():
        door_id = joining.withdraw_slip(slip_id)
    flash(_("这张入户单已作废"), "done")
    return _back(door_id)


@bp.post("/requests/<int:request_id>")
@allow("keep-households")
def answer_request(request_id: int) -> AnyResponse:
    """An officer, to whom the person has come in the flesh, lets them into one of the door's households, or refuses."""
    person_id, answer = require_person().id, request.form.get("answer", "")
    door_id = actions.require_door(queries.door_of_request(request_id)).id
    try:
        with transaction():
            if answer == "refuse":
                joining.refuse_as_official(person_id, request_id)
            else:
                joining.agree_as_official(person_id, request_id, _id_in(answer))
        flash(_("已经处理"), "done")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _back(door_id)


def _id_in(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Missing()
    return int(text)
