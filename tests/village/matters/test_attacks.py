"""Guessing, borrowing and forging: what somebody who means harm can send."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select

from commons.clock import FrozenClock
from commons.db import db
from tests.commons.uploading import photo
from tests.village.matters.reporting import FORM_KEY, act, form_key, report, send, stored, the_matter
from village.matters.models import Matter, MatterFile
from village.matters.rules import new_number, shown_number


def guess(client: FlaskClient, number: str, code: str) -> int:
    return client.post("/matters", data={"number": number, "code": code}).status_code


def test_codes_are_guessed_five_times_and_then_not_even_the_right_one_opens(
    app: Flask, client: FlaskClient, plate: str, clock: FrozenClock
) -> None:
    number, code = report(client, plate)
    wrong = [f"{(int(code) + step) % 10_000:04d}" for step in range(1, 7)]
    # A fresh browser for every guess: what is counted is the number.
    answers = [guess(app.test_client(), number, each) for each in wrong]

    assert answers == [400] * 5 + [429]
    assert guess(app.test_client(), number, code) == 429
    clock.move(minutes=16)
    assert guess(app.test_client(), number, code) == 303


def test_twenty_guesses_a_day_are_all_there_are(
    app: Flask, client: FlaskClient, plate: str, clock: FrozenClock
) -> None:
    number, code = report(client, plate)
    tried = 0
    for _ in range(40):
        tried += guess(app.test_client(), number, f"{(int(code) + 1 + tried) % 10_000:04d}") == 400
        clock.move(minutes=4)

    assert tried == 20


def test_numbers_that_are_none_cost_no_query_and_no_count(app: Flask, plate: str) -> None:
    number = new_number()
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)

    assert {guess(app.test_client(), wrong, "1234") for _ in range(8)} == {400}


@pytest.mark.parametrize("code", ["", "12345", "abcd", "1' OR '1'='1", "\x00\x00\x00\x00", "１２"])
def test_odd_codes_are_wrong_codes(client: FlaskClient, plate: str, code: str) -> None:
    number, _ = report(client, plate)

    assert guess(client, number, code) == 400


def test_to_everyone_else_a_matter_and_none_are_the_same(app: Flask, client: FlaskClient, plate: str) -> None:
    number, _ = report(client, plate)
    stranger = app.test_client()
    addresses = [
        number,
        new_number(),
        "123",
        "%ff",
        "x" * 300,
        f"{number}/receipt",
        f"{new_number()}/receipt",
    ]
    answers = [stranger.get(f"/matters/{address}") for address in addresses]

    assert {answer.status_code for answer in answers} == {404}
    bodies = [answer.data.split(b"<main")[1].split(b"</main>")[0] for answer in answers]
    assert len(set(bodies)) == 1


def test_a_form_key_of_another_browser_shows_nothing_and_keeps_what_was_typed(
    app: Flask, client: FlaskClient, plate: str
) -> None:
    key = form_key(client, plate)
    first = send(client, plate, key=key)
    thief = app.test_client()
    thief.get(f"/matters/new?door={plate}")
    stolen = send(thief, plate, key=key, words="我的字")
    text = stolen.get_data(as_text=True)

    assert stolen.status_code == 409
    assert "我的字" in text
    assert first.location.split("/")[2] not in text
    assert stored() == 1
    fresh = FORM_KEY.search(text)
    assert fresh
    assert fresh[1] != key
    assert send(thief, plate, key=fresh[1], words="我的字").status_code == 303


@pytest.mark.parametrize("key", ["", "short", "k" * 41, "k" * 20 + "<script>", "ключ" * 6])
def test_a_form_key_that_is_none_makes_no_matter(client: FlaskClient, plate: str, key: str) -> None:
    form_key(client, plate)
    answer = client.post(
        "/matters/new", data={"form_key": key, "category": "roads", "words": "路灯", "door": plate}
    )

    assert answer.status_code == 400
    assert stored() == 0


def kept_photo(client: FlaskClient, plate: str, key: str) -> str:
    text = send(client, plate, key=key, phone="1", pictures=(io.BytesIO(photo(64, 48)), "a.jpg")).get_data(
        as_text=True
    )
    return text.split('name="kept" value="')[1].split('"')[0]


def test_anothers_upload_is_neither_seen_nor_taken(app: Flask, client: FlaskClient, plate: str) -> None:
    kept = kept_photo(client, plate, form_key(client, plate))
    thief = app.test_client()
    number, _ = report(thief, plate, kept=kept)

    assert thief.get(f"/files/{kept}").status_code == 404
    assert kept not in thief.get(f"/matters/{number}").get_data(as_text=True)
    assert db.session.scalars(select(MatterFile.matter_id)).all() == [None]


def test_a_sent_upload_is_not_sent_again_with_another_matter(client: FlaskClient, plate: str) -> None:
    key = form_key(client, plate)
    kept = kept_photo(client, plate, key)
    first = send(client, plate, key=key, kept=kept).location.split("/")[2]
    second, _ = report(client, plate, kept=kept)

    assert kept in client.get(f"/matters/{first}").get_data(as_text=True)
    assert kept not in client.get(f"/matters/{second}").get_data(as_text=True)


def test_files_are_for_the_reporter_and_the_scoped_officials(
    app: Flask, client: FlaskClient, officer: FlaskClient, discipline: FlaskClient, plate: str
) -> None:
    number, code = report(client, plate, pictures=(io.BytesIO(photo(64, 48)), "a.jpg"))
    address = (
        "/files/"
        + client.get(f"/matters/{number}").get_data(as_text=True).split('href="/files/')[1].split('"')[0]
    )
    stranger, friend = app.test_client(), app.test_client()
    friend.post("/matters", data={"number": number, "code": code})
    seen = []
    for browser in (client, friend, officer, stranger, discipline):
        with browser.get(address) as answer:
            seen.append(answer.status_code)

    assert seen == [200, 200, 200, 404, 404]


def test_a_flood_of_reports_is_slowed_and_what_was_typed_stays(client: FlaskClient, plate: str) -> None:
    answers = [send(client, plate, words=f"第 {count} 次") for count in range(11)]

    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    assert "第 10 次" in answers[-1].get_data(as_text=True)
    assert stored() == 10


def test_a_form_from_elsewhere_is_refused(app: Flask, client: FlaskClient, plate: str) -> None:
    key = form_key(client, plate)
    app.config["WTF_CSRF_ENABLED"] = True

    assert send(client, plate, key=key).status_code == 400
    assert stored() == 0


def test_words_of_a_reporter_are_never_markup(client: FlaskClient, officer: FlaskClient, plate: str) -> None:
    evil = "<script>alert(1)</script><b>粗</b>{{ 7*7 }}"
    number, _ = report(client, plate, words=evil, place="<i>x")
    act(officer, number, "take")
    for text in (
        client.get(f"/matters/{number}").get_data(as_text=True),
        officer.get(f"/desk/matters/{number}").get_data(as_text=True),
        officer.get("/desk/matters").get_data(as_text=True),
        officer.get("/desk").get_data(as_text=True),
    ):
        assert "<script>alert" not in text
        assert "<b>粗" not in text
        assert "<i>x" not in text


def test_the_code_is_nowhere_but_on_the_receipt(
    client: FlaskClient, officer: FlaskClient, plate: str
) -> None:
    number, code = report(client, plate)
    row = the_matter(number)
    names = [column.key for column in inspect(Matter).columns]
    values = [str(getattr(row, name)) for name in names if not name.endswith("hash")]

    assert code not in values
    assert shown_number(number) in client.get(f"/matters/{number}/receipt").get_data(as_text=True)
    assert f">{code}<" not in officer.get(f"/desk/matters/{number}").get_data(as_text=True)
