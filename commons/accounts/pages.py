"""Signing in by telephone and code, the first consent, and signing out."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from commons.accounts import actions, browser, guard
from commons.accounts.errors import WrongCode
from commons.accounts.forms import CodeForm, PhoneForm, TermsForm
from commons.accounts.permissions import allow
from commons.accounts.queries import (
    current_person,
    current_sign_in,
    forget_sign_in,
    has_agreed_now,
    person_of_phone,
)
from commons.accounts.rules import CONSENT_VERSION, LIFE, SERVICE_CONSENT, masked_phone, own_path
from commons.db import transaction
from commons.errors import Refusal, TooMany
from commons.forms import FormRefused
from commons.throttle import client_address, hit

bp = Blueprint("accounts", __name__, template_folder="../templates")
guard.stand_before_all(bp)

PER_PHONE = "1/minute;10/day"
PER_ADDRESS = "200/hour"
IN_ALL = "20000/day"
WRONG_PER_PHONE = "30/day"
# Where one is led who came from nowhere in particular.
OWN_PAGE = "/me"


@bp.record_once
def _settle_cookies(state: object) -> None:
    app: Flask = state.app  # type: ignore[attr-defined]
    app.permanent_session_lifetime = LIFE["person"]
    # Else every answer to somebody signed in, the door's page too, would carry a cookie.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False


def ask_for_code(phone: str, purpose: str = "sign-in") -> None:
    """Send a code unless this phone, this address or the whole place has had enough of them."""
    hit("sms-phone", phone, PER_PHONE, _("验证码发得太勤了：一分钟一条，一天最多十条"))
    hit("sms-address", client_address(), PER_ADDRESS)
    hit("sms-all", "all", IN_ALL, _("今天发出的验证码已到上限，请改日再试，或请工作人员当面给您验证码"))
    with transaction():
        actions.send_code(phone, purpose)


def prove_phone(phone: str, code: str, purpose: str = "sign-in") -> None:
    """Use *code* up, or raise ``WrongCode``; the tries of one phone are bounded per day, over all its codes."""
    with transaction():
        is_right = actions.redeem_code(phone, code, purpose)
    if not is_right:
        hit("wrong-code", phone, WRONG_PER_PHONE)
        raise WrongCode()


@bp.route("/sign-in", methods=["GET", "POST"])
@allow("sign-in")
def sign_in() -> str | Response:
    """Anyone gives a telephone; the answer is the same for known and unknown ones."""
    form = PhoneForm(next=own_path(request.args.get("next"), OWN_PAGE))
    if request.method == "GET" and current_person() is not None:
        return redirect(own_path(request.args.get("next"), OWN_PAGE), 303)
    if request.method == "POST":
        try:
            form.require()
            browser.remember_phone(
                form.phone.data, own_path(form.next.data, OWN_PAGE), is_shared=form.is_shared.data
            )
            # Somebody to whom an official read a code out must not be sent another, which would replace it.
            if "has_code" not in request.form:
                ask_for_code(form.phone.data)
            return redirect(url_for("accounts.enter_code"), 303)
        except TooMany as refusal:
            form.blame(Refusal(refusal.sentence, field="phone"))
        except FormRefused:
            pass
    return render_template("commons/accounts/sign_in.html", form=form)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@allow("sign-in")
def enter_code() -> str | Response:
    """Whoever gave a telephone types the code that came there, or that an official read out."""
    waiting = browser.waiting_phone()
    if waiting is None:
        return redirect(url_for("accounts.sign_in"), 303)
    form = CodeForm()
    if request.method == "POST":
        try:
            form.require()
            prove_phone(waiting.phone, form.code.data)
            return _go_in(waiting)
        except FormRefused:
            pass
        except Refusal as refusal:
            form.blame(Refusal(refusal.sentence, field="code"))
    return render_template("commons/accounts/code.html", form=form, phone=masked_phone(waiting.phone))


def _go_in(waiting: browser.WaitingPhone) -> Response:
    with transaction():
        kind, token = actions.begin_with_phone(waiting.phone, waiting.is_shared)
    if kind == "consent":
        browser.keep_half_way(token)
        return redirect(url_for("accounts.agree"), 303)
    browser.enter(token, is_shared=waiting.is_shared)
    return redirect(waiting.next, 303)


@bp.post("/sign-in/again")
@allow("sign-in")
def send_again() -> Response:
    """Whoever waits for a code asks for another one."""
    waiting = browser.waiting_phone()
    if waiting is None:
        return redirect(url_for("accounts.sign_in"), 303)
    try:
        ask_for_code(waiting.phone)
        flash(_("验证码已重新发送"), "done")
    except TooMany as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("accounts.enter_code"), 303)


@bp.route("/sign-in/agree", methods=["GET", "POST"])
@allow("sign-in")
def agree() -> str | Response:
    """Whoever proved a telephone, or is signed in and never agreed to the text of today, reads what it is used for, and agrees or not."""
    half_way, waiting = browser.half_way("consent"), browser.waiting_phone()
    if half_way is None or waiting is None:
        return _agree_signed_in()
    form = TermsForm()
    if request.method == "POST":
        try:
            form.require()
            half_way_id = half_way.id
            with transaction():
                token, is_shared = actions.accept_terms(half_way_id)
            browser.enter(token, is_shared=is_shared)
            return redirect(waiting.next, 303)
        except FormRefused:
            pass
    return _terms(form, "begun" if person_of_phone(waiting.phone) is None else "known")


def _agree_signed_in() -> str | Response:
    """An official whom nobody asked yet, or somebody signed in since before the text was changed, is asked before the first page of their own."""
    here = current_sign_in()
    if here is None or here.is_locked:
        return redirect(url_for("accounts.sign_in"), 303)
    form = TermsForm(next=own_path(request.args.get("next"), OWN_PAGE))
    if request.method == "POST":
        try:
            form.require()
            with transaction():
                actions.give_consent(here.person_id, SERVICE_CONSENT, CONSENT_VERSION)
            forget_sign_in()
        except FormRefused:
            pass
    if has_agreed_now(here.person_id):
        return redirect(own_path(form.next.data, OWN_PAGE), 303)
    return _terms(form, "desk" if here.is_official else "signed-in")


def _terms(form: TermsForm, who: str) -> str:
    return render_template("commons/accounts/agree.html", form=form, version=CONSENT_VERSION, who=who)


@bp.post("/sign-in/decline")
@allow("sign-in")
def decline() -> Response:
    """Whoever does not agree leaves no account behind, or no sign-in where there is one already, and goes on reading."""
    half_way, here = browser.half_way("consent"), current_sign_in()
    begun = half_way.id if half_way is not None else here.id if here is not None else None
    if begun is not None:
        with transaction():
            actions.end_sign_in(begun)
    browser.leave()
    flash(_("没有登录，公开的页面照样能看；要办事可以到村委会当面办"), "done")
    return redirect("/", 303)


@bp.post("/sign-in/leave")
@allow("sign-in")
def enter_to_leave() -> Response:
    """Whoever proved the telephone of an account and does not agree takes the own data along, or closes the account."""
    half_way = browser.half_way("consent")
    if half_way is None:
        return redirect(url_for("accounts.sign_in"), 303)
    half_way_id = half_way.id
    with transaction():
        token = actions.enter_to_leave(half_way_id)
    browser.enter(token, is_shared=True)
    return redirect(url_for("accounts.close_account"), 303)


@bp.post("/sign-out")
@allow("sign-in")
def sign_out() -> Response:
    """Whoever is signed in, locked or not, ends that here; the cookie opens nothing afterwards."""
    here = current_sign_in()
    if here is not None:
        with transaction():
            actions.end_sign_in(here.id)
    browser.leave()
    flash(_("已退出"), "done")
    return redirect("/desk/sign-in" if here is not None and here.kind == "official" else "/", 303)
