"""A person joins by the officer's word, a paper slip or a present member, and never by a scan."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.routing import Rule

from commons.accounts.permissions import acting_as
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from geocode.door_codes import ALPHABET
from tests.make.divisions import VILLAGE
from tests.make.doors import make_door, make_grid, make_plate
from tests.make.households import make_household, make_member
from tests.make.people import unissued_phone
from tests.village.households.conftest import Home
from tests.village.papers.pdf_reading import text_of
from village.households import joining
from village.households.models import JoinRequest, Member, Slip
from village.households.queries import belongings_of
from village.households.rules import new_slip_code, normal_slip_code


def slip_for(home: Home, household_id: int | None = None) -> str:
    """A fresh slip's code, as only the paper knows it."""
    with acting_as(home.officer), transaction():
        return joining.issue_slip(home.officer.id, household_id or home.household.id).code


def where(person_id: int) -> list[int]:
    """The households a person belongs to just now."""
    db.session.rollback()
    return [each.household_id for each in belongings_of(person_id)]


def join(client: FlaskClient, code: str, name: str = "李四海") -> int:
    return client.post("/me/join", data={"code": code, "name": name}).status_code


def test_a_slip_from_the_printer_lets_somebody_in_once(home: Home, tmp_path: Path) -> None:
    printed = home.desk.post(f"/desk/households/of/{home.household.id}/slip.pdf")
    words = re.search(rf"([{ALPHABET}]{{4}})-([{ALPHABET}]{{4}})", text_of(BytesIO(printed.data).read()))
    assert words and printed.mimetype == "application/pdf" and printed.headers["Cache-Control"] == "no-store"
    first, one = home.somebody()
    second, two = home.somebody("孙五")

    assert join(one, f" {words[1].lower()} {words[2]}") == 303
    assert join(two, words[0], "孙五") == 400
    assert where(first.id) == [home.household.id]
    assert where(second.id) == []
    page = one.get("/me/household").get_data(as_text=True)
    assert "王秀兰" in page and "李四海" in page


def test_a_slip_is_stored_as_a_hash_alone(home: Home) -> None:
    code = slip_for(home)
    db.session.rollback()
    stored = db.session.scalars(select(Slip)).one()

    assert code not in stored.code_hash and len(stored.code_hash) == 64
    assert code not in str(
        [(line.action, line.subject, line.detail) for line in db.session.scalars(select(AuditLine))]
    )


@pytest.mark.parametrize("days", [7, 8, 400])
def test_a_slip_dies_after_seven_days(home: Home, clock: FrozenClock, days: int) -> None:
    code = slip_for(home)
    clock.move(days=days)
    person, client = home.somebody()

    assert join(client, code) == 400
    assert where(person.id) == []


def test_a_slip_lives_until_its_last_second(home: Home, clock: FrozenClock) -> None:
    code = slip_for(home)
    clock.move(days=7, seconds=-1)
    _, client = home.somebody()

    assert join(client, code) == 303


def test_a_slip_opens_the_household_it_was_made_for_and_no_other(home: Home) -> None:
    other = make_household(door=make_door(grid=make_grid()))
    code = slip_for(home)
    person, client = home.somebody()
    client.post(
        f"/me/join?household={other.id}", data={"code": code, "name": "李四海", "household": other.id}
    )

    assert where(person.id) == [home.household.id]


def test_a_withdrawn_slip_lets_nobody_in(home: Home) -> None:
    code = slip_for(home)
    db.session.rollback()
    slip_id = db.session.scalars(select(Slip.id)).one()
    assert home.desk.post(f"/desk/households/slips/{slip_id}/withdraw").status_code == 303
    person, client = home.somebody()

    assert join(client, code) == 400
    assert where(person.id) == []


def test_guessing_slips_is_stopped_even_for_the_right_one(home: Home) -> None:
    code = slip_for(home)
    person, client = home.somebody()
    answers = [join(client, new_slip_code()) for _ in range(5)]

    assert answers == [400] * 5
    assert join(client, code) == 429
    assert where(person.id) == []


def test_many_accounts_behind_one_address_guess_no_faster(home: Home) -> None:
    answers = set()
    for _ in range(13):
        _, client = home.somebody()
        answers |= {join(client, new_slip_code()) for _ in range(5)}

    assert answers == {400, 429}


@pytest.mark.parametrize(
    "code", ["", "ABCD", "ABCD-234O", "x" * 500, "'; DROP TABLE door; --", "２３４５６７８９"]
)
def test_what_is_no_code_is_refused_and_kept(home: Home, code: str) -> None:
    _, client = home.somebody()
    answer = client.post("/me/join", data={"code": code, "name": "李四海"})

    assert answer.status_code == 400
    assert 'value="李四海"' in answer.get_data(as_text=True)


@given(st.text(max_size=30))
def test_a_typed_code_is_eight_characters_of_the_alphabet_or_nothing(text: str) -> None:
    plain = normal_slip_code(text)
    assert plain == "" or (len(plain) == 8 and set(plain) <= set(ALPHABET))
    assert normal_slip_code(plain) == plain


