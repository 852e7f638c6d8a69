"""Leaving ends the access at once and keeps the history; a stale telephone opens nothing; one's data go along and go away."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from commons import worker
from commons.accounts.actions import close_account, end_appointment, withdraw_service_consent
from commons.accounts.queries import appointments_of
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from tests.commons.accounts.browsing import last_code
from tests.make.divisions import VILLAGE
from tests.make.households import make_member
from tests.make.people import make_person, sign_in
from tests.village.households.conftest import Home
from village.households import joining
from village.households.models import JoinRequest, Member
from village.households.rules import LeftReason
from village.public import door_of


@pytest.fixture
def elsewhere(home: Home) -> FlaskClient:
    """The member's other telephone, signed in too."""
    return home.browser(home.person)


def reads_home(client: FlaskClient, home: Home) -> bool:
    pages = [
        client.get(address).get_data(as_text=True)
        for address in ("/me/household", f"/me/door/{home.plate.code}")
    ]
    return any("1 人" in page or "王秀兰" in page for page in pages)


def leave(home: Home, member_id: int | None = None, **more: str) -> int:
    sent = {"reason": "moved", "is_sure": "y", **more}
    return home.mine.post(f"/me/household/members/{member_id or home.member.id}/leave", data=sent).status_code


def test_whoever_leaves_sees_nothing_from_the_next_request_on_in_every_browser(
    home: Home, elsewhere: FlaskClient
) -> None:
    assert reads_home(home.mine, home) and reads_home(elsewhere, home)
    assert leave(home) == 303

    assert not reads_home(home.mine, home) and not reads_home(elsewhere, home)


@pytest.mark.parametrize("reason", ["moved", "divided", "tenancy_over", "died"])
def test_whom_an_official_writes_off_is_out_at_once_and_stays_in_the_history(
    home: Home, elsewhere: FlaskClient, reason: str
) -> None:
    answer = home.desk.post(f"/desk/households/members/{home.member.id}/end", data={"reason": reason})
    db.session.rollback()
    member = db.session.get_one(Member, home.member.id)

    assert answer.status_code == 303
    assert not reads_home(elsewhere, home)
    assert (member.left_reason, member.name, member.person_id) == (reason, "王秀兰", home.person.id)
    assert member.left_at is not None and member.living_key is None
    again = home.desk.post(f"/desk/households/members/{home.member.id}/end", data={"reason": "moved"})
    assert again.status_code == 303
    assert db.session.get_one(Member, home.member.id).left_reason == reason


def test_an_open_form_of_somebody_who_left_does_nothing(home: Home, elsewhere: FlaskClient) -> None:
    other, client = home.somebody()
    client.post("/me/join/ask", data={"ask-door": home.plate.code, "ask-name": "李四海"})
    db.session.rollback()
    request_id = db.session.scalars(select(JoinRequest.id)).one()
    leave(home)
    acts = {
        f"/me/household/requests/{request_id}": {"answer": "agree", "household": home.household.id},
        f"/me/household/members/{home.member.id}/away": {"away": "1"},
        f"/me/household/members/{home.member.id}/leave": {"reason": "moved", "is_sure": "y"},
    }

    assert {elsewhere.post(address, data=sent).status_code for address, sent in acts.items()} == {404}


def test_leaving_asks_for_a_reason_and_a_tick(home: Home) -> None:
    assert leave(home, is_sure="") == 400
    assert leave(home, reason="died") == 400
    assert reads_home(home.mine, home)


def test_nobody_leaves_for_another(home: Home) -> None:
    other = make_member(household=home.household, name="李四海")
    _, client = home.somebody()

    assert leave(home, other.id) == 404
    sent = {"reason": "moved", "is_sure": "y"}
    assert client.post(f"/me/household/members/{home.member.id}/leave", data=sent).status_code == 404
    assert client.post(f"/me/household/members/{home.member.id}/away", data={"away": "1"}).status_code == 404


def test_whoever_left_may_join_again(home: Home) -> None:
    leave(home)
    make_member(household=home.household, person=home.person)

    assert reads_home(home.mine, home)


def test_members_away_count(home: Home) -> None:
    make_member(household=home.household, name="在外的儿子", is_away=True)
    home.mine.post(f"/me/household/members/{home.member.id}/away", data={"away": "1"})
    page = home.desk.get(f"/desk/households/{home.door.id}").get_data(as_text=True)

    assert "成员 2 人，其中外出 2 人" in page
    home.desk.post(f"/desk/households/members/{home.member.id}/away", data={"away": "0"})
    assert "其中外出 1 人" in home.desk.get(f"/desk/households/{home.door.id}").get_data(as_text=True)


def test_a_telephone_unused_for_ninety_days_is_confirmed_before_it_opens_anything(
    home: Home, clock: FrozenClock
) -> None:
    clock.move(days=89)
    fresh = home.browser(home.person)
    assert reads_home(fresh, home)
    clock.move(days=2)

    assert fresh.get("/me/household").location == "/me/household/confirm"
    assert "王秀兰" not in fresh.get(f"/me/door/{home.plate.code}").get_data(as_text=True)
    fresh.post("/me/household/confirm/code")
    assert fresh.post("/me/household/confirm", data={"code": "000000"}).status_code == 400
    assert fresh.post("/me/household/confirm", data={"code": last_code()}).status_code == 303
    assert reads_home(fresh, home)


def test_an_officer_confirms_a_telephone_face_to_face(home: Home, clock: FrozenClock) -> None:
    clock.move(days=91)
    mine, desk = home.browser(home.person), home.browser(home.officer)
    assert mine.get("/me/household").status_code == 303
    assert desk.post(f"/desk/households/members/{home.member.id}/confirm-phone").status_code == 303

    assert reads_home(mine, home)


