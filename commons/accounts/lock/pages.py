"""A desk locks after ten idle minutes or by its button; password or PIN opens it, and another official may take over at once."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from commons import drafts
from commons.accounts import browser, guard
from commons.accounts.actions import end_sign_in
from commons.accounts.desk import actions
from commons.accounts.desk.forms import ChangePersonForm, UnlockForm
from commons.accounts.desk.pages import PER_SECOND, begin_second, go_in, official_let_in
from commons.accounts.errors import WrongPassword
from commons.accounts.models import Official, Person
from commons.accounts.pages import bp
from commons.accounts.permissions import allow
from commons.accounts.queries import current_sign_in, forget_sign_in
from commons.accounts.rules import SignedIn, new_token, own_path
from commons.db import db, transaction
from commons.errors import Refusal, TooMany
from commons.forms import FormRefused
from commons.throttle import clear, hit

PER_LOCK = "5/10minute"
KEPT = "kept."


@bp.post("/desk/lock")
@allow("sign-in")
def lock_desk() -> Response:
    """Whoever is at the desk locks it; what stood unsent in the page's form comes along and is kept."""
    here = current_sign_in()
    if here is None or here.kind != "official":
        return redirect(url_for("accounts.desk_sign_in"), 303)
    page = guard.page_before("/desk")
    kept = [
        (name.removeprefix(KEPT), value) for name, value in request.form.items(True) if name.startswith(KEPT)
    ]
    pairs = drafts.worth_keeping(MultiDict(kept))
    with transaction():
        actions.lock_sign_in(here.id)
        if pairs:
            key = new_token()
            form = own_path(request.form.get("kept_form"), page)
            drafts.keep(pairs, key=key, person_id=here.person_id, form=form, page=page)
            page = guard.with_draft(page, key)
    return redirect(url_for("accounts.unlock_desk", next=page), 303)


def _locked_here() -> SignedIn | None:
    here = current_sign_in()
    return here if here is not None and here.kind == "official" and here.is_locked else None


@bp.route("/desk/locked", methods=["GET", "POST"])
@allow("sign-in")
def unlock_desk() -> str | Response:
    """Whoever locked the desk opens it with password or PIN and is back where they were."""
    here, following = _locked_here(), own_path(request.args.get("next"), "/desk")
    if here is None:
        return redirect(
            following if current_sign_in() else url_for("accounts.desk_sign_in", next=following), 303
        )
    form = UnlockForm(next=following)
    if request.method == "POST":
        try:
            form.require()
            return _unlock(here, form.password.data, own_path(form.next.data, "/desk"))
        except FormRefused:
            pass
        except TooMany:
            return _give_up(here, own_path(form.next.data, "/desk"))
        except Refusal as refusal:
            form.blame(refusal)
    return _lock_page(here, form, ChangePersonForm(next="/desk", prefix="other"))


def _unlock(here: SignedIn, secret: str, following: str) -> Response:
    hit("desk-unlock", str(here.id), PER_LOCK)
    if not actions.opens_lock(here.person_id, secret):
        raise WrongPassword(_("密码或解锁码不对"))
    clear("desk-unlock", str(here.id), PER_LOCK)
    with transaction():
        actions.unlock_sign_in(here.id)
    forget_sign_in()
    return redirect(following, 303)


def _give_up(here: SignedIn, following: str) -> Response:
    """After five wrong tries the desk is signed out altogether: a PIN is too short for more."""
    with transaction():
        end_sign_in(here.id)
    browser.leave()
    flash(_("错了五次，请用登录名和密码重新登录；没交的内容还替您留着"), "error")
    return redirect(url_for("accounts.desk_sign_in", next=following), 303)


def _lock_page(here: SignedIn, form: UnlockForm, other: ChangePersonForm) -> str:
    person, official = db.session.get(Person, here.person_id), db.session.get(Official, here.person_id)
    return render_template(
        "commons/accounts/desk_locked.html", form=form, other=other,
        name=person.name if person else "", has_pin=official is not None and official.pin_hash is not None,
    )  # fmt: skip


@bp.post("/desk/locked/change")
@allow("sign-in")
def change_person() -> str | Response:
    """Another official takes over a desk in one step; what the one before had not sent waits for them."""
    form, here = ChangePersonForm(prefix="other"), current_sign_in()
    try:
        form.require()
        person_id = official_let_in(form.sign_in_name.data, form.password.data)
        following = own_path(form.next.data, "/desk")
        answer = begin_second(person_id, form.password.data, following)
        return _at_once(person_id, form.code.data) or answer
    except FormRefused:
        pass
    except Refusal as refusal:
        form.blame(refusal)
    if here is None:
        return redirect(url_for("accounts.desk_sign_in"), 303)
    return _lock_page(here, UnlockForm(next="/desk"), form)


def _at_once(person_id: int, code: str | None) -> Response | None:
    """Take the second step too if its code was given along and is right; else that step has its own page."""
    row = browser.half_way("second")
    if not code or row is None:
        return None
    half_way_id = row.id
    hit("desk-second", str(person_id), PER_SECOND)
    with transaction():
        is_theirs = actions.prove_second(person_id, code)
    return redirect(go_in(half_way_id, person_id), 303) if is_theirs else None
