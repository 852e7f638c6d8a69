"""A stranger learns nothing about people, and neither does anyone who reads logs, addresses, caches or the audit."""

from __future__ import annotations

import gzip
import logging
import re
from dataclasses import replace
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import event, select

from commons.accounts.permissions import acting_as
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.outbox import Job
from tests.make.divisions import VILLAGE
from tests.make.doors import LAT, LNG, make_door, make_plate
from tests.make.households import make_household, make_member
from tests.make.people import make_person
from tests.sharing import TEMPLATES
from tests.village.households.conftest import Home
from village.households import actions, joining
from village.households.rules import LeftReason, Occupancy
from village.plates.models import Plate
from village.public import page_version
from wsgi import create_app

PACKED = {"Accept-Encoding": "gzip"}
NAME, PHONE = "尉迟隐名", "10066667777"


def answer(client: FlaskClient, plate: Plate, query: str = "") -> tuple[int, dict[str, str], str, str]:
    """A door's answer with what is its own taken out: status, headers, page, ETag."""
    got = client.get(f"/D/{plate.code}{query}", headers=PACKED)
    text = gzip.decompress(got.data).decode()
    label = {"A": "81", "B": "82", "C": "83", "D": "84", "E": "85", "F": "86"}
    for number in label.values():
        text = text.replace(f"<b>{number}</b>", "<b>N</b>").replace(f"{number}号", "N号")
    text = text.replace(plate.code, "CODE").replace(f"{plate.code[:5]}-{plate.code[5:]}", "CODE")
    headers = {name: value for name, value in got.headers if name not in {"ETag", "Content-Length"}}
    return got.status_code, headers, text, got.headers["ETag"]


def doors_at_one_spot() -> dict[str, Plate]:
    """Six doors at one place: one with nobody, one of each state, one with an elder alone who is looked after."""
    plates = {}
    for label, state in zip(("81", "82", "83", "84", "85", "86"), ("", *Occupancy, "elder"), strict=True):
        door = make_door(label=label, group_no=3, at=(LAT, LNG))
        plates[state] = make_plate(door=door)
        if state:
            household = make_household(door=door, occupancy=Occupancy.resident if state == "elder" else state)
            count = {"elder": 1, "vacant": 0}.get(state, 3)
            for number in range(count):
                make_member(household=household, name=f"{NAME}{number}", is_away=number == 2)
    return plates


@pytest.mark.parametrize("query", ["", "?big=1", "?lang=en"])
def test_every_door_of_a_spot_answers_the_same_whoever_lives_there(
    client: FlaskClient, clock: FrozenClock, query: str
) -> None:
    answers = [answer(client, plate, query)[:3] for plate in doors_at_one_spot().values()]

    assert all(each == answers[0] for each in answers)
    assert NAME not in answers[0][2]


def test_every_door_of_a_spot_costs_the_same_questions(client: FlaskClient, clock: FrozenClock) -> None:
    plates = doors_at_one_spot()
    client.get(f"/D/{plates[''].code}", headers=PACKED)  # the shared shell is made once
    del plates[""]
    counts = set()
    for plate in plates.values():
        asked: list[str] = []

        def note(_c: object, _k: object, statement: str, *_: object, into: list[str] = asked) -> None:
            into.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        client.get(f"/D/{plate.code}", headers=PACKED)
        event.remove(db.engine, "before_cursor_execute", note)
        assert not [words for words in asked if "household" in words]
        counts.add(len(asked))
    assert len(counts) == 1


def test_whatever_happens_in_a_household_the_public_page_stays_to_the_byte(
    home: Home, client: FlaskClient, clock: FrozenClock
) -> None:
    public = [
        f"/D/{home.plate.code}",
        f"/D/{home.plate.code}?big=1",
        f"/notices?village={VILLAGE}",
        f"/artisans?village={VILLAGE}",
    ]
    version, before = page_version(VILLAGE), [look(client, address) for address in public]
    person, _ = home.somebody()
    with acting_as(home.officer), transaction():
        code = joining.issue_slip(home.officer.id, home.household.id).code
    with transaction():
        joined = joining.redeem_slip(person.id, code, "李四海")
    with acting_as(home.officer), transaction():
        actions.set_occupancy(home.officer.id, home.household.id, Occupancy.vacant)
        actions.end_membership(home.member.id, LeftReason.died)
        actions.set_away(joined, True)
        actions.open_household(home.door.id, Occupancy.let)
    another = create_app(home.app.extensions["settings"])  # a process that remembers no page makes them anew
    another.jinja_env.bytecode_cache = TEMPLATES

    assert page_version(VILLAGE) == version
    assert [look(client, address) for address in public] == before
    assert [look(another.test_client(), address) for address in public] == before
    with another.app_context():
        db.engine.dispose()


