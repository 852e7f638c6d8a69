"""我的资料: to see, correct, take along and close."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select

from commons import drafts, worker
from commons.accounts.actions import close_account, give_consent, open_record, send_code, withdraw_consent
from commons.accounts.desk.actions import open_account
from commons.accounts.errors import StillAppointed
from commons.accounts.models import Consent, OneTimeCode, Person, SignIn
from commons.accounts.queries import exported, has_consented, person_of_phone
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import Base, db, transaction
from commons.messaging.models import OutgoingMessage
from commons.outbox import LISTENERS, listens
from commons.security import keyed_hash
from tests.commons.accounts.browsing import last_code, official_account, sign_in_by_phone, submit
from tests.make.people import make_official, make_person, sign_in

PHONE = "10000000101"


@pytest.fixture
def me(app: Flask, client: FlaskClient, clock: FrozenClock) -> Person:
    with transaction():
        person = make_person(phone=PHONE, name="王秀兰")
        sign_in(client, person)
    return person


def test_the_page_shows_what_is_held_and_masks_the_telephone(client: FlaskClient, me: Person) -> None:
    page = client.get("/me").get_data(as_text=True)
    assert "王秀兰" in page and "100****0101" in page and PHONE not in page


def test_a_name_is_corrected(client: FlaskClient, me: Person) -> None:
    assert submit(client, "/me/name", {"name": "  王秀蘭 "}).status_code == 303
    db.session.rollback()
    assert me.name == "王秀蘭"
    assert submit(client, "/me/name", {"name": ""}).status_code == 400
    assert submit(client, "/me/name", {"name": "长" * 31}).status_code == 400


def test_whoever_looked_is_shown_with_reason_and_time(client: FlaskClient, me: Person, app: Flask) -> None:
    with transaction():
        official = make_official(name="刘建国")
    desk = app.test_client()
    with transaction():
        sign_in(desk, official)
    with app.test_request_context("/"):
        g.person_id = official.id
        with transaction():
            open_record(me.id, "核对低保材料")
    page = client.get("/me").get_data(as_text=True)
    assert "刘建国" in page and "核对低保材料" in page


def test_everything_can_be_taken_along_as_json_and_as_a_packet(client: FlaskClient, me: Person) -> None:
    exported("测试")(lambda person_id: [{"编号": person_id, "备注": None}])
    answer = client.get("/me/export.json")
    about = json.loads(answer.data)
    assert about["账号"]["手机号"] == PHONE and about["测试"] == [{"编号": me.id, "备注": None}]
    assert about["同意记录"][0]["事项"] == "service"
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(client.get("/me/export.zip").data)) as packed:
        assert json.loads(packed.read("我的资料.json")) == about
        words = packed.read("我的资料.txt").decode()
    assert f"手机号：{PHONE}" in words and "备注：无" in words


def test_a_strangers_browser_gets_none_of_it(app: Flask, me: Person) -> None:
    stranger = app.test_client()
    for page in ("/me", "/me/name", "/me/export.json", "/me/export.zip", "/me/close", "/me/phone"):
        answer = stranger.get(page)
        assert answer.status_code == 303 and PHONE not in answer.get_data(as_text=True)


def test_another_telephone_is_taken_once_it_is_proved(app: Flask, client: FlaskClient, me: Person) -> None:
    elsewhere = app.test_client()
    with transaction():
        sign_in(elsewhere, me)
    submit(client, "/me/phone", {"phone": "10000000202"})
    assert submit(client, "/me/phone/code", {"code": "000000"}).status_code == 400
    assert submit(client, "/me/phone/code", {"code": last_code()}).location == "/me"
    found = person_of_phone("10000000202")
    assert found is not None and found.id == me.id and person_of_phone(PHONE) is None
    assert elsewhere.get("/me").status_code == 303
    assert client.get("/me").status_code == 200


def test_a_code_for_the_new_telephone_signs_nobody_in(app: Flask, client: FlaskClient, me: Person) -> None:
    submit(client, "/me/phone", {"phone": "10000000202"})
    code, thief = last_code(), app.test_client()
    submit(thief, "/sign-in", {"phone": "10000000202", "next": "/", "has_code": "y"})
    assert submit(thief, "/sign-in/code", {"code": code}).status_code == 400


def test_a_telephone_of_somebody_else_is_not_taken(client: FlaskClient, me: Person) -> None:
    with transaction():
        make_person(phone="10000000202")
    submit(client, "/me/phone", {"phone": "10000000202"})
    page = submit(client, "/me/phone/code", {"code": last_code()})
    assert page.status_code == 400 and "不能用" in page.get_data(as_text=True)
    assert me.phone == PHONE


def test_other_browsers_can_be_signed_out(app: Flask, client: FlaskClient, me: Person) -> None:
    elsewhere = app.test_client()
    with transaction():
        sign_in(elsewhere, me)
    assert submit(client, "/me", {}, to="/me/sign-ins/end").status_code == 303
    assert elsewhere.get("/me").status_code == 303
    assert client.get("/me").status_code == 200


def test_closing_erases_what_is_personal_and_keeps_the_trace(
    app: Flask, client: FlaskClient, me: Person
) -> None:
    heard: list[int] = []

    def note_closing(person_id: int) -> None:
        heard.append(person_id)

    listens("person.closed")(note_closing)
    elsewhere = app.test_client()
    with transaction():
        sign_in(elsewhere, me)
    submit(client, "/me/close", {}, to="/me/close/code")
    code = last_code()
    assert submit(client, "/me/close", {"code": code}).status_code == 400  # the tick is missing
    assert submit(client, "/me/close", {"code": code, "is_sure": "y"}).location == "/"
    worker.run_due()
    LISTENERS["person.closed"].pop(f"{note_closing.__module__}:{note_closing.__qualname__}")

    db.session.rollback()
    assert (me.phone, me.phone_hash, me.name) == (None, None, "") and me.closed_at is not None
    assert heard == [me.id]
    assert all(row.ended_at for row in db.session.scalars(select(SignIn)))
    assert client.get("/me").status_code == 303 and elsewhere.get("/me").status_code == 303
    consent = db.session.scalars(select(Consent)).one()
    assert consent.withdrawn_at is not None and consent.version
    assert db.session.scalars(select(AuditLine).where(AuditLine.action == "person.closed")).one()
    assert_nothing_left(PHONE)


def test_everything_about_a_person_has_sign_ins_desk_drafts_messages_and_acts(
    app: Flask, client: FlaskClient, me: Person
) -> None:
    with transaction():
        open_account(me, "wangxl", "青石湾村委会")
        drafts.keep([("words", "写了一半")], key="k" * 43, person_id=me.id, form="/report", page="/report")
        send_code(PHONE)
    correct = submit(client, "/me/name", {"name": "王秀兰"})
    assert correct.status_code == 303
    about = client.get("/me/export.json").get_json()

    assert about["登录记录"][0]["方式"] == "手机"
    assert (about["工作账号"]["登录名"], about["工作账号"]["单位"]) == ("wangxl", "青石湾村委会")
    assert about["没交的内容"][0]["内容"] == [["words", "写了一半"]]
    assert [each["哪一种"] for each in about["短信"]] == ["sign-in-code"]
    assert "person.corrected" in [each["事"] for each in about["办过的事"]]
    secrets = official_account(me.id).password_hash
    assert secrets not in client.get("/me/export.json").get_data(as_text=True)


def assert_nothing_left(phone: str) -> None:
    marks = {phone, keyed_hash("phone", phone)}
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            assert not marks & {value for value in row if isinstance(value, str)}, table.name
    assert db.session.scalars(select(OneTimeCode)).all() == []
    assert all(row.phone_sealed is None for row in db.session.scalars(select(OutgoingMessage)))


def test_after_closing_the_same_telephone_begins_afresh(app: Flask, client: FlaskClient, me: Person) -> None:
    with transaction():
        close_account(me.id)
    assert sign_in_by_phone(client, PHONE).location == "/sign-in/agree"
    submit(client, "/sign-in/agree", {"agree": "y"})
    fresh = person_of_phone(PHONE)
    assert fresh is not None and fresh.id != me.id


def test_an_official_hands_over_before_closing(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        official = make_official()
    with pytest.raises(StillAppointed), transaction():
        close_account(official.id)
    db.session.rollback()
    assert official.closed_at is None


def test_a_consent_is_given_once_and_can_be_taken_back(app: Flask, me: Person) -> None:
    with transaction():
        give_consent(me.id, "place", "2026-11")
        give_consent(me.id, "place", "2026-11")
    assert has_consented(me.id, "place", "2026-11") and not has_consented(me.id, "face", "2026-11")
    with transaction():
        withdraw_consent(me.id, "place")
    assert not has_consented(me.id, "place", "2026-11")
    rows = db.session.scalars(select(Consent).where(Consent.kind == "place")).all()
    assert len(rows) == 1
