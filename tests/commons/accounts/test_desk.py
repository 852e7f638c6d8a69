"""Officials sign in: password and second factor, the first time, and what must not work."""

from __future__ import annotations

import re
import time

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from commons import clock as the_clock
from commons.accounts.actions import appoint
from commons.accounts.desk import passwords
from commons.accounts.desk.actions import disable_account, fresh_recovery_codes, open_account, reset_account
from commons.accounts.models import Official, RecoveryCode, SignIn
from commons.accounts.queries import TOKEN
from commons.accounts.rules import masked_phone
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.security import open_text, seal_text
from tests.commons.accounts.browsing import last_code, official_account, submit
from tests.make.people import make_person, make_person_without_phone, sign_in

OWN = "稻田-青石-水车-月亮-灯"
VILLAGE = "429005103218"


def new_official(name: str = "liujg") -> tuple[int, str]:
    with transaction():
        person = make_person(name="刘建国")
        temporary = open_account(person, name)
        appoint(person, "clerk", VILLAGE)
        return person.id, temporary


def ready_official(name: str = "liujg", *, factor: str = "totp") -> tuple[int, str]:
    """An official who has been through the first sign-in; returns number and TOTP secret."""
    person_id, _ = new_official(name)
    secret = pyotp.random_base32()
    with transaction():
        official = official_account(person_id)
        official.password_hash, official.must_change_password = passwords.hashed(OWN), False
        official.second_factor = factor
        official.totp_sealed = seal_text(secret)
    return person_id, secret


def totp_now(secret: str) -> str:
    return pyotp.TOTP(secret).at(int(the_clock.now().timestamp()))


def give_password(
    client: FlaskClient, name: str = "liujg", password: str = OWN, following: str = "/desk/account"
) -> TestResponse:
    fields = {"sign_in_name": name, "password": password, "next": following}
    return submit(client, "/desk/sign-in", fields)