def look(client: FlaskClient, address: str) -> tuple[int, list[tuple[str, str]], bytes]:
    got = client.get(address, headers=PACKED)
    return (
        got.status_code,
        sorted((name, value) for name, value in got.headers if name != "Set-Cookie"),
        got.data,
    )


def test_being_signed_in_changes_nothing_on_the_page_of_a_door(home: Home, client: FlaskClient) -> None:
    address = f"/D/{home.plate.code}"

    assert look(home.mine, address) == look(client, address) == look(home.desk, address)


SECRETS = [NAME, PHONE, "诸葛申请", "自住", "出租", "办公", "空置", *(rf"\b{state}\b" for state in Occupancy)]


def a_life(home: Home) -> list[Any]:
    """Everything that can happen around a household, through its pages; returns the answers."""
    desk, answers = home.desk, []
    with transaction():
        person = make_person(phone=PHONE, name=NAME)
        asker = make_person(name="诸葛申请")
    mine, theirs = home.browser(person), home.browser(asker)
    of = f"/desk/households/of/{home.household.id}"
    answers.append(desk.post(f"{of}/members", data={"name": NAME, "phone": PHONE, "is_present": "y"}))
    answers.append(mine.post("/me/household/claim", data={"name": NAME}))
    member = f"/desk/households/members/{home.member.id + 1}"
    for occupancy in Occupancy:
        answers.append(desk.post(f"{of}/state", data={"occupancy": occupancy.value}))
    answers.append(desk.post(f"{of}/slip.pdf"))
    answers.append(theirs.post("/me/join/ask", data={"ask-door": home.plate.code, "ask-name": "诸葛申请"}))
    answers.append(theirs.post("/me/join", data={"code": "ABCD2345", "name": "诸葛申请"}))
    answers.append(desk.post(member, data={"reason": "visit", "words": "一切平安"}))
    answers.append(mine.get("/me/household"))
    answers.append(mine.get(f"/me/door/{home.plate.code}"))
    answers.append(
        mine.post("/me/household/requests/1", data={"answer": "agree", "household": home.household.id})
    )
    answers.append(desk.post(f"{member}/confirm-phone"))
    answers.append(desk.post(f"{member}/end", data={"reason": "moved"}))
    answers.append(desk.post(f"/desk/households/{home.door.id}/open", data={"occupancy": "let"}))
    return answers


def test_no_name_telephone_or_state_is_in_the_audit_a_job_or_an_address(home: Home) -> None:
    answers = a_life(home)
    assert {each.status_code for each in answers} <= {200, 303, 400}
    db.session.rollback()
    lines = [
        f"{line.action} {line.subject} {line.area} {line.reason} {line.detail}"
        for line in db.session.scalars(select(AuditLine))
    ]
    jobs = [f"{job.kind} {job.payload} {job.unique_key}" for job in db.session.scalars(select(Job))]
    addresses = [str(each.location or "") for each in answers]
    rules = [rule.rule for rule in home.app.url_map.iter_rules() if "household" in rule.endpoint]

    assert len(lines) > 8
    for words in SECRETS:
        assert not [text for text in (*lines, *jobs, *addresses, *rules) if re.search(words, text)], words


def test_no_name_telephone_or_state_is_in_a_line_of_the_log(
    home: Home, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    said: list[str] = []

    def keep(_logger: object, _method: str, line: Any) -> Any:
        said.append(str(line))
        raise structlog.DropEvent

    settings = home.app.extensions["settings"]
    home.app.extensions["settings"] = replace(
        settings, mode="public"
    )  # one line per request, as in production
    before = structlog.get_config()
    structlog.configure(processors=[keep], wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    try:
        a_life(home)
    finally:
        structlog.configure(**before)
    written = f"{said} {caplog.text} {capfd.readouterr()}"

    assert len(said) > 15
    for words in SECRETS:
        assert not re.search(words, written), words


def test_names_and_telephones_are_sealed_in_the_database(home: Home) -> None:
    with acting_as(home.officer), transaction():
        joining.enter_member(home.officer.id, home.household.id, NAME, PHONE)
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM household_member").fetchall()
    stored = b" ".join(
        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
        for row in rows
        for cell in row
    )

    assert NAME.encode() not in stored and PHONE.encode() not in stored


def test_no_page_of_a_household_is_kept_by_a_browser_or_proxy(home: Home) -> None:
    for client, address in (
        (home.mine, "/me/household"),
        (home.mine, f"/me/door/{home.plate.code}"),
        (home.desk, "/desk/households"),
        (home.desk, f"/desk/households/{home.door.id}"),
    ):
        assert client.get(address).headers["Cache-Control"] == "no-store"