def test_a_stale_telephone_agrees_to_nobody(home: Home, clock: FrozenClock) -> None:
    clock.move(days=91)
    mine, (_, client) = home.browser(home.person), home.somebody()
    client.post("/me/join/ask", data={"ask-door": home.plate.code, "ask-name": "李四海"})
    db.session.rollback()
    request_id = db.session.scalars(select(JoinRequest.id)).one()
    sent = {"answer": "agree", "household": home.household.id}

    assert mine.post(f"/me/household/requests/{request_id}", data=sent).status_code == 403


def test_a_closed_account_leaves_and_takes_its_name_with_it(home: Home) -> None:
    with transaction():
        close_account(home.person.id)
    assert home.mine.get("/me/household").status_code == 303
    worker.run_due()
    worker.run_due()  # twice is once
    db.session.rollback()
    member = db.session.get_one(Member, home.member.id)

    assert (member.name, member.left_reason) == ("", LeftReason.account_closed)
    assert member.left_at is not None and member.living_key is None
    page = home.desk.post(f"/desk/households/members/{member.id}", data={"reason": "visit"})
    assert "已注销的成员" in page.get_data(as_text=True)


def test_everything_a_household_holds_about_me_goes_along(home: Home) -> None:
    make_member(household=home.household, name="别人家的名字")
    home.desk.post(f"/desk/households/members/{home.member.id}", data={"reason": "visit"})
    about = json.loads(home.mine.get("/me/export.json").data)

    (line,) = about["住户"]["成员"]
    assert (line["姓名"], line["地址"], line["至"]) == ("王秀兰", home.door.address, None)
    assert "别人家的名字" not in json.dumps(about, ensure_ascii=False)
    assert about["谁看过我的资料"][0]["事由"] == "上门走访"


def test_whoever_was_looked_up_sees_who_and_why(home: Home) -> None:
    sent = {"reason": "benefit", "words": "申请临时救助"}
    assert "王秀兰" in home.desk.post(f"/desk/households/members/{home.member.id}", data=sent).get_data(
        as_text=True
    )
    page = home.mine.get("/me").get_data(as_text=True)

    assert "周网格" in page and "核对补助和保障：申请临时救助" in page


def test_looks_from_before_the_account_are_seen_after_joining(home: Home) -> None:
    person, client = home.somebody()
    sent = {"name": "李四海", "phone": person.phone, "is_present": "y"}
    home.desk.post(f"/desk/households/of/{home.household.id}/members", data=sent)
    db.session.rollback()
    member_id = db.session.scalars(select(Member.id).order_by(Member.id.desc()).limit(1)).one()
    home.desk.post(f"/desk/households/members/{member_id}", data={"reason": "safety"})
    client.post("/me/household/claim", data={"name": "李四海"})
    page = client.get("/me").get_data(as_text=True)

    assert "周网格看过我在户里的登记" in page and "安全隐患、紧急情况" in page
    assert "安全隐患" in client.get("/me/export.json").get_data(as_text=True)


@pytest.mark.parametrize("words", ["去看王秀兰", "电话 10012345678", "身份证 42011619"])
def test_a_reason_that_tells_of_the_person_is_not_written_down(home: Home, words: str) -> None:
    sent = {"reason": "visit", "words": words}
    answer = home.desk.post(f"/desk/households/members/{home.member.id}", data=sent)
    db.session.rollback()
    openings = select(AuditLine).where(AuditLine.action == "person.opened")

    assert answer.status_code == 400
    assert list(db.session.scalars(openings)) == []


@pytest.mark.parametrize(("role", "area"), [("officer", f"{VILLAGE}-02"), ("clerk", "420199104208")])
def test_a_record_outside_the_own_grid_is_not_there(home: Home, role: str, area: str) -> None:
    desk = home.official(role, area)
    answers = []
    for number in (home.member.id, 999_999):
        got = desk.post(f"/desk/households/members/{number}", data={"reason": "visit"})
        answers.append(
            (got.status_code, got.get_data(as_text=True).replace(f"members/{number}", "members/N"))
        )

    assert answers[0] == answers[1] and answers[0][0] == 404


def test_an_officer_whose_appointment_ended_is_out_with_the_next_request(home: Home) -> None:
    assert home.desk.get(f"/desk/households/{home.door.id}").status_code == 200
    with transaction():
        end_appointment(appointments_of(home.officer)[0])
    assert home.desk.get(f"/desk/households/{home.door.id}").status_code == 403


def test_an_officer_signed_in_by_telephone_is_a_villager_like_others(home: Home) -> None:
    client = home.app.test_client()
    with transaction():
        sign_in(client, home.officer, kind="person")
    assert client.get(f"/desk/households/{home.door.id}").status_code in {303, 403}
    page = client.get(f"/me/door/{home.plate.code}").get_data(as_text=True)
    assert home.door.beidou_code not in page and "王秀兰" not in page


def test_whoever_takes_the_consent_back_asks_no_household_any_more_and_stays_in_the_register(
    home: Home,
) -> None:
    with transaction():
        asker = make_person()
        door = door_of(home.door.id)
        assert door is not None
        joining.ask_to_join(asker.id, door, "百里申请")
    for person_id in (asker.id, home.person.id):
        with transaction():
            withdraw_service_consent(person_id)
    worker.run_due()
    db.session.rollback()

    (asked,) = db.session.scalars(select(JoinRequest).where(JoinRequest.person_id == asker.id))
    assert (asked.answer, asked.name_sealed, asked.waiting_key) == ("withdrawn", None, None)
    assert db.session.get_one(Member, home.member.id).left_at is None
    assert not reads_home(home.mine, home)