def test_the_first_sign_in_sets_up_a_second_factor_and_a_password_of_ones_own(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    person_id, temporary = new_official()
    answer = give_password(client, password=temporary)
    assert answer.location == "/desk/sign-in/enrol"
    page = client.get("/desk/sign-in/enrol").get_data(as_text=True)
    secret = re.search(r'class="secret">([A-Z2-7]{32})<', page)
    assert secret and "<svg viewBox" in page and "style=" not in page

    answer = submit(client, "/desk/sign-in/enrol", {"code": totp_now(secret[1]), "sms": last_code()})
    codes = re.findall(r"<b>([A-Z2-9]{5}-[A-Z2-9]{5})</b>", answer.get_data(as_text=True))
    assert len(set(codes)) == 10
    assert client.get("/desk/account").status_code == 303  # not in yet: the temporary password still stands

    weak = submit(client, "/desk/sign-in/password", {"new_password": "short", "new_password_again": "short"})
    assert "至少要" in weak.get_data(as_text=True)
    uneven = submit(client, "/desk/sign-in/password", {"new_password": OWN, "new_password_again": OWN + "x"})
    assert "不一样" in uneven.get_data(as_text=True)
    answer = submit(client, "/desk/sign-in/password", {"new_password": OWN, "new_password_again": OWN})
    assert answer.location == "/desk/account"
    assert client.get("/desk/account").status_code == 200
    official = db.session.get(Official, person_id)
    assert official is not None and not official.must_change_password
    assert open_text(official.totp_sealed or b"") == secret[1]


def test_messages_can_be_the_second_factor(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    _, temporary = new_official()
    give_password(client, password=temporary)
    client.get("/desk/sign-in/enrol?by=sms")
    answer = submit(client, "/desk/sign-in/enrol?by=sms", {"code": last_code()})
    assert "恢复码" in answer.get_data(as_text=True)
    submit(client, "/desk/sign-in/password", {"new_password": OWN, "new_password_again": OWN})
    assert client.get("/desk/account").status_code == 200

    clock.move(minutes=2)
    again = app.test_client()
    assert give_password(again).location == "/desk/sign-in/code"
    assert submit(again, "/desk/sign-in/code", {"code": last_code()}).location == "/desk/account"


def test_whoever_gave_out_the_temporary_password_does_not_become_that_person_by_it(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    with transaction():
        villager = make_person(name="王秀兰")
        temporary = open_account(villager, "liujg")
        person_id = villager.id
    give_password(client, password=temporary)
    page = client.get("/desk/sign-in/enrol").get_data(as_text=True)
    secret = re.search(r'class="secret">([A-Z2-7]{32})<', page)
    assert secret and masked_phone(villager.phone or "") in page
    for guess in ("", "000000"):
        answer = submit(client, "/desk/sign-in/enrol", {"code": totp_now(secret[1]), "sms": guess})
        assert answer.status_code == 400 and "恢复码" not in answer.get_data(as_text=True)
    assert official_account(person_id).second_factor == ""
    assert client.get("/me/export.json").status_code == 303


def test_a_reset_asks_for_the_telephone_again(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    person_id, _ = ready_official()
    with transaction():
        temporary = reset_account(person_id)
    give_password(client, password=temporary)
    page = client.get("/desk/sign-in/enrol").get_data(as_text=True)
    secret = re.search(r'class="secret">([A-Z2-7]{32})<', page)
    assert secret
    assert submit(client, "/desk/sign-in/enrol", {"code": totp_now(secret[1])}).status_code == 400
    answer = submit(client, "/desk/sign-in/enrol", {"code": totp_now(secret[1]), "sms": last_code()})
    assert "恢复码" in answer.get_data(as_text=True)


def test_an_official_without_a_telephone_is_not_asked_for_one(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    with transaction():
        temporary = open_account(make_person_without_phone(), "liujg")
    give_password(client, password=temporary)
    page = client.get("/desk/sign-in/enrol").get_data(as_text=True)
    secret = re.search(r'class="secret">([A-Z2-7]{32})<', page)
    assert secret and 'name="sms"' not in page
    answer = submit(client, "/desk/sign-in/enrol", {"code": totp_now(secret[1])})
    assert "恢复码" in answer.get_data(as_text=True)


def test_password_alone_opens_nothing(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    ready_official()
    assert give_password(client).location == "/desk/sign-in/code"
    assert client.get("/desk/account").location.startswith("/desk/sign-in?")
    assert client.get("/me").location.startswith("/sign-in?")


def test_a_totp_code_counts_once(app: Flask, clock: FrozenClock) -> None:
    _, secret = ready_official()
    first, second = app.test_client(), app.test_client()
    give_password(first)
    give_password(second)
    code = totp_now(secret)
    assert submit(first, "/desk/sign-in/code", {"code": code}).status_code == 303
    assert submit(second, "/desk/sign-in/code", {"code": code}).status_code == 400
    clock.move(seconds=30)
    assert submit(second, "/desk/sign-in/code", {"code": totp_now(secret)}).status_code == 303


def test_a_recovery_code_counts_once_and_only_for_its_owner(app: Flask, clock: FrozenClock) -> None:
    owner, _ = ready_official("owner")
    ready_official("other")
    with transaction():
        codes = fresh_recovery_codes(owner)
    stranger = app.test_client()
    give_password(stranger, "other")
    assert submit(stranger, "/desk/sign-in/recovery", {"code": codes[0]}).status_code == 400
    for expected in (303, 400):
        client = app.test_client()
        give_password(client, "owner")
        answer = submit(client, "/desk/sign-in/recovery", {"code": codes[0].lower().replace("-", " ")})
        assert answer.status_code == expected
    kept = db.session.scalars(db.select(RecoveryCode)).all()
    assert all(codes[0] not in row.code_hash for row in kept)


def test_unknown_names_and_wrong_passwords_read_alike(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    ready_official()
    pages = []
    for name in ("liujg", "nobody"):
        page = give_password(client, name, "wrong password").get_data(as_text=True)
        assert "登录名或密码不对" in page
        pages.append(re.sub(r'value="[^"]*"', "", page))
    assert pages[0] == pages[1]


def test_an_unknown_name_takes_as_long_as_a_wrong_password(app: Flask) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = type(settings)(**{**_values(settings), "testing": False})
    kept = passwords.hashed("the right one")
    passwords.is_right("warm up", None)

    def seconds(known: str | None) -> float:
        best = []
        for _ in range(5):
            before = time.process_time()
            passwords.is_right("wrong", known)
            best.append(time.process_time() - before)
        return min(best)

    known, unknown = seconds(kept), seconds(None)
    assert known > 0.005
    assert unknown == pytest.approx(known, rel=0.5)


def _values(settings: object) -> dict[str, object]:
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}  # type: ignore[attr-defined]


def test_ten_wrong_passwords_shut_the_name_for_a_while(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    ready_official()
    for _ in range(10):
        give_password(client, password="wrong password")
    page = give_password(client).get_data(as_text=True)
    assert "错得太多" in page
    clock.move(minutes=16)
    assert give_password(client).status_code == 303


def test_ten_wrong_second_codes_shut_the_second_step(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    _, secret = ready_official()
    give_password(client)
    for _ in range(10):
        submit(client, "/desk/sign-in/code", {"code": "000000"})
    assert submit(client, "/desk/sign-in/code", {"code": totp_now(secret)}).status_code == 400


def test_the_second_step_does_not_wait_for_ever(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    ready_official()
    give_password(client)
    clock.move(minutes=11)
    assert client.get("/desk/sign-in/code").status_code == 303


def test_the_token_of_the_second_step_is_worth_nothing_as_a_sign_in(app: Flask, clock: FrozenClock) -> None:
    ready_official()
    client, thief = app.test_client(), app.test_client()
    give_password(client)
    with client.session_transaction() as browser:
        half_way = browser["half_way"]
    with thief.session_transaction() as browser:
        browser[TOKEN] = half_way
    assert thief.get("/desk/account").status_code == 303


def test_a_reset_ends_every_sign_in_and_asks_for_everything_anew(app: Flask, clock: FrozenClock) -> None:
    person_id, secret = ready_official()
    client = app.test_client()
    give_password(client)
    submit(client, "/desk/sign-in/code", {"code": totp_now(secret)})
    assert client.get("/desk/account").status_code == 200
    with transaction():
        temporary = reset_account(person_id)
    assert client.get("/desk/account").status_code == 303
    assert give_password(client).status_code == 400
    assert give_password(client, password=temporary).location == "/desk/sign-in/enrol"


def test_a_desk_that_was_shut_lets_nobody_in(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    person_id, _ = ready_official()
    with transaction():
        disable_account(person_id)
    assert "登录名或密码不对" in give_password(client).get_data(as_text=True)


def test_an_official_signed_in_by_telephone_alone_has_no_desk(app: Flask, clock: FrozenClock) -> None:
    person_id, _ = ready_official()
    client = app.test_client()
    with transaction():
        sign_in(client, official_account(person_id).person, kind="person")
    assert client.get("/me").status_code == 200
    assert client.get("/desk/read-out").status_code == 403


def test_signing_out_at_the_desk_ends_the_row(app: Flask, clock: FrozenClock) -> None:
    _, secret = ready_official()
    client = app.test_client()
    give_password(client)
    submit(client, "/desk/sign-in/code", {"code": totp_now(secret)})
    assert submit(client, "/desk/account", {}, to="/sign-out").location == "/desk/sign-in"
    db.session.rollback()
    assert all(row.ended_at for row in db.session.scalars(db.select(SignIn)))
