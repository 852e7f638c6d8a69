"""Who may name whom, the official's own account, and the commands for the first official."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.accounts.actions import appoint, end_appointment
from commons.accounts.desk import passwords
from commons.accounts.models import Appointment, SignIn
from commons.accounts.queries import appointments_of, holders_of, official_of_name, person_of_phone
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from tests.commons.accounts.browsing import official_account, submit
from tests.commons.accounts.test_desk import OWN, give_password
from tests.make.people import make_official, sign_in

VILLAGE, TOWN, COUNTY = "429005103218", "429005103", "429005"


def desk_of(client: FlaskClient, role: str, area: str) -> int:
    with transaction() as writing:
        person = make_official(role=role, area=area, name="上级")
        writing.flush()
        official_account(person.id).password_hash = passwords.hashed(OWN)
        sign_in(client, person)
        return person.id


def naming(role: str = "clerk", area: str = VILLAGE, **changes: str) -> dict[str, str]:
    plain = {
        "phone": "10000000505",
        "name": "陈小满",
        "sign_in_name": "chenxm",
        "organisation": "青石湾村委会",
    }
    return {**plain, "role": role, "area": area, **changes}


def test_a_town_names_a_clerk_who_gets_a_temporary_password(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    desk_of(client, "town", TOWN)
    page = submit(client, "/desk/officials", naming()).get_data(as_text=True)
    shown = re.search(r"<b>((?:[a-z2-9]{4}-){3}[a-z2-9]{4})</b>", page)
    assert shown and "陈小满" in page
    person = person_of_phone("10000000505")
    assert person is not None
    assert [(held.role, held.area) for held in appointments_of(person)] == [("clerk", VILLAGE)]
    official = official_of_name("chenxm")
    assert official is not None and official.must_change_password and shown[1] not in official.password_hash
    assert shown[1] not in client.get("/desk/officials").get_data(as_text=True)  # shown once
    assert db.session.scalars(select(AuditLine).where(AuditLine.action == "appointment.made")).all()


@pytest.mark.parametrize(
    ("role", "area"),
    [("clerk", "429005104001"), ("town", TOWN), ("county", COUNTY), ("operator", ""), ("discipline", TOWN)],
)
def test_nobody_names_beyond_their_own_area_or_rank(
    app: Flask, client: FlaskClient, clock: FrozenClock, role: str, area: str
) -> None:
    desk_of(client, "town", TOWN)
    page = submit(client, "/desk/officials", naming(role, area)).get_data(as_text=True)
    assert "不归您办" in page
    assert person_of_phone("10000000505") is None


@pytest.mark.parametrize(
    ("role", "area"),
    [("clerk", TOWN), ("officer", VILLAGE), ("clerk", "429005103218-01"), ("keeper", "4290051032xx")],
)
def test_an_area_of_the_wrong_depth_is_refused(
    app: Flask, client: FlaskClient, clock: FrozenClock, role: str, area: str
) -> None:
    desk_of(client, "town", TOWN)
    page = submit(client, "/desk/officials", naming(role, area)).get_data(as_text=True)
    assert "范围应填" in page and 'value="陈小满"' in page


def test_a_sign_in_name_is_given_once(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    desk_of(client, "town", TOWN)
    submit(client, "/desk/officials", naming())
    page = submit(client, "/desk/officials", naming(phone="10000000506")).get_data(as_text=True)
    assert "已经有人用" in page
    page = submit(client, "/desk/officials", naming(phone="10000000506", sign_in_name="Bad Name")).get_data(
        as_text=True
    )
    assert "小写字母" in page


def test_a_clerk_sees_colleagues_of_the_village_alone_and_names_nobody(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    desk_of(client, "clerk", VILLAGE)
    with transaction():
        make_official(role="officer", area=f"{VILLAGE}-01", name="本村网格员")
        make_official(role="officer", area="429005103219-01", name="邻村网格员")
    page = client.get("/desk/officials").get_data(as_text=True)
    assert "本村网格员" in page and "邻村网格员" not in page
    assert submit(client, "/desk/account", naming(), to="/desk/officials").status_code == 403


def test_ending_an_appointment_out_of_reach_looks_like_none(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    desk_of(client, "town", TOWN)
    with transaction():
        near = make_official(role="officer", area=f"{VILLAGE}-01")
        far = make_official(role="officer", area="429005104001-01")
    near_id, far_id = appointments_of(near)[0].id, appointments_of(far)[0].id
    assert submit(client, "/desk/officials", {}, to=f"/desk/officials/{far_id}/end").status_code == 404
    assert submit(client, "/desk/officials", {}, to=f"/desk/officials/{near_id}/end").status_code == 303
    clock.move(seconds=1)
    db.session.rollback()
    assert appointments_of(near) == [] and len(appointments_of(far)) == 1
    ended = db.session.get(Appointment, near_id)
    assert ended is not None and ended.until_at is not None


def test_a_reset_signs_the_official_out_and_needs_rank_over_all_of_them(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    desk_of(client, "town", TOWN)
    theirs = app.test_client()
    with transaction():
        officer = make_official(role="officer", area=f"{VILLAGE}-01")
        sign_in(theirs, officer)
    appointment = appointments_of(officer)[0].id
    page = submit(client, "/desk/officials", {}, to=f"/desk/officials/{appointment}/reset").get_data(
        as_text=True
    )
    assert "临时密码" in page
    assert theirs.get("/desk/account").status_code == 303

    with transaction():
        appoint(officer, "county", COUNTY)
    assert submit(client, "/desk/officials", {}, to=f"/desk/officials/{appointment}/reset").status_code == 403


def test_a_county_shuts_an_account_at_once_with_a_reason_and_opens_it_again(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    by = desk_of(client, "county", COUNTY)
    theirs, on_a_phone = app.test_client(), app.test_client()
    with transaction():
        officer = make_official(role="officer", area=f"{VILLAGE}-01", name="陈小满", sign_in_name="chenxm")
        official_account(officer.id).password_hash = passwords.hashed(OWN)
        sign_in(theirs, officer)
        sign_in(on_a_phone, officer, kind="person")
    shut = f"/desk/officials/{appointments_of(officer)[0].id}/disable"
    page = client.get(shut).get_data(as_text=True)
    assert "chenxm" in page and "网格员" in page
    assert submit(client, shut, {}).status_code == 400 and theirs.get("/desk/account").status_code == 200

    assert submit(client, shut, {"reason": "stolen"}).location == "/desk/officials"

    assert theirs.get("/desk/account").status_code == on_a_phone.get("/me").status_code == 303
    assert give_password(app.test_client(), "chenxm").status_code == 400
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "official.disabled")).one()
    assert (line.person_id, line.subject, line.reason) == (
        by,
        f"person:{officer.id}",
        "密码、手机可能到了别人手里",
    )
    page = client.get("/desk/officials").get_data(as_text=True)
    assert "已停用" in page and "恢复账号" in page and client.get(shut).location == "/desk/officials"

    page = submit(client, "/desk/officials", {}, to=shut.replace("disable", "enable")).get_data(as_text=True)
    shown = re.search(r"<b>((?:[a-z2-9]{4}-){3}[a-z2-9]{4})</b>", page)
    assert shown and "恢复账号" not in page
    assert give_password(app.test_client(), "chenxm").status_code == 400  # the old password stays worthless
    answer = give_password(app.test_client(), "chenxm", shown[1])
    assert answer.location == "/desk/sign-in/enrol"
    assert db.session.scalars(select(AuditLine).where(AuditLine.action == "official.enabled")).one()


def test_nobody_shuts_an_account_that_stands_above_or_is_their_own(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    by = desk_of(client, "operator", "")
    own = appointments_of(by)[0].id
    page = submit(client, f"/desk/officials/{own}/disable", {"reason": "other"})
    assert page.status_code == 400 and "不能自己停用" in page.get_data(as_text=True)
    assert official_account(by).disabled_at is None

    town = app.test_client()
    desk_of(town, "town", TOWN)
    with transaction():
        officer = make_official(role="officer", area=f"{VILLAGE}-01")
        appoint(officer, "county", COUNTY)
    beneath = appointments_of(officer)[0].id
    page = submit(town, f"/desk/officials/{beneath}/disable", {"reason": "other"})
    assert page.status_code == 400 and official_account(officer.id).disabled_at is None
    assert submit(town, "/desk/officials", {}, to=f"/desk/officials/{beneath}/enable").status_code == 403


def test_an_account_is_shut_and_opened_from_the_command_line(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        officer = make_official(role="officer", area=f"{VILLAGE}-01", sign_in_name="chenxm").id
    run = app.test_cli_runner().invoke
    assert run(args=["officials", "disable", "chenxm", "--reason", "离岗"]).exit_code == 0
    db.session.rollback()
    assert official_account(officer).disabled_at is not None
    assert holders_of("officer", f"{VILLAGE}-01") == []
    answer = run(args=["officials", "enable", "chenxm"])
    assert answer.exit_code == 0 and "临时密码" in answer.output
    db.session.rollback()
    assert official_account(officer).disabled_at is None
    assert run(args=["officials", "disable", "nobody"]).exit_code != 0


def test_an_appointment_that_is_over_can_neither_be_ended_nor_lead_to_a_reset(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    desk_of(client, "town", TOWN)
    with transaction():
        person_id = make_official(role="officer", area=f"{VILLAGE}-01").id
    appointment = appointments_of(person_id)[0].id
    assert submit(client, "/desk/officials", {}, to=f"/desk/officials/{appointment}/end").status_code == 303
    clock.move(minutes=1)
    db.session.rollback()
    ended_at = db.session.get_one(Appointment, appointment).until_at
    before = official_account(person_id).password_hash
    for act in ("end", "reset"):
        answer = submit(client, "/desk/officials", {}, to=f"/desk/officials/{appointment}/{act}")
        assert answer.status_code == 404
    db.session.rollback()
    assert db.session.get_one(Appointment, appointment).until_at == ended_at
    assert official_account(person_id).password_hash == before
    with transaction():
        end_appointment(db.session.get_one(Appointment, appointment))
    assert db.session.get_one(Appointment, appointment).until_at == ended_at


def test_an_official_changes_the_password_and_is_signed_out_elsewhere(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    person_id = desk_of(client, "clerk", VILLAGE)
    new = "新米-鸡蛋-莲藕-橙子-茶"
    fields = {"change-password": "wrong", "change-new_password": new, "change-new_password_again": new}
    page = submit(client, "/desk/account", fields, to="/desk/account/password")
    assert "现在的密码不对" in page.get_data(as_text=True)
    fields["change-password"] = OWN
    assert submit(client, "/desk/account", fields, to="/desk/account/password").status_code == 303
    db.session.rollback()
    assert passwords.is_right(new, official_account(person_id).password_hash)
    assert client.get("/desk/account").status_code == 200


def test_a_pin_is_set_with_the_password_alone(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    person_id = desk_of(client, "clerk", VILLAGE)
    for fields, status in (
        ({"lock-password": "wrong", "lock-pin": "2749"}, 400),
        ({"lock-password": OWN, "lock-pin": "1234"}, 400),
        ({"lock-password": OWN, "lock-pin": "2749"}, 303),
    ):
        assert submit(client, "/desk/account", fields, to="/desk/account/pin").status_code == status
    db.session.rollback()
    assert passwords.is_right("2749", official_account(person_id).pin_hash)


def test_the_first_official_comes_from_a_command(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    fields = ["--name", "张敏", "--phone", "100 0000 0606", "--role", "operator"]
    answer = run(args=["officials", "add", "zhangmin", *fields])
    assert answer.exit_code == 0 and "临时密码" in answer.output
    assert official_of_name("zhangmin") is not None
    again = run(args=["officials", "reset", "zhangmin"])
    assert again.exit_code == 0 and "临时密码" in again.output
    assert run(args=["officials", "reset", "nobody"]).exit_code != 0
    bad = run(
        args=["officials", "add", "x", "--name", "张", "--phone", "1", "--role", "clerk", "--area", TOWN]
    )
    assert bad.exit_code != 0 and "12 位村代码" in bad.output
    assert db.session.scalars(select(SignIn)).all() == []
