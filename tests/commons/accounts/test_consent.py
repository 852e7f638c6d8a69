"""The consent that an account rests on: asked before a person's pages whoever it is, taken back on a page, asked again."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from commons import drafts
from commons.accounts import queries
from commons.accounts.models import Consent, Person, SignIn
from commons.accounts.queries import has_consented, person_of_phone
from commons.accounts.rules import CONSENT_VERSION
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.drafts import Draft
from tests.commons.accounts.browsing import last_code, sign_in_by_phone, submit
from tests.make.people import make_official, make_person, sign_in

PHONE = "10000000101"
OWN_PAGES = ("/me", "/me/name", "/me/phone", "/me/consent", "/me/household", "/orders", "/sell")


@pytest.fixture
def me(app: Flask, client: FlaskClient, clock: FrozenClock) -> Person:
    with transaction():
        person = make_person(phone=PHONE, name="王秀兰")
        sign_in(client, person)
    return person


def official_never_asked(client: FlaskClient) -> Person:
    with transaction():
        official = make_official()
        db.session.execute(delete(Consent))
        sign_in(client, official)
    return official


def withdraw(client: FlaskClient) -> None:
    assert submit(client, "/me/consent", {"is_sure": "y"}).location == "/"


def test_the_own_page_says_what_was_agreed_to_and_when_and_leads_to_taking_it_back(
    client: FlaskClient, me: Person
) -> None:
    page = client.get("/me").get_data(as_text=True)
    assert f"版本 {CONSENT_VERSION}" in page and "2026-11-22" in page and 'href="/me/consent"' in page
    what_follows = client.get("/me/consent").get_data(as_text=True)
    assert all(word in what_follows for word in ("马上停下", "照旧", "还留着", "注销账号", CONSENT_VERSION))


def test_taking_the_consent_back_needs_a_tick_and_shuts_every_browser_until_one_agrees_again(
    app: Flask, client: FlaskClient, me: Person
) -> None:
    elsewhere = app.test_client()
    with transaction():
        sign_in(elsewhere, me)
        drafts.keep([("words", "写了一半")], key="k" * 43, person_id=me.id, form="/report", page="/report")
    assert submit(client, "/me/consent", {}).status_code == 400 and has_consented(me.id)

    withdraw(client)

    assert not has_consented(me.id)
    assert all(row.ended_at for row in db.session.scalars(select(SignIn)))
    assert db.session.scalars(select(Draft)).all() == []
    assert client.get("/me").status_code == elsewhere.get("/me").status_code == 303
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "consent.withdrawn")).one()
    assert (line.person_id, line.subject) == (me.id, f"person:{me.id}")

    assert sign_in_by_phone(client, PHONE, next="/orders").location == "/sign-in/agree"
    assert client.get("/orders").status_code == 303
    assert submit(client, "/sign-in/agree", {"agree": "y"}).location == "/orders"
    again = person_of_phone(PHONE)
    assert again is not None and again.id == me.id and client.get("/me").status_code == 200
    assert "已撤回" in client.get("/me").get_data(as_text=True)


def test_whoever_took_the_consent_back_takes_the_data_along_and_closes_the_account_without_agreeing(
    client: FlaskClient, clock: FrozenClock, me: Person
) -> None:
    withdraw(client)
    clock.move(minutes=2)
    sign_in_by_phone(client, PHONE)
    answer = submit(client, "/sign-in/agree", {}, to="/sign-in/leave")
    assert answer.location == "/me/close"
    assert client.get("/me").location.startswith("/sign-in/agree")
    assert client.get("/me/export.json").get_json()["账号"]["手机号"] == PHONE
    clock.move(minutes=2)
    submit(client, "/me/close", {}, to="/me/close/code")
    assert submit(client, "/me/close", {"code": last_code(), "is_sure": "y"}).location == "/"
    db.session.rollback()
    assert me.closed_at is not None and not has_consented(me.id)


def test_nobody_is_let_in_to_leave_without_an_account(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    sign_in_by_phone(client, PHONE)
    assert "/sign-in/leave" not in client.get("/sign-in/agree").get_data(as_text=True)
    assert submit(client, "/sign-in/agree", {}, to="/sign-in/leave").location.startswith("/sign-in")
    assert person_of_phone(PHONE) is None


def test_an_official_whom_nobody_asked_is_asked_before_the_first_page_of_their_own(
    client: FlaskClient, clock: FrozenClock
) -> None:
    official = official_never_asked(client)
    assert client.get("/desk").status_code == 200
    for page in OWN_PAGES:
        answer = client.get(page)
        assert answer.status_code == 303 and answer.location.startswith("/sign-in/agree?next="), page
    kept = submit(client, "/desk/account", {"name": "改了"}, to="/me/name")
    assert kept.location.startswith("/sign-in/agree?next=")

    page = client.get("/sign-in/agree?next=/me/name").get_data(as_text=True)
    assert "checked" not in page and "回工作台" in page
    assert submit(client, "/sign-in/agree?next=/me/name", {"next": "/me/name"}).status_code == 400
    assert not has_consented(official.id)
    answer = submit(client, "/sign-in/agree?next=/me/name", {"agree": "y", "next": "/me/name"})
    assert answer.location == "/me/name" and has_consented(official.id)
    assert client.get("/me/name").status_code == 200
    assert client.get("/sign-in/agree?next=/shop").location == "/shop"


def test_an_official_takes_the_consent_back_and_keeps_the_desk(
    client: FlaskClient, clock: FrozenClock
) -> None:
    with transaction():
        official = make_official()
        sign_in(client, official)
    assert "工作账号不受影响" in client.get("/me/consent").get_data(as_text=True)
    withdraw(client)
    with transaction():
        sign_in(client, official)
    assert client.get("/desk").status_code == 200
    assert client.get("/me").location.startswith("/sign-in/agree")


def test_a_new_version_of_the_text_asks_whoever_is_signed_in_too(
    client: FlaskClient, me: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.has_consented, "__defaults__", ("service", "2027-01"))
    assert client.get("/orders").location.startswith("/sign-in/agree?next=")
    assert "/sign-in/decline" in client.get("/sign-in/agree").get_data(as_text=True)
    assert submit(client, "/sign-in/agree", {}, to="/sign-in/decline").location == "/"
    assert client.get("/orders").location.startswith("/sign-in?next=")


def test_agreeing_leads_to_no_other_site(client: FlaskClient, clock: FrozenClock) -> None:
    official_never_asked(client)
    fields = {"agree": "y", "next": "https://evil.example/"}
    assert submit(client, "/sign-in/agree", fields).location == "/me"