def test_a_member_does_not_use_up_a_slip_for_the_own_household(home: Home) -> None:
    code = slip_for(home)
    assert join(home.mine, code, "王秀兰") == 400
    _, client = home.somebody()
    assert join(client, code) == 303


def test_no_page_that_takes_a_doors_code_lets_anybody_in(home: Home) -> None:
    """Whatever is sent where a door's code stands or may be sent: nobody is in without another's word."""
    person, client = home.somebody()
    code = home.plate.code
    fields = dict.fromkeys(("code", "door", "ask-door", "q", "slip", "household"), code)
    fields |= {"name": "王秀兰", "ask-name": "王秀兰", "answer": "agree"}
    for rule in sorted(home.app.url_map.iter_rules(), key=str):
        address = with_code(rule, code)
        if address is None or rule.endpoint.startswith("accounts."):
            continue  # accounts know no door, and signing out would end the test
        for method in {"GET", "POST"} & (rule.methods or set()):
            client.open(address, method=method, data=fields if method == "POST" else None)
    assert where(person.id) == []
    assert "王秀兰" not in client.get(f"/me/door/{code}").get_data(as_text=True)


def with_code(rule: Rule, code: str) -> str | None:
    """The address of a page that takes a door's code, in its path, its query or its form; None for others."""
    if set(rule.arguments) - {"code"}:
        return None
    return rule.rule.replace("<code>", code) if rule.arguments else f"{rule.rule}?door={code}&code={code}"


def ask(client: FlaskClient, code: str, name: str = "李四海") -> int:
    return client.post("/me/join/ask", data={"ask-door": code, "ask-name": name}).status_code


def the_request() -> JoinRequest:
    db.session.rollback()
    return db.session.scalars(select(JoinRequest).order_by(JoinRequest.id.desc()).limit(1)).one()


def test_a_present_member_agrees(home: Home) -> None:
    person, client = home.somebody()
    assert ask(client, home.plate.code) == 303
    assert "李四海" not in client.get(f"/me/door/{home.plate.code}").get_data(as_text=True)
    assert "李四海 申请加入" in home.mine.get("/me/household").get_data(as_text=True)
    sent = {"answer": "agree", "household": home.household.id}
    answer = home.mine.post(f"/me/household/requests/{the_request().id}", data=sent)

    assert answer.status_code == 303
    assert where(person.id) == [home.household.id]
    assert home.mine.post(f"/me/household/requests/{the_request().id}", data=sent).status_code == 409


def test_asking_twice_is_asking_once_and_an_answer_is_final(home: Home) -> None:
    person, client = home.somebody()
    assert [ask(client, home.plate.code) for _ in range(2)] == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(JoinRequest)) == 1
    sent = {"answer": "refuse", "household": home.household.id}
    home.mine.post(f"/me/household/requests/{the_request().id}", data=sent)

    again = home.mine.post(f"/me/household/requests/{the_request().id}", data={**sent, "answer": "agree"})
    assert again.status_code == 409
    assert where(person.id) == []


def test_nobody_agrees_to_their_own_request_or_for_another_door(home: Home) -> None:
    person, client = home.somebody()
    ask(client, home.plate.code)
    own = {"answer": "agree", "household": home.household.id}
    assert client.post(f"/me/household/requests/{the_request().id}", data=own).status_code == 404
    elsewhere = make_household(door=make_door(grid=make_grid()))
    neighbour, next_door = home.somebody("孙五")
    make_member(household=elsewhere, person=neighbour, name="孙五")
    for household in (elsewhere.id, home.household.id):
        sent = {"answer": "agree", "household": household}
        assert next_door.post(f"/me/household/requests/{the_request().id}", data=sent).status_code == 404
    assert where(person.id) == []


def test_a_member_agrees_for_the_own_household_only(home: Home) -> None:
    other = make_household(door=home.door)
    person, client = home.somebody()
    ask(client, home.plate.code)
    sent = {"answer": "agree", "household": other.id}

    assert home.mine.post(f"/me/household/requests/{the_request().id}", data=sent).status_code == 404
    assert where(person.id) == []


def test_a_request_runs_out(home: Home, clock: FrozenClock) -> None:
    person, client = home.somebody()
    ask(client, home.plate.code)
    clock.move(days=7)
    sent = {"answer": "agree", "household": home.household.id}

    assert home.mine.post(f"/me/household/requests/{the_request().id}", data=sent).status_code == 409
    assert ask(client, home.plate.code) == 303
    assert where(person.id) == []


def test_asking_at_a_lived_in_and_at_an_empty_door_reads_the_same(home: Home) -> None:
    empty = make_plate(door=make_door(label="13"))
    pages = []
    for code in (home.plate.code, empty.code):
        _, client = home.somebody("钱六")
        assert ask(client, code, "钱六") == 303
        page = client.get("/me/household").get_data(as_text=True)
        pages.append(re.sub(r'asked/[0-9]+/|value="[^"]+"', "", page).replace("13号", "12号"))
    assert pages[0] == pages[1]


