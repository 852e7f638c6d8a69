"""The desk's own account page, kept drafts, codes read out face to face, and who is appointed to what."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons import drafts, slots
from commons.accounts.actions import end_sign_ins, read_out_code
from commons.accounts.desk import actions as desk_actions
from commons.accounts.desk.forms import AppointForm, ChangePasswordForm, DisableForm, PinForm, ReadOutForm
from commons.accounts.desk.rules import may_appoint
from commons.accounts.errors import WrongPassword
from commons.accounts.guard import with_draft
from commons.accounts.models import Appointment, Official
from commons.accounts.office import actions
from commons.accounts.office.queries import appointment_within, holders
from commons.accounts.pages import bp
from commons.accounts.permissions import allow, current_scope
from commons.accounts.queries import appointments_of, current_sign_in, require_person
from commons.accounts.rules import ROLES, masked_phone
from commons.db import db, transaction
from commons.errors import Missing, Refusal
from commons.forms import FormRefused
from commons.throttle import clear, hit

READ_OUT_LIMIT = "10/hour;60/day"
OWN_PASSWORD = "5/10minute"  # noqa: S105 - a limit


def _check_password(person_id: int, password: str) -> None:
    hit("own-password", str(person_id), OWN_PASSWORD)
    official = db.session.get(Official, person_id)
    if official is None or desk_actions.official_with(official.sign_in_name, password) is None:
        raise WrongPassword(_("现在的密码不对"))
    clear("own-password", str(person_id), OWN_PASSWORD)


def _account_page(password: ChangePasswordForm, pin: PinForm) -> str:
    official = db.session.get(Official, require_person().id)
    kept = drafts.drafts_of(require_person().id)
    links = [(draft, with_draft(draft.page, draft.key)) for draft in kept]
    return render_template(
        "commons/accounts/desk_account.html", password=password, pin=pin, official=official, drafts=links
    )


@bp.get("/desk/account")
@allow("keep-own-desk")
def desk_account() -> str:
    """The official here sees the own account and what was kept unsent."""
    return _account_page(ChangePasswordForm(prefix="change"), PinForm(prefix="lock"))


@bp.post("/desk/account/password")
@allow("keep-own-desk")
def change_password() -> str | Response:
    """The official here takes another password; every other browser is signed out."""
    person_id, form, here = require_person().id, ChangePasswordForm(prefix="change"), current_sign_in()
    try:
        form.require()
        _check_password(person_id, form.password.data)
        with transaction():
            desk_actions.set_password(person_id, form.new_password.data)
            end_sign_ins(person_id, but=here.id if here else None)
    except FormRefused:
        return _account_page(form, PinForm(prefix="lock"))
    except Refusal as refusal:
        form.blame(refusal)
        return _account_page(form, PinForm(prefix="lock"))
    flash(_("密码已改好，其他地方的登录都已退出"), "done")
    return redirect(url_for("accounts.desk_account"), 303)


@bp.post("/desk/account/pin")
@allow("keep-own-desk")
def change_pin() -> str | Response:
    """The official here sets, changes or takes away the PIN that unlocks the desk."""
    person_id, form = require_person().id, PinForm(prefix="lock")
    try:
        form.require()
        _check_password(person_id, form.password.data)
        with transaction():
            desk_actions.set_pin(person_id, form.pin.data or "")
    except FormRefused:
        return _account_page(ChangePasswordForm(prefix="change"), form)
    except Refusal as refusal:
        form.blame(refusal)
        return _account_page(ChangePasswordForm(prefix="change"), form)
    flash(_("解锁码已改好") if form.pin.data else _("已不用解锁码，解锁时填密码"), "done")
    return redirect(url_for("accounts.desk_account"), 303)


@bp.post("/desk/account/recovery")
@allow("keep-own-desk")
def new_recovery_codes() -> str:
    """The official here gets ten new paper codes; the old ones stop working."""
    person_id = require_person().id
    hit("recovery-codes", str(person_id), "5/day")
    with transaction():
        codes = desk_actions.fresh_recovery_codes(person_id)
    url = url_for("accounts.desk_account")
    return render_template("commons/accounts/desk_recovery_codes.html", codes=codes, url=url)


@bp.post("/desk/drafts/<int:draft_id>/drop")
@allow("keep-own-desk")
def drop_draft(draft_id: int) -> Response:
    """The official here throws away what was kept unsent."""
    person_id = require_person().id
    with transaction():
        drafts.drop(draft_id, person_id)
    return redirect(url_for("accounts.desk_account"), 303)


@bp.route("/desk/read-out", methods=["GET", "POST"])
@allow("read-out-code")
def read_out() -> str:
    """An official makes a code for somebody who stands before the desk and cannot read messages; the phone is told, the audit keeps it."""
    official, form, code = require_person(), ReadOutForm(), ""
    if request.method == "POST":
        try:
            form.require()
            hit("read-out", str(official.id), READ_OUT_LIMIT, _("今天读出的验证码太多了，请稍后再试"))
            area = next(iter(current_scope("read-out-code").areas), "")
            with transaction():
                code = read_out_code(form.phone.data, official, area)
        except FormRefused:
            pass
        except Refusal as refusal:
            form.blame(Refusal(refusal.sentence, field="phone"))
    phone = masked_phone(form.phone.data) if code else ""
    return render_template("commons/accounts/desk_read_out.html", form=form, code=code, phone=phone)


def _officials_page(form: AppointForm, temporary: str = "") -> str:
    held = {each.role for each in appointments_of(require_person())}
    return render_template(
        "commons/accounts/desk_officials.html", form=form, temporary=temporary,
        holders=holders(current_scope("see-officials")), area_words=_area_words, may_appoint=bool(current_scope("appoint-officials")),
        appoints=[role for role in ROLES if may_appoint(held, role)],
    )  # fmt: skip


def _area_words(area: str) -> str:
    found = slots.pieces("area-words", area)
    return str(found[0]) if found else area


@bp.get("/desk/officials")
@allow("see-officials")
def show_officials() -> str:
    """An official sees who holds which office within the own scope."""
    return _officials_page(AppointForm())


@bp.post("/desk/officials")
@allow("appoint-officials")
def name_official() -> str | Response:
    """Whoever stands above names an official; the temporary password is shown once."""
    by, form = require_person(), AppointForm()
    try:
        form.require()
        naming = actions.Naming(
            phone=form.phone.data, name=form.name.data, sign_in_name=form.sign_in_name.data,
            organisation=form.organisation.data or "", role=form.role.data, area=form.area.data or "",
        )  # fmt: skip
        with transaction():
            temporary = actions.name_official(naming, by)
    except FormRefused:
        return _officials_page(form)
    except Refusal as refusal:
        form.blame(refusal)
        return _officials_page(form)
    if temporary:
        return _officials_page(AppointForm(formdata=None), temporary)
    flash(_("已任命；此人已有工作账号，用原来的登录名登录"), "done")
    return redirect(url_for("accounts.show_officials"), 303)


def _appointment(appointment_id: int) -> Appointment:
    found = appointment_within(current_scope("appoint-officials"), appointment_id)
    if found is None:
        raise Missing()
    return found


@bp.post("/desk/officials/<int:appointment_id>/end")
@allow("appoint-officials")
def end_appointment(appointment_id: int) -> Response:
    """Whoever stands above ends an appointment; its holder's next request is refused already."""
    by, appointment = require_person(), _appointment(appointment_id)
    with transaction():
        actions.end_naming(appointment, by)
    flash(_("已免去这项职务"), "done")
    return redirect(url_for("accounts.show_officials"), 303)


