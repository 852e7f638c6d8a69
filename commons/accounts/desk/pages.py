"""Officials sign in: name and password, then a second factor; at first, choosing that factor and a password of one's own."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons.accounts import browser, guard
from commons.accounts.desk import actions
from commons.accounts.desk.drawing import qr_path
from commons.accounts.desk.forms import EnrolAppForm, NewPasswordForm, PasswordForm, RecoveryForm, SecondForm
from commons.accounts.desk.rules import next_step
from commons.accounts.errors import SecondFactorNeeded, WrongCode, WrongPassword
from commons.accounts.models import Official, SignIn
from commons.accounts.pages import bp
from commons.accounts.permissions import allow
from commons.accounts.queries import current_sign_in
from commons.accounts.rules import masked_phone, own_path
from commons.db import db, transaction
from commons.errors import Refusal, TooMany
from commons.forms import FormRefused
from commons.security import open_text, seal_text
from commons.settings import current
from commons.throttle import clear, client_address, hit

PER_NAME = "10/15minute"
PER_ADDRESS = "200/15minute"
PER_SECOND = "10/15minute"
SECOND_SMS = "1/minute;20/day"
NEXT = "desk_next"
FRESH_SECRET = "totp"  # noqa: S105 - the name under which a secret not yet enrolled is kept, sealed


def official_let_in(name: str, password: str) -> int:
    """
    Return the official's number, or refuse in one sentence whatever was wrong.

    Raises:
        WrongPassword: no such name, a wrong password, or a desk that was shut.
        TooMany: by this name or from this address too many were wrong.
    """
    key = name.lower()
    hit("desk-address", client_address(), PER_ADDRESS)
    hit("desk-name", key, PER_NAME, _("密码错得太多，请过一刻钟再试，或请上级重置"))
    person_id = actions.official_with(key, password)
    if person_id is None:
        raise WrongPassword()
    clear("desk-name", key, PER_NAME)
    return person_id


def begin_second(person_id: int, password: str, following: str) -> Response:
    """Go on to whatever comes after the right password."""
    with transaction():
        token = actions.begin_second_step(person_id, password)
    browser.keep_half_way(token)
    session[NEXT] = following
    official = db.session.get(Official, person_id)
    if official is not None and official.second_factor == "sms":
        send_second_sms(person_id)
    return redirect(url_for(f"accounts.desk_{_step(half_way('second'))}"), 303)


def send_second_sms(person_id: int, *, quietly: bool = False) -> None:
    """Send the code, unless one went out just now; that one still works, which is said to whoever asked for another."""
    try:
        hit("desk-sms", str(person_id), SECOND_SMS)
    except TooMany as refusal:
        if not quietly:
            flash(_("验证码刚才已发过，%(seconds)d 秒后可以重发", seconds=refusal.retry_after), "done")
        return
    with transaction():
        actions.send_second_code(person_id)


def half_way(*kinds: str) -> SignIn:
    """Return the half-way sign-in of this browser, or lead back to the beginning."""
    row = browser.half_way(*kinds)
    if row is None or row.person_id is None:
        raise SecondFactorNeeded()
    return row


def _official(row: SignIn) -> Official:
    found = db.session.get(Official, row.person_id)
    if found is None or found.disabled_at is not None:
        raise SecondFactorNeeded()
    return found


def _step(row: SignIn) -> str:
    official = _official(row)
    return next_step(official.second_factor, official.must_change_password, is_proved=row.kind == "change")


def go_in(half_way_id: int, person_id: int) -> str:
    """Take the step after the second factor and return the address to go to."""
    official = db.session.get(Official, person_id)
    must_change = official is not None and official.must_change_password
    with transaction():
        token = actions.go_on(half_way_id, "change" if must_change else "official")
    if must_change:
        browser.keep_half_way(token)
        return url_for("accounts.desk_password")
    following = own_path(session.pop(NEXT, None), "/desk")
    browser.enter(token, is_shared=True)
    return following


@bp.route("/desk/sign-in", methods=["GET", "POST"])
@allow("sign-in")
def desk_sign_in() -> str | Response:
    """Officials give name and password; the answer does not tell which names exist."""
    form = PasswordForm(next=own_path(request.args.get("next"), "/desk"))
    here = current_sign_in()
    if request.method == "GET" and here is not None and here.kind == "official":
        return redirect(own_path(request.args.get("next"), "/desk"), 303)
    if request.method == "POST":
        try:
            form.require()
            person_id = official_let_in(form.sign_in_name.data, form.password.data)
            return begin_second(person_id, form.password.data, own_path(form.next.data, "/desk"))
        except FormRefused:
            pass
        except Refusal as refusal:
            form.blame(refusal)
    return render_template("commons/accounts/desk_sign_in.html", form=form)


@bp.route("/desk/sign-in/code", methods=["GET", "POST"])
@allow("sign-in")
def desk_code() -> str | Response:
    """An official whose password was right gives the second factor."""
    row = half_way("second")
    half_way_id, official, form = row.id, _official(row), SecondForm()
    person_id = official.person_id
    if request.method == "POST":
        try:
            form.require()
            hit("desk-second", str(person_id), PER_SECOND)
            with transaction():
                is_theirs = actions.prove_second(person_id, form.code.data)
            if not is_theirs:
                raise WrongCode()
            clear("desk-second", str(person_id), PER_SECOND)
            return redirect(go_in(half_way_id, person_id), 303)
        except FormRefused:
            pass
        except Refusal as refusal:
            form.blame(Refusal(refusal.sentence, field="code"))
    by_sms = official.second_factor == "sms"
    phone = masked_phone(official.person.phone or "") if by_sms else ""
    return render_template("commons/accounts/desk_code.html", form=form, by_sms=by_sms, phone=phone)


@bp.post("/desk/sign-in/again")
@allow("sign-in")
def desk_code_again() -> Response:
    """An official who waits for the second factor asks for another message."""
    row = half_way("second")
    send_second_sms(_official(row).person_id)
    return redirect(guard.page_before(url_for("accounts.desk_code")), 303)


@bp.route("/desk/sign-in/recovery", methods=["GET", "POST"])
@allow("sign-in")
def desk_recovery() -> str | Response:
    """An official without the second factor at hand gives one of the paper codes."""
    row = half_way("second")
    half_way_id, person_id, form = row.id, _official(row).person_id, RecoveryForm()
    if request.method == "POST":
        try:
            form.require()
            hit("desk-second", str(person_id), PER_SECOND)
            with transaction():
                is_theirs = actions.use_recovery_code(person_id, form.code.data)
            if not is_theirs:
                raise WrongCode()
            return redirect(go_in(half_way_id, person_id), 303)
        except FormRefused:
            pass
        except Refusal as refusal:
            form.blame(Refusal(refusal.sentence, field="code"))
    return render_template("commons/accounts/desk_recovery.html", form=form)


@bp.route("/desk/sign-in/enrol", methods=["GET", "POST"])
@allow("sign-in")
def desk_enrol() -> str | Response:
    """An official without a second factor sets one up, an app or messages; a message to the telephone shows that it is they."""
    row = half_way("second")
    if _step(row) != "enrol":
        return redirect(url_for("accounts.desk_code"), 303)
    official, by_sms = _official(row), request.args.get("by") == "sms"
    has_phone = official.person.phone is not None
    form = SecondForm() if by_sms else _app_form(has_phone=has_phone)
    if request.method == "POST":
        try:
            form.require()
            return _enrol(row, form)
        except FormRefused:
            pass
        except Refusal as refusal:
            form.blame(Refusal(refusal.sentence, field=refusal.field or "code"))
    elif has_phone:
        send_second_sms(official.person_id, quietly=True)
    secret = _fresh_secret()
    address = actions.totp_address(secret, official.sign_in_name, current().site_name)
    return render_template(
        "commons/accounts/desk_enrol.html", form=form, by_sms=by_sms, secret=secret, qr=qr_path(address),
        phone=masked_phone(official.person.phone or ""), has_phone=has_phone,
    )  # fmt: skip


def _app_form(*, has_phone: bool) -> EnrolAppForm:
    form = EnrolAppForm()
    if not has_phone:
        del form.sms
    return form


def _enrol(row: SignIn, form: SecondForm) -> str:
    half_way_id, person_id, secret = row.id, row.person_id or 0, _fresh_secret()
    hit("desk-second", str(person_id), PER_SECOND)
    with transaction():
        if isinstance(form, EnrolAppForm):
            sms = form.sms.data if "sms" in form else ""
            wrong = actions.enrol_totp(person_id, secret, form.code.data, sms)
        else:
            wrong = "" if actions.enrol_sms(person_id, form.code.data) else "code"
        codes = [] if wrong else actions.fresh_recovery_codes(person_id)
    if wrong:
        raise WrongCode(wrong)
    session.pop(FRESH_SECRET, None)
    return render_template(
        "commons/accounts/desk_recovery_codes.html", codes=codes, url=go_in(half_way_id, person_id)
    )


def _fresh_secret() -> str:
    """Return the secret that is being enrolled in this browser, the same until that is done."""
    sealed = session.get(FRESH_SECRET)
    if sealed:
        return open_text(urlsafe_b64decode(str(sealed)))
    secret = actions.new_totp_secret()
    session[FRESH_SECRET] = urlsafe_b64encode(seal_text(secret)).decode()
    return secret


@bp.route("/desk/sign-in/password", methods=["GET", "POST"])
@allow("sign-in")
def desk_password() -> str | Response:
    """An official replaces the temporary password by one of their own, and is in."""
    row = half_way("change")
    half_way_id, person_id, form = row.id, _official(row).person_id, NewPasswordForm()
    if request.method == "POST":
        try:
            form.require()
            with transaction():
                actions.set_password(person_id, form.new_password.data)
            return redirect(go_in(half_way_id, person_id), 303)
        except FormRefused:
            pass
        except Refusal as refusal:
            form.blame(refusal)
    return render_template("commons/accounts/desk_password.html", form=form)
