"""One grid, one officer: named from the list or by telephone, and gone at once when another comes."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.accounts.desk.actions import disable_account, official_with
from commons.accounts.models import Person
from commons.accounts.permissions import acting_as, scope_for
from commons.accounts.queries import appointments_of, holders_of, person_of_phone
from commons.db import db, transaction
from tests.make.divisions import VILLAGE
from tests.make.people import make_official, make_person
from tests.village.drawing.drawing_examples import clerk_at, make_settled_village, typed
from village.drawing.officer_actions import Naming, name_officer
from village.public import page_version

HERE = f"/desk/grids/{VILLAGE}"
AREA = f"{VILLAGE}-01"
PHONE = "10088880001"


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    """A clerk's browser in a village with one drawn grid."""
    make_settled_village()
    client = clerk_at(app)[0]
    client.post(f"{HERE}/draw", data=typed(groups=["1"]))
    return client


def official(name: str, area: str = f"{VILLAGE}-02", role: str = "officer") -> Person:
    with transaction():
        return make_official(role=role, area=area, name=name)


def names() -> list[str]:
    db.session.rollback()
    return [person.name for person in holders_of("officer", AREA)]


def test_an_officer_is_chosen_from_the_officials_of_the_village(desk: FlaskClient) -> None:
    first, before = official("王建国"), page_version(VILLAGE) or 0

    assert "王建国" in desk.get(f"{HERE}/1/officer").get_data(as_text=True)
    assert desk.post(f"{HERE}/1/officer", data={"person": str(first.id)}).status_code == 303
    assert names() == ["王建国"]
    assert "王建国" in desk.get(HERE).get_data(as_text=True)
    assert page_version(VILLAGE) == before + 1


def test_the_one_before_ceases_in_the_same_moment(desk: FlaskClient) -> None:
    first, second = official("王建国"), official("李秋菊")
    for person in (first, second):
        desk.post(f"{HERE}/1/officer", data={"person": str(person.id)})

    assert names() == ["李秋菊"]
    held = [(one.role, one.area) for one in appointments_of(first.id)]
    assert not scope_for("see-doors", first.id, held).covers(AREA)
    assert desk.post(f"{HERE}/1/officer", data={"person": ""}).status_code == 303
    assert names() == []


def test_naming_the_same_again_changes_nothing(desk: FlaskClient) -> None:
    first = official("王建国")
    for _ in range(2):
        desk.post(f"{HERE}/1/officer", data={"person": str(first.id)})

    assert len([one for one in appointments_of(first.id) if one.area == AREA]) == 1


def test_a_telephone_with_an_account_is_enough(desk: FlaskClient) -> None:
    with transaction():
        known = make_official(role="clerk", area="420199104208", name="外村人")
        phone = known.phone
    assert desk.post(f"{HERE}/1/officer", data={"person": "", "phone": phone}).status_code == 303
    assert names() == ["外村人"]


def test_a_new_officer_gets_an_account_and_a_password_shown_once(desk: FlaskClient) -> None:
    data = {"person": "", "phone": PHONE, "name": "赵小满", "sign_in_name": "zhaoxm"}
    page = desk.post(f"{HERE}/1/officer", data=data).get_data(as_text=True)
    person = person_of_phone(PHONE)

    assert names() == ["赵小满"]
    assert person is not None
    shown = page.split("请当面交给本人")[1].split("<b>")[1].split("</b>")[0]
    assert official_with("zhaoxm", shown) == person.id


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"phone": "12345"}, "11 位数字"),
        ({"phone": PHONE}, "请填姓名"),
        ({"phone": PHONE, "name": "赵小满"}, "登录名"),
        ({"phone": PHONE, "name": "赵小满", "sign_in_name": "赵"}, "登录名用"),
        ({"person": "999999"}, "从村里的工作人员中选"),
        ({"person": "x"}, "从村里的工作人员中选"),
    ],
)
def test_a_wrong_naming_is_answered_and_changes_nothing(
    desk: FlaskClient, fields: dict[str, str], words: str
) -> None:
    answer = desk.post(f"{HERE}/1/officer", data={"person": "", **fields})

    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)
    assert names() == []
    assert person_of_phone(PHONE) is None


def test_whoever_may_not_sign_in_is_not_named(desk: FlaskClient) -> None:
    gone = official("刘长顺")
    with transaction():
        disable_account(gone.id)
        villager = make_person(name="王秀兰")
        phone = gone.phone or ""

    for fields in ({"person": str(gone.id)}, {"person": str(villager.id)}, {"person": "", "phone": phone}):
        assert desk.post(f"{HERE}/1/officer", data=fields).status_code == 400
    assert names() == []


def test_two_clerks_who_name_at_once_leave_one_officer(app: Flask, desk: FlaskClient) -> None:
    clerk, people = official("陈桂芳", VILLAGE, "clerk"), [official("王建国"), official("李秋菊")]
    start, ids = threading.Barrier(2), [person.id for person in people]

    def attempt(person_id: int) -> None:
        with app.app_context():
            start.wait()
            with acting_as(clerk.id), transaction():
                name_officer(VILLAGE, 1, Naming(person_id), db.session.get_one(Person, clerk.id))

    threads = [threading.Thread(target=attempt, args=(person_id,)) for person_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(names()) == 1
