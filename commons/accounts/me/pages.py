"""我的资料: what the system holds about the person here, to see, correct, take along and close."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from commons import slots
from commons.accounts import actions, browser
from commons.accounts.errors import PhoneTaken
from commons.accounts.forms import CloseForm, CodeForm, NameForm, NewPhoneForm, WithdrawForm
from commons.accounts.pages import ask_for_code, bp, prove_phone
from commons.accounts.permissions import allow
from commons.accounts.queries import (
    appointments_of,
    consents_of,
    current_sign_in,
    everything_about,
    looks_at,
    require_person,
    standing_consent,
)
from commons.accounts.rules import ROLES, masked_phone
from commons.db import transaction
from commons.drafts import drafts_of
from commons.errors import Refusal, TooMany
from commons.forms import FormRefused

CONSENT_NAMES = {"service": _l("注册和登录")}


@bp.get("/me")
@allow("keep-own-account")
def show_me() -> str:
    """The person here sees what is held about them, who looked at it, and what can be done."""
    person = require_person()
    return render_template(
        "commons/accounts/me.html",
        person=person,
        phone=masked_phone(person.phone) if person.phone else "",
        roles=[ROLES[held.role] for held in appointments_of(person)],
        consents=consents_of(person.id),
        consent_names=CONSENT_NAMES,
        standing=standing_consent(person.id),
        looks=looks_at(person.id),
        drafts=drafts_of(person.id),
        pieces=slots.pieces("person-page", person),
    )


@bp.route("/me/name", methods=["GET", "POST"])
@allow("keep-own-account")
def correct_name() -> str | AnyResponse:
    """The person here corrects their name."""
    person = require_person()
    form = NameForm(name=person.name)
    if request.method == "POST":
        try:
            form.require()
            with transaction():
                actions.correct_name(person, form.name.data)
            flash(_("姓名已改好"), "done")
            return redirect(url_for("accounts.show_me"), 303)
        except FormRefused:
            pass
    return render_template("commons/accounts/name.html", form=form)


@bp.route("/me/phone", methods=["GET", "POST"])
@allow("keep-own-account")
def change_phone() -> str | AnyResponse:
    """The person here names a new telephone; a code goes there."""
    require_person()
    form = NewPhoneForm()
    if request.method == "POST":
        try:
            form.require()
            ask_for_code(form.phone.data, "new-phone")
            browser.remember_phone(form.phone.data, "/me", is_shared=False)
            return redirect(url_for("accounts.prove_new_phone"), 303)
        except FormRefused:
            pass
        except TooMany as refusal:
            form.blame(Refusal(refusal.sentence, field="phone"))
    return render_template("commons/accounts/new_phone.html", form=form)


@bp.route("/me/phone/code", methods=["GET", "POST"])
@allow("keep-own-account")
def prove_new_phone() -> str | AnyResponse:
    """The person here types the code that came to the new telephone."""
    person, waiting = require_person(), browser.waiting_phone()
    if waiting is None:
        return redirect(url_for("accounts.change_phone"), 303)
    form = CodeForm()
    if request.method == "POST":
        try:
            form.require()
            prove_phone(waiting.phone, form.code.data, "new-phone")
            _take_phone(person.id, waiting.phone)
            flash(_("手机号已换好，下次请用新号登录"), "done")
            return redirect(url_for("accounts.show_me"), 303)
        except FormRefused:
            pass
        except (TooMany, PhoneTaken, Refusal) as refusal:
            form.blame(Refusal(refusal.sentence, field="code"))
    return render_template(
        "commons/accounts/new_phone_code.html", form=form, phone=masked_phone(waiting.phone)
    )


def _take_phone(person_id: int, phone: str) -> None:
    here = current_sign_in()
    with transaction():
        actions.change_phone(person_id, phone)
        actions.end_sign_ins(person_id, but=here.id if here else None)
    browser.forget_phone()


@bp.get("/me/export.json")
@allow("leave")
def export_json() -> Response:
    """The person here takes along everything held about them, for programs."""
    return _download(_as_json(everything_about(require_person())), "application/json", "json")


@bp.get("/me/export.zip")
@allow("leave")
def export_zip() -> Response:
    """The person here takes along everything held about them, to read and for programs."""
    about = everything_about(require_person())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("我的资料.json", _as_json(about))
        archive.writestr("我的资料.txt", "\n".join(_as_lines(about)) + "\n")
    return _download(packed.getvalue(), "application/zip", "zip")


def _as_json(about: dict[str, Any]) -> bytes:
    return json.dumps(about, ensure_ascii=False, indent=2, default=str).encode()


def _as_lines(value: Any, depth: int = 0) -> list[str]:
    """Return nested plain values as lines that a person can read."""
    indent = "  " * depth
    if isinstance(value, dict):
        lines = []
        for name, inner in value.items():
            if isinstance(inner, dict | list):
                lines += [f"{indent}{name}：", *_as_lines(inner, depth + 1)]
            else:
                lines.append(f"{indent}{name}：{'无' if inner is None else inner}")
        return lines or [f"{indent}无"]
    if isinstance(value, list):
        return [line for inner in value for line in [*_as_lines(inner, depth), ""]] or [f"{indent}无"]
    return [f"{indent}{value}"]


def _download(content: bytes, media_type: str, suffix: str) -> Response:
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="my-data.{suffix}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/me/sign-ins/end")
@allow("keep-own-account")
def end_other_sign_ins() -> AnyResponse:
    """The person here signs every other browser out."""
    person, here = require_person(), current_sign_in()
    with transaction():
        actions.end_sign_ins(person.id, but=here.id if here else None)
    flash(_("其他手机和电脑上的登录都已退出"), "done")
    return redirect(url_for("accounts.show_me"), 303)


@bp.route("/me/consent", methods=["GET", "POST"])
@allow("keep-own-account")
def withdraw_consent() -> str | AnyResponse:
    """The person here reads what follows, and takes back the consent that the account rests on."""
    person, form = require_person(), WithdrawForm()
    if request.method == "POST":
        try:
            form.require()
            person_id = person.id
            with transaction():
                actions.withdraw_service_consent(person_id)
            browser.leave()
            flash(_("同意已撤回，登录都已退出；再登录时会先问您"), "done")
            return redirect("/", 303)
        except FormRefused:
            pass
    return render_template(
        "commons/accounts/withdraw.html",
        form=form,
        given=standing_consent(person.id),
        is_official=bool(appointments_of(person)),
    )


@bp.post("/me/close/code")
@allow("leave")
def send_closing_code() -> AnyResponse:
    """The person here asks for the code that closes the account."""
    person = require_person()
    try:
        if person.phone:
            ask_for_code(person.phone, "close")
            flash(_("验证码已发送"), "done")
    except TooMany as refusal:
        flash(refusal.sentence, "error")
    return redirect(url_for("accounts.close_account"), 303)


@bp.route("/me/close", methods=["GET", "POST"])
@allow("leave")
def close_account() -> str | AnyResponse:
    """The person here closes the account: what is personal is erased, every sign-in ends."""
    person = require_person()
    form, phone = CloseForm(), person.phone or ""
    if request.method == "POST":
        try:
            form.require()
            prove_phone(phone, form.code.data, "close")
            person_id = person.id
            with transaction():
                actions.close_account(person_id)
            browser.leave()
            flash(_("账号已注销，个人资料已清除"), "done")
            return redirect("/", 303)
        except FormRefused:
            pass
        except Refusal as refusal:
            form.blame(Refusal(refusal.sentence, field="code"))
    return render_template("commons/accounts/close.html", form=form, phone=masked_phone(phone))