def test_an_officer_lets_in_whoever_asked_and_came(home: Home) -> None:
    person, client = home.somebody()
    ask(client, home.plate.code)
    answer = {"answer": str(home.household.id)}
    assert home.desk.post(f"/desk/households/requests/{the_request().id}", data=answer).status_code == 303
    assert where(person.id) == [home.household.id]


def enter(desk: FlaskClient, household_id: int, phone: str = "", **more: str) -> int:
    sent = {"name": "李四海", "phone": phone, "is_present": "y", **more}
    return desk.post(f"/desk/households/of/{household_id}/members", data=sent).status_code


def test_whom_an_officer_confirmed_says_that_is_me_by_the_same_name(home: Home) -> None:
    person, client = home.somebody()
    assert enter(home.desk, home.household.id, person.phone or "") == 303
    assert where(person.id) == []
    page = client.get("/me/household").get_data(as_text=True)
    assert home.door.address not in page and "当面登记了您" in page
    client.post("/me/household/claim", data={"name": "王五"})
    assert where(person.id) == []
    client.post("/me/household/claim", data={"name": " 李四海 "})

    assert where(person.id) == [home.household.id]


def test_a_mistyped_telephone_lets_nobody_in(home: Home) -> None:
    person, client = home.somebody("陌生人")
    enter(home.desk, home.household.id, person.phone or "")
    for guess in ("陌生人", "王秀兰", "张三", "赵一", "钱二", "李四海"):
        client.post("/me/household/claim", data={"name": guess})

    assert where(person.id) == []


def test_what_was_written_down_waits_seven_days(home: Home, clock: FrozenClock) -> None:
    person, client = home.somebody()
    enter(home.desk, home.household.id, person.phone or "")
    clock.move(days=7, seconds=1)
    client.post("/me/household/claim", data={"name": "李四海"})

    assert where(person.id) == []


def test_an_officer_has_to_say_that_the_person_is_present(home: Home) -> None:
    answer = home.desk.post(
        f"/desk/households/of/{home.household.id}/members",
        data={"name": "李四海", "phone": "123"},
    )
    page = answer.get_data(as_text=True)

    assert answer.status_code == 400
    assert "当面核对" in page and "1 开头" in page and 'value="李四海"' in page


def test_a_person_is_in_one_household_once_and_in_several_at_a_time(home: Home) -> None:
    other = make_household(door=make_door(grid=make_grid(), label="40"))
    make_member(household=other, person=home.person)
    assert enter(home.desk, home.household.id, home.person.phone or "") == 400
    assert where(home.person.id) == [home.household.id, other.id]
    page = home.mine.get("/me/household").get_data(as_text=True)

    assert home.door.address in page and "40号" in page


def test_a_slip_fills_the_line_an_officer_wrote(home: Home) -> None:
    enter(home.desk, home.household.id)
    person, client = home.somebody()
    join(client, slip_for(home), "李四海")

    names = [member.name for member in db.session.scalars(select(Member).where(Member.left_at.is_(None)))]
    assert sorted(names) == ["李四海", "王秀兰"]
    assert where(person.id) == [home.household.id]


@pytest.mark.parametrize(
    ("role", "area"),
    [
        ("officer", f"{VILLAGE}-02"),
        ("clerk", "420199104208"),
        ("town", VILLAGE[:9]),
        ("county", VILLAGE[:6]),
        ("discipline", VILLAGE[:9]),
        ("operator", VILLAGE[:6]),
        ("keeper", VILLAGE),
    ],
)
def test_no_other_official_confirms_prints_or_answers(home: Home, role: str, area: str) -> None:
    person, client = home.somebody()
    ask(client, home.plate.code)
    desk, household = home.official(role, area), home.household.id
    slip_for(home)
    db.session.rollback()
    slip_id = db.session.scalars(select(Slip.id)).one()
    acts = {
        f"/desk/households/of/{household}/members": {"name": "李四海", "is_present": "y"},
        f"/desk/households/of/{household}/slip.pdf": {},
        f"/desk/households/of/{household}/state": {"occupancy": "let"},
        f"/desk/households/of/{household}/close": {},
        f"/desk/households/{home.door.id}/open": {"occupancy": "let"},
        f"/desk/households/slips/{slip_id}/withdraw": {},
        f"/desk/households/requests/{the_request().id}": {"answer": str(household)},
        f"/desk/households/members/{home.member.id}": {"reason": "visit"},
        f"/desk/households/members/{home.member.id}/end": {"reason": "moved"},
        f"/desk/households/members/{home.member.id}/away": {"away": "1"},
        f"/desk/households/members/{home.member.id}/confirm-phone": {},
    }
    answers = {desk.post(address, data=sent).status_code for address, sent in acts.items()}
    assert answers <= {403, 404}
    assert desk.get(f"/desk/households/{home.door.id}").status_code in {403, 404}
    assert where(person.id) == []
    assert where(home.person.id) == [home.household.id]


def test_the_villages_clerk_confirms_too(home: Home) -> None:
    assert enter(home.official("clerk", VILLAGE), home.household.id, unissued_phone()) == 303
