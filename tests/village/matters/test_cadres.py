"""A matter about the village's own cadres goes to the town's discipline office, and the village learns nothing: not on any page."""

from __future__ import annotations

import io
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from commons import slots
from commons.accounts.permissions import acting_as
from commons.audit import AuditLine
from commons.clock import today
from commons.db import db, transaction
from commons.messaging.queries import shown_messages
from commons.uploads import Upload
from tests.commons.uploading import photo
from tests.make.divisions import VILLAGE
from tests.make.people import make_appointment, make_official, make_person, sign_in
from tests.village.matters.reporting import (
    COUNTY,
    TOWN,
    act,
    at_desk,
    form_key,
    report,
    send,
    stored,
    the_matter,
)
from village.desk.queries import figures, own_matters, villages_with_matters, weekly_counts
from village.desk.rules import weeks_until
from village.matters.models import MatterFile, MatterStep
from village.matters.queries import balance, desk_matters, in_reach, waiting_here

SECRET = "网格员优亲厚友"
DESKS = [
    ("clerk", VILLAGE),
    ("officer", f"{VILLAGE}-03"),
    ("keeper", VILLAGE),
    ("town", TOWN),
    ("county", COUNTY),
]


@pytest.fixture
def secret(app: Flask, plate: str) -> str:
    """The number of a matter about the grid officer, with a phone and a photo."""
    number, _ = report(
        app.test_client(), plate, category="cadres", words=SECRET, phone="10000000042",
        pictures=(io.BytesIO(photo(64, 48)), "a.jpg"), answer="go",
    )  # fmt: skip
    return number


def photo_of(number: str) -> str:
    statement = select(Upload.key).join(MatterFile, MatterFile.upload_id == Upload.id)
    return db.session.scalars(statement.where(MatterFile.matter_id == the_matter(number).id)).one()


def test_it_is_on_the_discipline_offices_desk_at_once(discipline: FlaskClient, secret: str) -> None:
    matter = the_matter(secret)

    assert (matter.desk, matter.desk_area, matter.discipline_area) == ("discipline", TOWN, TOWN)
    assert SECRET in discipline.get("/desk/matters").get_data(as_text=True)
    assert SECRET in discipline.get("/desk").get_data(as_text=True)


@pytest.mark.parametrize(("role", "area"), DESKS)
def test_no_page_of_any_other_desk_knows_of_it(
    app: Flask, plate: str, secret: str, role: str, area: str
) -> None:
    desk = at_desk(app, role, area)
    pages = ["/desk", *(f"/desk/matters?which={which}" for which in ("mine", "open", "late", "done", "all"))]
    pages += [f"/desk/matters?q={SECRET}", f"/desk/matters?which=all&q={secret}"]
    for page in pages:
        text = (
            desk.get(page).get_data(as_text=True).replace(f'value="{secret}"', "").replace(f"q={secret}", "")
        )
        assert SECRET not in text.replace(f'value="{SECRET}"', "")
        assert secret not in text
        assert "一共报来 0 件" in text or "/desk/matters" not in page or role == "keeper"


@pytest.mark.parametrize(("role", "area"), [*DESKS, ("discipline", "420199999")])
def test_every_route_of_the_desk_says_there_is_none(
    app: Flask, plate: str, secret: str, role: str, area: str
) -> None:
    desk = at_desk(app, role, area)
    expected = 403 if role == "keeper" else 404
    gets = [f"/desk/matters/{secret}", f"/desk/matters/{secret}/slip"]
    posts = [
        *(
            f"/desk/matters/{secret}/{name}"
            for name in ("take", "answer", "hand_on", "send_back", "refuse", "close")
        )
    ]
    answers = [desk.get(page) for page in gets]
    answers += [
        desk.post(page, data={"answer-words": "看到了", "phone-reason": "想知道"})
        for page in [*posts, f"/desk/matters/{secret}/phone"]
    ]
    absent = desk.get("/desk/matters/123456789012")

    slip_is_not_theirs = {403} if role == "discipline" else set()
    assert {answer.status_code for answer in answers} <= {expected} | slip_is_not_theirs
    assert said(answers[0]) == said(absent)
    assert all("10000000042" not in answer.get_data(as_text=True) for answer in answers)
    assert desk.get(f"/files/{photo_of(secret)}").status_code == 404
    assert the_matter(secret).state == "waiting"


