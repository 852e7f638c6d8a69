"""A desk locks, opens again, and changes person; what was typed is not lost."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.accounts.desk import passwords
from commons.accounts.desk.actions import set_pin
from commons.accounts.models import Person, SignIn
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.drafts import Draft
from tests.commons.accounts.browsing import last_code, official_account, submit, token_on
from tests.commons.accounts.test_desk import OWN, ready_official, totp_now
from tests.make.people import make_official, make_person, sign_in

FORM = "/desk/read-out"


def at_the_desk(client: FlaskClient, *, pin: str = "", name: str = "official") -> Person:
    with transaction() as writing:
        person = make_official(name="刘建国", sign_in_name=name)
        writing.flush()
        official_account(person.id).password_hash = passwords.hashed(OWN)
        if pin:
            set_pin(person.id, pin)
        sign_in(client, person)
    return person


def test_a_desk_left_alone_for_ten_minutes_asks_for_the_password_and_goes_back(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    at_the_desk(client)
    clock.move(minutes=9)
    assert client.get(FORM).status_code == 200
    clock.move(minutes=9)
    assert client.get(FORM).status_code == 200  # each page keeps it awake
    clock.move(minutes=10)
    answer = client.get(FORM)
    assert answer.location == "/desk/locked?next=%2Fdesk%2Fread-out"
    assert client.get("/me").location.startswith("/desk/locked")

    page = client.get(answer.location).get_data(as_text=True)
    assert "刘建国" in page
    assert submit(client, answer.location, {"password": "wrong", "next": FORM}).status_code == 400
    opened = submit(client, answer.location, {"password": OWN, "next": FORM})
    assert opened.location == FORM
    assert client.get(FORM).status_code == 200


def test_what_is_sent_to_a_locked_desk_fills_the_form_after_unlocking(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    at_the_desk(client)
    token = token_on(client, FORM)
    clock.move(minutes=11)
    fields = {"phone": "100 0000 7777", "csrf_token": token}
    answer = client.post(FORM, data=fields, headers={"Referer": f"http://localhost{FORM}"})
    assert answer.status_code == 303
    following = parse_qs(urlsplit(answer.location).query)["next"][0]
    assert following.startswith(f"{FORM}?draft=")
    sealed = db.session.scalars(db.select(Draft)).one()
    assert b"7777" not in sealed.fields_sealed

    assert client.get(following).status_code == 303  # the key alone opens nothing
    opened = submit(client, answer.location, {"password": OWN, "next": following})
    assert opened.location == following
    assert 'value="100 0000 7777"' in client.get(following).get_data(as_text=True)


def test_a_draft_goes_once_the_form_is_sent_in_good_order(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    at_the_desk(client)
    token = token_on(client, "/me/name")
    clock.move(minutes=11)
    client.post("/me/name", data={"name": "刘建军", "csrf_token": token})
    assert db.session.scalars(db.select(Draft)).one().form == "/me/name"
    submit(client, "/desk/locked", {"password": OWN, "next": "/me/name"})
    page = client.get("/desk/account").get_data(as_text=True)
    assert "/me/name" in page
    assert submit(client, "/me/name", {"name": "刘建军"}).status_code == 303
    db.session.rollback()
    assert db.session.scalars(db.select(Draft)).all() == []


def test_the_button_locks_at_once_and_brings_the_unsent_along(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    at_the_desk(client)
    answer = submit(client, FORM, {"kept_form": FORM, "kept.phone": "10000008888"}, to="/desk/lock")
    following = parse_qs(urlsplit(answer.location).query)["next"][0]
    assert client.get(FORM).location.startswith("/desk/locked")
    submit(client, answer.location, {"password": OWN, "next": following})
    assert 'value="10000008888"' in client.get(following).get_data(as_text=True)


def test_passwords_and_codes_are_never_kept(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    at_the_desk(client)
    token = token_on(client, "/desk/account")
    clock.move(minutes=11)
    fields = {"change-password": "secret one", "change-new_password": "secret two", "csrf_token": token}
    client.post("/desk/account/password", data=fields)
    assert db.session.scalars(db.select(Draft)).all() == []


def test_another_official_takes_over_in_one_step_and_the_first_finds_the_draft_again(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    first = at_the_desk(client)
    _, secret = ready_official("second")
    token = token_on(client, FORM)
    clock.move(minutes=11)
    client.post(FORM, data={"phone": "10000007777", "csrf_token": token})
    draft = db.session.scalars(db.select(Draft)).one()

    fields = {"other-sign_in_name": "second", "other-password": OWN, "other-code": totp_now(secret)}
    answer = submit(client, "/desk/locked", fields, to="/desk/locked/change")
    assert answer.location == "/desk"
    assert client.get("/desk/account").status_code == 200
    assert "10000007777" not in client.get(f"{FORM}?draft={draft.key}").get_data(as_text=True)
    db.session.rollback()
    before = db.session.scalars(db.select(SignIn).where(SignIn.person_id == first.id)).one()
    assert before.ended_at is not None

    with transaction():
        sign_in(client, official_account(first.id).person)
    assert 'value="10000007777"' in client.get(f"{FORM}?draft={draft.key}").get_data(as_text=True)
    assert draft.key in client.get("/desk/account").get_data(as_text=True)


def test_taking_over_with_a_wrong_password_leaves_the_desk_locked(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    at_the_desk(client)
    ready_official("second")
    clock.move(minutes=11)
    fields = {"other-sign_in_name": "second", "other-password": "wrong", "other-code": ""}
    page = submit(client, "/desk/locked", fields, to="/desk/locked/change").get_data(as_text=True)
    assert "登录名或密码不对" in page
    assert client.get(FORM).location.startswith("/desk/locked")


def test_taking_over_without_a_code_goes_to_the_second_step(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    at_the_desk(client)
    _, secret = ready_official("second")
    clock.move(minutes=11)
    fields = {"other-sign_in_name": "second", "other-password": OWN}
    assert submit(client, "/desk/locked", fields, to="/desk/locked/change").location == "/desk/sign-in/code"
    assert client.get(FORM).location.startswith("/desk/locked")
    assert submit(client, "/desk/sign-in/code", {"code": totp_now(secret)}).status_code == 303
    assert client.get(FORM).status_code == 200


def test_a_pin_unlocks_but_five_wrong_ones_sign_out(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    at_the_desk(client, pin="2749")
    clock.move(minutes=11)
    assert submit(client, "/desk/locked", {"password": "2749", "next": FORM}).location == FORM
    clock.move(minutes=11)
    for _ in range(5):
        assert submit(client, "/desk/locked", {"password": "2740", "next": FORM}).status_code == 400
    answer = submit(client, "/desk/locked", {"password": "2749", "next": FORM})
    assert answer.location.startswith("/desk/sign-in")
    db.session.rollback()
    assert db.session.scalars(db.select(SignIn)).one().ended_at is not None


def test_a_pin_is_no_password(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    at_the_desk(client, pin="2749", name="withpin")
    other = app.test_client()
    answer = submit(other, "/desk/sign-in", {"sign_in_name": "withpin", "password": "2749", "next": ""})
    assert answer.status_code == 400


def test_a_strangers_form_survives_signing_in(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    with transaction():
        make_person(phone="10000000101")
    token = token_on(client, "/sign-in")
    answer = client.post("/me/name", data={"name": "李桂英", "csrf_token": token})
    following = parse_qs(urlsplit(answer.location).query)["next"][0]
    assert "draft=" in following
    thief = app.test_client()
    assert "李桂英" not in thief.get(following).get_data(as_text=True)
    submit(client, answer.location, {"phone": "10000000101", "next": following})
    assert submit(client, "/sign-in/code", {"code": last_code()}).location == following
    assert 'value="李桂英"' in client.get(following).get_data(as_text=True)
    assert "李桂英" not in thief.get(following).get_data(as_text=True)


def test_at_the_days_end_a_draft_waits_for_whoever_typed_it_and_not_for_the_next(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    first = at_the_desk(client)
    _, secret = ready_official("second")
    token = token_on(client, FORM)
    clock.move(hours=13)
    answer = client.post(FORM, data={"phone": "10000007777", "csrf_token": token})
    following = parse_qs(urlsplit(answer.location).query)["next"][0]
    assert db.session.scalars(db.select(Draft)).one().person_id == first.id
    submit(client, answer.location, {"sign_in_name": "second", "password": OWN, "next": following})
    assert submit(client, "/desk/sign-in/code", {"code": totp_now(secret)}).location == following
    assert "10000007777" not in client.get(following).get_data(as_text=True)


@pytest.mark.parametrize(
    ("key", "status"),
    [("%00", 404), ("x" * 43, 200), ("", 200), ("%27%20OR%201=1", 200), ("%F0%9F%98%80", 200)],
)
def test_a_key_that_is_none_gives_nothing_back(
    app: Flask, client: FlaskClient, clock: FrozenClock, key: str, status: int
) -> None:
    at_the_desk(client)
    assert client.get(f"{FORM}?draft={key}").status_code == status
