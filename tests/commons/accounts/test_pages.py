"""Signing in by telephone: the way in, and the ways that must not lead in."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from commons.accounts.models import Consent, OneTimeCode, Person, SignIn
from commons.accounts.queries import TOKEN, person_of_phone
from commons.accounts.rules import CONSENT_VERSION
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.drafts import Draft
from commons.messaging.models import OutgoingMessage
from commons.messaging.queries import values_of
from commons.messaging.rules import worded
from tests.commons.accounts.browsing import last_code, sign_in_by_phone, submit, token_on
from tests.make.people import make_official, make_person, sign_in

PHONE = "10000000101"


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_first_sign_in_asks_for_consent_and_then_goes_where_one_was_going(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    answer = submit(client, "/sign-in?next=/me", {"phone": "100 0000 0101", "next": "/me"})
    assert (answer.status_code, answer.location) == (303, "/sign-in/code")
    code = last_code()
    answer = submit(client, "/sign-in/code", {"code": f"{code[:3]} {code[3:]}"})
    assert answer.location == "/sign-in/agree"
    assert count(Person) == 0  # nobody has an account before agreeing
    page = client.get("/sign-in/agree").get_data(as_text=True)
    assert "checked" not in page

    unticked = submit(client, "/sign-in/agree", {})
    assert unticked.status_code == 400 and count(Person) == 0
    answer = submit(client, "/sign-in/agree", {"agree": "y"})

    assert (answer.status_code, answer.location) == (303, "/me")
    person = person_of_phone(PHONE)
    assert person is not None and person.phone == PHONE
    consent = db.session.scalars(select(Consent)).one()
    assert (consent.person_id, consent.kind, consent.version) == (person.id, "service", CONSENT_VERSION)
    assert client.get("/me").status_code == 200


def test_whoever_came_from_nowhere_is_led_to_what_is_their_own(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    with transaction():
        make_person(phone=PHONE)
    assert sign_in_by_phone(client, PHONE).location == "/me"


def test_a_second_sign_in_goes_straight_in(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    with transaction():
        make_person(phone=PHONE)
    answer = sign_in_by_phone(client, PHONE, next="/shop")
    assert (answer.status_code, answer.location) == (303, "/shop")


def test_whoever_declines_leaves_no_account_behind(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    sign_in_by_phone(client, PHONE)
    answer = submit(client, "/sign-in/agree", {}, to="/sign-in/decline")
    assert answer.status_code == 303
    assert count(Person) == 0
    assert all(row.ended_at and row.phone_sealed is None for row in db.session.scalars(select(SignIn)))
    assert client.get("/sign-in/agree").location == "/sign-in"


def test_the_answer_is_the_same_for_a_known_and_an_unknown_telephone(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        make_person(phone=PHONE)
    answers = []
    for phone in (PHONE, "10000000102"):
        client = app.test_client()
        answer = submit(client, "/sign-in", {"phone": phone, "next": "/"})
        page = client.get("/sign-in/code").get_data(as_text=True)
        wrong = submit(client, "/sign-in/code", {"code": "000000"})
        answers.append(
            (answer.status_code, answer.location, "验证码不对" in wrong.get_data(as_text=True), len(page))
        )
    assert answers[0] == answers[1]


@pytest.mark.parametrize("phone", ["", "123", "20000000101", "1000000010a", "1" * 300, "<script>"])
def test_what_is_no_telephone_is_kept_and_said(app: Flask, client: FlaskClient, phone: str) -> None:
    answer = submit(client, "/sign-in", {"phone": phone, "next": "/"})
    assert answer.status_code == 400
    assert "error-summary" in answer.get_data(as_text=True)
    assert count(OneTimeCode) == 0


def test_after_five_wrong_codes_the_right_one_is_spent(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    submit(client, "/sign-in", {"phone": PHONE, "next": "/"})
    code = last_code()
    wrong = "111111" if code != "111111" else "222222"
    for _ in range(5):
        assert submit(client, "/sign-in/code", {"code": wrong}).status_code == 400
    answer = submit(client, "/sign-in/code", {"code": code})
    assert answer.status_code == 400
    assert "验证码不对" in answer.get_data(as_text=True)


def test_a_code_works_for_five_minutes_and_once(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        make_person(phone=PHONE)
    late, first, second = app.test_client(), app.test_client(), app.test_client()
    submit(late, "/sign-in", {"phone": PHONE, "next": "/"})
    code = last_code()
    clock.move(minutes=5)
    assert submit(late, "/sign-in/code", {"code": code}).status_code == 400

    for browser in (first, second):
        clock.move(minutes=2)
        submit(browser, "/sign-in", {"phone": PHONE, "next": "/"})
    code = last_code()
    assert submit(first, "/sign-in/code", {"code": code}).status_code == 303
    assert submit(second, "/sign-in/code", {"code": code}).status_code == 400


def test_a_code_made_for_another_telephone_opens_nothing(app: Flask, clock: FrozenClock) -> None:
    victim, attacker = app.test_client(), app.test_client()
    submit(victim, "/sign-in", {"phone": PHONE, "next": "/"})
    submit(attacker, "/sign-in", {"phone": "10000000199", "next": "/"})
    attackers_code = last_code()
    submit(attacker, "/sign-in", {"phone": PHONE, "next": "/"})
    assert submit(attacker, "/sign-in/code", {"code": attackers_code}).status_code == 400


def test_a_new_code_makes_the_one_before_worthless(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    submit(client, "/sign-in", {"phone": PHONE, "next": "/"})
    old = last_code()
    clock.move(seconds=61)
    submit(client, "/sign-in/code", {}, to="/sign-in/again")
    if last_code() != old:
        assert submit(client, "/sign-in/code", {"code": old}).status_code == 400
    assert submit(client, "/sign-in/code", {"code": last_code()}).status_code == 303


def test_a_code_is_sent_once_a_minute_and_ten_times_a_day(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    submit(client, "/sign-in", {"phone": PHONE, "next": "/"})
    clock.move(seconds=59)
    submit(client, "/sign-in/code", {}, to="/sign-in/again")
    assert count(OneTimeCode) == 1
    for _ in range(12):
        clock.move(seconds=61)
        submit(client, "/sign-in/code", {}, to="/sign-in/again")
    assert count(OneTimeCode) == 10


def test_guessing_ends_for_the_day_after_thirty_wrong_codes(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        make_person(phone=PHONE)
    client = app.test_client()
    for _ in range(7):
        submit(client, "/sign-in", {"phone": PHONE, "next": "/"})
        for _ in range(5):
            answer = submit(client, "/sign-in/code", {"code": "000000"})
        clock.move(seconds=61)
    assert "太频繁" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "following", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_signing_in_leads_to_no_other_site(
    app: Flask, client: FlaskClient, clock: FrozenClock, following: str
) -> None:
    with transaction():
        make_person(phone=PHONE)
    submit(client, "/sign-in", {"phone": PHONE, "next": following})
    assert submit(client, "/sign-in/code", {"code": last_code()}).location == "/me"


def test_the_token_is_new_with_every_sign_in_and_the_form_token_with_it(
    app: Flask, clock: FrozenClock
) -> None:
    with transaction():
        make_person(phone=PHONE)
    client = app.test_client()
    with client.session_transaction() as browser:
        browser[TOKEN] = "planted"
    client.get("/sign-in")
    with client.session_transaction() as browser:
        before = browser["csrf_token"]
    assert sign_in_by_phone(client, PHONE).status_code == 303
    with client.session_transaction() as browser:
        assert browser[TOKEN] != "planted"
        assert browser.get("csrf_token") != before


def test_signing_in_again_ends_the_earlier_sign_in_of_that_browser(app: Flask, clock: FrozenClock) -> None:
    client = app.test_client()
    with transaction():
        make_person(phone=PHONE)
        before = sign_in(client, make_person()).id
    fields = {"phone": PHONE, "next": "/"}
    submit(client, "/me/name", fields, to="/sign-in")
    assert submit(client, "/sign-in/code", {"code": last_code()}).status_code == 303
    db.session.rollback()
    ended = db.session.get(SignIn, before)
    assert ended is not None and ended.ended_at is not None


def test_after_signing_out_the_cookie_opens_nothing_also_when_it_is_put_back(
    app: Flask, clock: FrozenClock
) -> None:
    client, thief = app.test_client(), app.test_client()
    with transaction():
        sign_in(client, make_person())
    with client.session_transaction() as browser:
        token = browser[TOKEN]
    assert submit(client, "/me", {}, to="/sign-out").status_code == 303
    with thief.session_transaction() as browser:
        browser[TOKEN] = token
    assert thief.get("/me").status_code == 303
    assert client.get("/me").location.startswith("/sign-in")


def test_a_visit_on_a_shared_phone_ends_by_itself(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        make_person(phone=PHONE)
    client = app.test_client()
    sign_in_by_phone(client, PHONE, is_shared="y")
    assert client.get("/me").status_code == 200
    cookie = client.get_cookie("xq")
    assert cookie is not None and cookie.expires is None
    clock.move(minutes=21)
    assert client.get("/me").status_code == 303


def test_a_phone_of_ones_own_stays_signed_in(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    with transaction():
        make_person(phone=PHONE)
    sign_in_by_phone(client, PHONE)
    cookie = client.get_cookie("xq")
    assert cookie is not None and cookie.expires is not None
    clock.move(days=89)
    assert client.get("/me").status_code == 200
    clock.move(days=2)
    assert client.get("/me").status_code == 303


def test_a_session_that_is_not_ours_is_a_stranger(app: Flask, client: FlaskClient) -> None:
    client.set_cookie("xq", "eyJzaWduX2luIjoieCJ9.invalid.signature")
    assert client.get("/me").status_code == 303


def test_a_code_read_out_by_an_official_signs_in_and_the_phone_is_told(
    app: Flask, clock: FrozenClock
) -> None:
    desk, elder = app.test_client(), app.test_client()
    with transaction():
        make_person(phone=PHONE)
        sign_in(desk, make_official(role="clerk", area="429005103218", name="刘建国"))
    page = submit(desk, "/desk/read-out", {"phone": PHONE}).get_data(as_text=True)
    shown = re.search(r"<b>([0-9]{6})</b>", page)
    assert shown
    message = db.session.scalars(select(OutgoingMessage)).one()
    assert message.template == "code-read-out" and values_of(message) == {"who": "刘建国"}
    assert shown[1] not in worded(message.template, values_of(message))
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "sign-in-code.read-out")).one()
    assert PHONE not in line.subject and line.area == "429005103218"

    clock.move(minutes=6)  # slow hands have ten minutes
    submit(elder, "/sign-in", {"phone": PHONE, "next": "/", "has_code": "y"})
    assert submit(elder, "/sign-in/code", {"code": shown[1]}).status_code == 303
    assert elder.get("/me").status_code == 200


def test_reading_codes_out_is_for_officials_alone(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    assert client.get("/desk/read-out").location.startswith("/desk/sign-in")
    with transaction():
        sign_in(client, make_person())
    assert client.get("/desk/read-out").status_code == 403


def test_the_way_in_speaks_english_too(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    han = re.compile(r"[\u4e00-\u9fff]+")
    client.get("/sign-in?lang=en")
    submit(client, "/sign-in", {"phone": PHONE, "next": "/"})
    pages = [client.get("/sign-in"), submit(client, "/sign-in/code", {"code": "12"})]
    submit(client, "/sign-in/code", {"code": last_code()})
    pages.append(client.get("/sign-in/agree"))
    for page in pages:
        main = page.get_data(as_text=True).split("<main")[1].split("</main>")[0]
        assert han.findall(main) == []


def test_a_form_whose_token_is_over_comes_back_filled_in(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    with transaction():
        sign_in(client, make_person(name="王秀兰"))
    fields = {"name": "王秀蘭", "csrf_token": "over"}
    answer = client.post("/me/name", data=fields, headers={"Referer": "http://localhost/me/name"})

    assert answer.status_code == 303 and answer.location.startswith("/me/name?draft=")
    page = client.get(answer.location).get_data(as_text=True)
    assert 'value="王秀蘭"' in page and "写的内容还在" in page
    token = token_on(client, answer.location)
    assert client.post("/me/name", data={**fields, "csrf_token": token}).location == "/me"


def test_a_button_pressed_too_late_says_so_on_its_own_page(app: Flask, client: FlaskClient) -> None:
    with transaction():
        sign_in(client, make_person())
    answer = client.post("/me/sign-ins/end", data={}, headers={"Referer": "http://localhost/me"})
    assert answer.location == "/me"
    assert "请再按一次" in client.get("/me").get_data(as_text=True)


@pytest.mark.parametrize("referrer", ["http://elsewhere.example/trap", ""])
def test_what_another_site_sends_is_neither_taken_nor_kept(
    app: Flask, client: FlaskClient, referrer: str
) -> None:
    with transaction():
        sign_in(client, make_person())
    headers = {"Referer": referrer} if referrer else {}
    answer = client.post("/me/name", data={"name": "改了"}, headers=headers)
    assert answer.status_code == 400 and "没有交上" in answer.get_data(as_text=True)
    assert db.session.scalars(select(Draft)).all() == []