@bp.post("/desk/officials/<int:appointment_id>/reset")
@allow("appoint-officials")
def reset_official(appointment_id: int) -> str:
    """Whoever stands above gives a new temporary password to an official who lost everything."""
    by, appointment = require_person(), _appointment(appointment_id)
    with transaction():
        temporary = actions.reset_official(appointment, by)
    return _officials_page(AppointForm(formdata=None), temporary)


@bp.route("/desk/officials/<int:appointment_id>/disable", methods=["GET", "POST"])
@allow("appoint-officials")
def disable_official(appointment_id: int) -> str | Response:
    """Whoever stands above reads what follows, and shuts the account of an official who left, or whose account was stolen."""
    by, appointment, form = require_person(), _appointment(appointment_id), DisableForm()
    official = db.session.get(Official, appointment.person_id)
    if official is None or official.disabled_at is not None:
        return redirect(url_for("accounts.show_officials"), 303)
    if request.method == "POST":
        try:
            form.require()
            with transaction():
                actions.disable_official(appointment, by, form.reason.data)
            flash(_("账号已停用，登录已全部退出"), "done")
            return redirect(url_for("accounts.show_officials"), 303)
        except FormRefused:
            pass
        except Refusal as refusal:
            form.blame(refusal)
    duties = [(ROLES[held.role], _area_words(held.area)) for held in appointments_of(official.person_id)]
    return render_template(
        "commons/accounts/desk_disable.html",
        form=form,
        official=official,
        name=official.person.name,
        duties=duties,
    )


@bp.post("/desk/officials/<int:appointment_id>/enable")
@allow("appoint-officials")
def enable_official(appointment_id: int) -> str:
    """Whoever stands above opens the account again; the temporary password is shown once."""
    by, appointment = require_person(), _appointment(appointment_id)
    with transaction():
        temporary = actions.enable_official(appointment, by)
    return _officials_page(AppointForm(formdata=None), temporary)