def said(answer: TestResponse) -> str:
    """What a page says beneath its head, which repeats the address."""
    return answer.get_data(as_text=True).split("<main")[1].split("</main>")[0]


def test_all_routes_that_take_a_number_are_among_those_tried(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk_matters.")]

    assert sorted(rule.rule for rule in rules if "number" in rule.arguments) == [
        "/desk/matters/<number>",
        "/desk/matters/<number>/<any(take, answer, hand_on, send_back, refuse, close):name>",
        "/desk/matters/<number>/phone",
        "/desk/matters/<number>/slip",
    ]


@pytest.mark.parametrize(("role", "area"), DESKS)
def test_no_count_of_any_other_desk_moves(app: Flask, plate: str, role: str, area: str) -> None:
    with transaction():
        person_id = make_official(role=role, area=area).id

    def counts() -> list[object]:
        db.session.rollback()
        with acting_as(person_id), app.test_request_context():
            weeks = weeks_until(the_day())
            found = [
                balance(),
                waiting_here(person_id),
                figures(the_day()),
                own_matters(person_id),
                weekly_counts(weeks),
            ]
            return [*found, villages_with_matters(the_day()), desk_matters("all", "", person_id, 1).total]

    before = counts()
    report(app.test_client(), plate, category="cadres", words=SECRET)
    assert counts() == before
    report(app.test_client(), plate, words="路灯")
    assert (counts() == before) == (role == "keeper")


def the_day() -> date:
    return today()


def test_the_audit_lines_of_the_village_say_nothing(app: Flask, discipline: FlaskClient, secret: str) -> None:
    act(discipline, secret, "take")
    discipline.post(f"/desk/matters/{secret}/phone", data={"phone-reason": "核实情况"})
    lines = db.session.scalars(select(AuditLine).where(AuditLine.subject == f"matter:{secret}")).all()

    assert {line.action for line in lines} == {"matter.take", "matter.phone_opened"}
    assert {line.area for line in lines} == {TOWN}


def test_the_row_holds_nothing_that_leads_to_the_reporter(app: Flask, plate: str) -> None:
    client = app.test_client()
    with transaction():
        sign_in(client, make_person(phone="10000000043"))
    number, _ = report(
        client, plate, category="cadres", words=SECRET, pictures=(io.BytesIO(photo(64, 48)), "a.jpg")
    )
    other, _ = report(client, plate)
    matter, ordinary = the_matter(number), the_matter(other)
    upload = db.session.scalars(select(Upload).where(Upload.key == photo_of(number))).one()

    assert (matter.person_id, matter.door_id, matter.grid_area, matter.village_code) == (
        None,
        None,
        None,
        None,
    )
    assert (upload.person_id, matter.place) == (None, "青石湾村")
    assert db.session.scalars(
        select(MatterStep.person_id).where(MatterStep.matter_id == matter.id)
    ).all() == [None]
    assert ordinary.person_id is not None
    assert matter.owner_hash != ordinary.owner_hash
    acts = db.session.scalars(
        select(AuditLine).where(or_(AuditLine.subject.contains(number), AuditLine.area == TOWN))
    )
    assert acts.all() == []


def test_opening_the_identity_needs_a_reason_and_is_logged_each_time(
    discipline: FlaskClient, secret: str
) -> None:
    page = discipline.get(f"/desk/matters/{secret}").get_data(as_text=True)
    refused = discipline.post(f"/desk/matters/{secret}/phone", data={"phone-reason": ""}).get_data(
        as_text=True
    )
    opened = [
        discipline.post(f"/desk/matters/{secret}/phone", data={"phone-reason": why})
        for why in ("核实", "回访")
    ]

    assert "10000000042" not in page + refused
    assert all("10000000042" in each.get_data(as_text=True) for each in opened)
    reasons = select(AuditLine.reason).where(AuditLine.action == "matter.phone_opened").order_by(AuditLine.id)
    assert db.session.scalars(reasons).all() == ["核实", "回访"]


def test_the_discipline_office_cannot_hand_it_back_into_the_village(
    discipline: FlaskClient, secret: str
) -> None:
    for target in (f"clerk:{VILLAGE}", f"officer:{VILLAGE}-03", f"town:{TOWN}", f"county:{COUNTY}"):
        assert act(discipline, secret, "hand_on", target=target, words="请村里看看").status_code == 400
    assert the_matter(secret).desk == "discipline"


def test_who_holds_an_office_of_that_village_too_does_not_see_it(app: Flask, secret: str) -> None:
    desk = app.test_client()
    with transaction():
        person = make_official(role="discipline", area=TOWN)
        make_appointment(person=person, role="officer", area=f"{VILLAGE}-03")
        sign_in(desk, person)

    assert desk.get(f"/desk/matters/{secret}").status_code == 404
    assert SECRET not in desk.get("/desk/matters?which=all").get_data(as_text=True)


def test_an_official_who_meets_such_words_can_send_it_there_and_sees_it_no_more(
    client: FlaskClient, officer: FlaskClient, discipline: FlaskClient, plate: str
) -> None:
    number, _ = report(client, plate, words=SECRET, answer="go")
    sent = act(officer, number, "hand_on", target=f"discipline:{TOWN}", words="涉及干部，转纪检")
    matter = the_matter(number)

    assert sent.location == "/desk/matters"
    assert officer.get(f"/desk/matters/{number}").status_code == 404
    assert discipline.get(f"/desk/matters/{number}").status_code == 200
    assert (matter.place, matter.state, matter.door_id) == ("青石湾村", "waiting", None)
    assert act(discipline, number, "take").status_code == 303


def test_words_about_cadres_are_asked_about_and_go_there_by_one_press(
    client: FlaskClient, plate: str
) -> None:
    key = form_key(client, plate)
    asked = send(client, plate, key=key, words="书记吃回扣").get_data(as_text=True)
    number = send(client, plate, key=key, words="书记吃回扣", answer="cadres").location.split("/")[2]

    assert "直接送乡镇纪检" in asked
    assert stored() == 1
    assert the_matter(number).desk == "discipline"


def test_the_reporter_follows_it_like_any_other(
    app: Flask, client: FlaskClient, discipline: FlaskClient, plate: str
) -> None:
    number, code = report(client, plate, category="cadres", words=SECRET, phone="10000000042")
    act(discipline, number, "take")
    act(discipline, number, "answer", words="正在核实")
    other = app.test_client()
    other.post("/matters", data={"number": number, "code": code})
    text = other.get(f"/matters/{number}").get_data(as_text=True)

    assert "乡镇纪检" in text
    assert "正在核实" in text
    assert not any("纪检" in message.words or SECRET in message.words for message in shown_messages())


def test_the_database_refuses_a_row_that_has_a_village_and_a_discipline_area(app: Flask, secret: str) -> None:
    with pytest.raises(IntegrityError), transaction():
        the_row = db.session.get(type(the_matter(secret)), 1)
        assert the_row is not None
        the_row.village_code = VILLAGE


def test_nobody_reaches_anything_without_an_office(app: Flask, secret: str) -> None:
    with app.test_request_context():
        assert db.session.scalars(select(type(the_matter(secret))).where(in_reach())).all() == []
        assert slots.pieces("desk-place", None) == []
