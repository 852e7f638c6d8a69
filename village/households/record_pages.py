"""One member's record at the desk: opened for a reason, seen by the person, and what an official may change in it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons.accounts.models import Person
from commons.accounts.permissions import allow, current_scope
from commons.db import db, transaction
from commons.errors import Missing, Refusal
from commons.forms import FormRefused
from village.households import actions, queries
from village.households.faces import Eyes
from village.households.forms import EndForm, LookForm
from village.households.models import Household, Member
from village.households.rules import LEFT_WORDS, WAY_WORDS, LeftReason
from village.public import DoorRef

bp = Blueprint("member_records", __name__, url_prefix="/desk/households/members")


def _found(member_id: int) -> tuple[Member, Household, DoorRef, Eyes]:
    """Return a member of the official's scope whose record may be opened for a reason; anything else is not there."""
    found = queries.member_in(current_scope("keep-households"), member_id)
    if found is None:
        raise Missing()
    door = actions.require_door(found[1].door_id)
    eyes = Eyes.at(door)
    piece = "member_names" if found[0].left_at is None else "left_members"
    if not (eyes.ask(piece) or eyes.see(piece)):
        raise Missing()
    return *found, door, eyes


@bp.get("/<int:member_id>")
@allow("keep-households")
def ask_reason(member_id: int) -> str:
    """An official says why before a record opens."""
    _member, _household, door, _eyes = _found(member_id)
    return render_template("village/households/ask_reason.html", form=LookForm(), door=door)


@bp.post("/<int:member_id>")
@allow("keep-households")
def open_record(member_id: int) -> str | tuple[str, int]:
    """An official opens a member's record for a reason; every opening is written down, and the person can see it."""
    _member, household, door, eyes = _found(member_id)
    form = LookForm()
    try:
        form.require()
        with transaction():
            member = actions.open_member(member_id, form.reason.data, form.words.data or "")
    except FormRefused:
        return render_template("village/households/ask_reason.html", form=form, door=door), 400
    except Refusal as refusal:
        form.blame(refusal)
        return render_template("village/households/ask_reason.html", form=form, door=door), 400
    return render_template("village/households/record.html", **_record(member, household, door, eyes))


def _record(member: Member, household: Household, door: DoorRef, eyes: Eyes) -> dict[str, Any]:
    person = db.session.get(Person, member.person_id) if member.person_id else None
    phone = (person.phone if person is not None else member.written_phone) or ""
    may_ring = eyes.ask("member_phones") or eyes.see("member_phones")
    return {
        "member": member,
        "household": household,
        "door": door,
        "phone": phone if may_ring else "",
        "is_confirmed": person is not None and queries.is_confirmed(person),
        "has_account": person is not None and person.closed_at is None,
        "ways": WAY_WORDS,
        "left_words": LEFT_WORDS,
        "form": EndForm(formdata=None),
    }


def _back(member_id: int) -> Response:
    door = _found(member_id)[2]
    return redirect(url_for("desk_households.show_door", door_id=door.id), 303)


@bp.post("/<int:member_id>/end")
@allow("keep-households")
def end_membership(member_id: int) -> Response:
    """An official writes down that a member left, and why; their access ends with the next request."""
    form = EndForm()
    form.require()
    try:
        with transaction():
            actions.end_membership(member_id, LeftReason(form.reason.data))
        flash(_("已记下离开，经过都留着"), "done")
    except Refusal as refusal:
        flash(refusal.sentence, "error")
    return _back(member_id)


@bp.post("/<int:member_id>/away")
@allow("keep-households")
def set_away(member_id: int) -> Response:
    """An official writes down that a member works elsewhere, or is back."""
    with transaction():
        actions.set_away(member_id, request.form.get("away") == "1")
    flash(_("已记下"), "done")
    return _back(member_id)


@bp.post("/<int:member_id>/confirm-phone")
@allow("keep-households")
def confirm_phone(member_id: int) -> Response:
    """An official confirms face to face that a member's telephone is still theirs."""
    with transaction():
        actions.confirm_phone_face(member_id)
    flash(_("已确认手机号仍是本人在用"), "done")
    return _back(member_id)
