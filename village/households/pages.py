"""自家的事: my households, the ways to join one, and what a door shows to the person signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons import slots
from commons.accounts import require_person
from commons.accounts.models import Person
from commons.accounts.pages import ask_for_code, prove_phone
from commons.accounts.permissions import allow
from commons.accounts.queries import holders_of, looks_at
from commons.accounts.rules import masked_phone
from commons.db import transaction
from commons.errors import Missing, Refusal, TooMany
from commons.forms import Form, FormRefused
from commons.throttle import client_address, hit
from geocode.door_codes import format_code
from village.households import actions, joining, queries
from village.households.export import looks_at_members
from village.households.faces import Eyes
from village.households.forms import AskForm, ClaimForm, ConfirmForm, LeaveForm, SlipForm
from village.households.models import JoinRequest, Member, Slip
from village.households.rules import (
    ASKING,
    CLAIM_TRIES,
    OCCUPANCY_WORDS,
    SLIP_TRIES,
    SLIP_TRIES_PER_ADDRESS,
    UNKNOWN_DOORS,
    WAY_WORDS,
    LeftReason,
)
from village.public import DoorRef, door_of, find_door, village_ref

bp = Blueprint("households", __name__, url_prefix="/me")


@dataclass(frozen=True, slots=True)
class OwnHousehold:
    """A household of the person here, as the file of who sees what lets them see it."""

    here: queries.Belonging
    door: DoorRef
    eyes: Eyes
    members: list[Member]
    slips: list[Slip]
    requests: list[JoinRequest]


def _own(here: queries.Belonging) -> OwnHousehold | None:
    door = door_of(here.door_id)
    if door is None:
        return None
    eyes = Eyes.at(door)
    return OwnHousehold(
        here,
        door,
        eyes,
        queries.members_of(here.household_id) if eyes.see("member_count") else [],
        queries.live_slips_of(here.household_id) if eyes.see("slips") else [],
        queries.requests_at(door.id) if eyes.see("join_requests") else [],
    )


@bp.get("/household")
@allow("see-own-household")
def show_household() -> str | Response:
    """The person here sees the own households: who belongs, who waits, which slips are about, and how to leave."""
    person = require_person()
    belongings = queries.belongings_of(person.id)
    if belongings and not queries.is_confirmed(person):
        return redirect(url_for("households.confirm_phone"), 303)
    return render_template(
        "village/households/mine.html",
        person=person,
        households=[own for own in map(_own, belongings) if own is not None],
        waiting=queries.requests_by(person.id),
        claims=queries.claimable_by(person.phone_hash),
        claim_form=ClaimForm(),
        ways=WAY_WORDS,
        occupancies=OCCUPANCY_WORDS,
    )


@bp.route("/join", methods=["GET", "POST"])
@allow("see-own-household")
def join() -> str | Response | tuple[str, int]:
    """The person here types a paper slip, and is in the household it was made for."""
    person = require_person()
    form = SlipForm(name=person.name)
    if request.method == "GET":
        return _join_page(
            form, AskForm(prefix="ask", door=request.args.get("door", "")[:20], name=person.name)
        )
    try:
        form.require()
        _redeem(person.id, form.code.data, form.name.data)
    except FormRefused:
        return _join_page(form, _ask_form()), 400
    except Refusal as refusal:
        form.blame(refusal if refusal.field else Refusal(refusal.sentence, field="code"))
        return _join_page(form, _ask_form()), 429 if isinstance(refusal, TooMany) else 400
    flash(_("已经加入这一户"), "done")
    return redirect(url_for("households.show_household"), 303)


def _redeem(person_id: int, code: str, name: str) -> None:
    hit("household-slip", str(person_id), SLIP_TRIES)
    hit("household-slip-address", client_address(), SLIP_TRIES_PER_ADDRESS)
    with transaction():
        joining.redeem_slip(person_id, code, name)


@bp.post("/join/ask")
@allow("see-own-household")
def ask() -> Response | tuple[str, int]:
    """The person here asks to be let in at a door; nothing opens before somebody there, or the officer, agrees."""
    person = require_person()
    form = AskForm(prefix="ask")
    try:
        form.require()
        hit("household-ask", str(person.id), ASKING)
        door = find_door(form.door.data)
        if door is None:
            raise Refusal(_("没有这块门牌，请对着门牌再看一遍"), field="door", code="unknown_door")
        with transaction():
            joining.ask_to_join(person.id, door, form.name.data)
    except FormRefused:
        return _join_page(_slip_form(), form), 400
    except Refusal as refusal:
        form.blame(refusal if refusal.field else Refusal(refusal.sentence, field="door"))
        return _join_page(_slip_form(), form), 429 if isinstance(refusal, TooMany) else 400
    flash(_("申请已送出。要等这一户的家里人同意，或网格员当面确认。"), "done")
    return redirect(url_for("households.show_household"), 303)


def _slip_form() -> SlipForm:
    return SlipForm(formdata=None, name=require_person().name)


def _ask_form() -> AskForm:
    return AskForm(formdata=None, prefix="ask", name=require_person().name)


def _join_page(slip: Form, asking: Form) -> str:
    return render_template("village/households/join.html", form=slip, ask_form=asking)


@bp.post("/household/claim")
@allow("see-own-household")
def claim() -> Response:
    """The person here says to be the one an officer wrote down face to face with this telephone, by the same name."""
    person_id = require_person().id
    form = ClaimForm()
    try:
        form.require()
        hit("household-claim", str(person_id), CLAIM_TRIES)
        with transaction():
            joining.claim(person_id, form.name.data)
        flash(_("已经加入这一户"), "done")
    except FormRefused:
        flash(_("请填姓名"), "error")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("households.show_household"), 303)


@bp.post("/household/requests/<int:request_id>")
@allow("see-own-household")
def answer_request(request_id: int) -> Response:
    """A present member agrees that somebody joins the own household, or refuses."""
    person_id, household_id = require_person().id, _number("household")
    with transaction():
        if request.form.get("answer") == "agree":
            joining.agree_as_member(person_id, request_id, household_id)
        else:
            joining.refuse_as_member(person_id, request_id, household_id)
    flash(_("已经处理"), "done")
    return redirect(url_for("households.show_household"), 303)


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Missing()
    return int(text)


@bp.post("/household/asked/<int:request_id>/withdraw")
@allow("see-own-household")
def withdraw_request(request_id: int) -> Response:
    """The person here takes a request back."""
    person_id = require_person().id
    with transaction():
        joining.withdraw_request(person_id, request_id)
    flash(_("申请已撤回"), "done")
    return redirect(url_for("households.show_household"), 303)


@bp.post("/household/members/<int:member_id>/away")
@allow("see-own-household")
def set_away(member_id: int) -> Response:
    """The person here works elsewhere, or is back; they count either way."""
    person_id = require_person().id
    with transaction():
        actions.set_away(member_id, request.form.get("away") == "1", own_id=person_id)
    flash(_("已记下"), "done")
    return redirect(url_for("households.show_household"), 303)


@bp.route("/household/members/<int:member_id>/leave", methods=["GET", "POST"])
@allow("see-own-household")
def leave(member_id: int) -> str | Response | tuple[str, int]:
    """The person here leaves a household; from the next request on nothing of it opens."""
    person_id = require_person().id
    own = [each for each in queries.belongings_of(person_id) if each.member_id == member_id]
    if not own:
        raise Missing()
    form = LeaveForm()
    if request.method == "POST":
        try:
            form.require()
            with transaction():
                actions.leave_own(person_id, member_id, LeftReason(form.reason.data))
            flash(_("您已离开这一户"), "done")
            return redirect(url_for("accounts.show_me"), 303)
        except FormRefused:
            return _leave_page(form, own[0]), 400
    return _leave_page(form, own[0])


def _leave_page(form: LeaveForm, here: queries.Belonging) -> str:
    return render_template("village/households/leave.html", form=form, door=door_of(here.door_id))


@bp.route("/household/confirm", methods=["GET", "POST"])
@allow("see-own-household")
def confirm_phone() -> str | Response | tuple[str, int]:
    """The person here confirms a telephone that was not used for 90 days, before it opens household data."""
    person = require_person()
    form, phone = ConfirmForm(), person.phone or ""
    if request.method == "POST":
        try:
            form.require()
            prove_phone(phone, form.code.data, "household")
            person_id = person.id
            with transaction():
                actions.confirm_phone_by_code(person_id)
            return redirect(url_for("households.show_household"), 303)
        except FormRefused:
            return _confirm_page(form, phone), 400
        except Refusal as refusal:
            form.blame(Refusal(refusal.sentence, field="code"))
            return _confirm_page(form, phone), 400
    return _confirm_page(form, phone)


def _confirm_page(form: ConfirmForm, phone: str) -> str:
    shown = masked_phone(phone) if phone else ""
    return render_template("village/households/confirm.html", form=form, phone=shown)


@bp.post("/household/confirm/code")
@allow("see-own-household")
def send_confirming_code() -> Response:
    """The person here asks for the code that confirms the telephone."""
    phone = require_person().phone
    try:
        if phone:
            ask_for_code(phone, "household")
            flash(_("验证码已发送"), "done")
    except TooMany as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("households.confirm_phone"), 303)


@bp.get("/door/<code>")
@allow("see-own-household")
def show_door(code: str) -> str:
    """The person here sees a door as the file of who sees what lets them; knowing its code opens nothing more."""
    person = require_person()
    door = find_door(code)
    if door is None:
        hit("household-unknown-door", str(person.id), UNKNOWN_DOORS)
        raise Missing(_("没有这块门牌，请对着门牌再看一遍"))
    eyes = Eyes.at(door)
    return render_template("village/households/door.html", **_door_values(person, door, eyes))


def _door_values(person: Person, door: DoorRef, eyes: Eyes) -> dict[str, Any]:
    here = [each for each in queries.belongings_of(person.id) if each.door_id == door.id]
    shown = [own for own in map(_own, here) if own is not None]
    own_matters = [
        piece for each in here if eyes.see("own_matters") for piece in slots.pieces("household-page", each)
    ]
    looks = [*looks_at(person.id), *looks_at_members(person.id)] if eyes.see("own_looks") else []
    officers = (
        [each.name for each in holders_of("officer", door.grid_area) if each.name] if door.grid_area else []
    )
    return {
        "door": door,
        "code_text": format_code(door.code),
        "village": village_ref(door.village_code),
        "eyes": eyes,
        "households": shown,
        "facts": queries.door_facts(door.id),
        "events": queries.plate_events(door.id) if eyes.see("plate_history") else [],
        "officers": officers if eyes.see("officer_names") else [],
        "matters": own_matters,
        "looks": looks,
        "occupancies": OCCUPANCY_WORDS,
    }
