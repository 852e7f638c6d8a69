"""At the desk: take, answer, hand on, send back, refuse, close; and report for somebody without a phone."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db
from commons.messaging.queries import shown_messages
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import make_grid
from tests.village.matters.reporting import (
    COUNTY,
    FORM_KEY,
    RECEIPT,
    TOWN,
    act,
    at_desk,
    report,
    stored,
    the_matter,
)
from village.matters.models import MatterStep


def step_count(number: str) -> int:
    return len(
        db.session.scalars(select(MatterStep).where(MatterStep.matter_id == the_matter(number).id)).all()
    )


def test_a_matter_is_not_closed_before_it_was_answered(
    client: FlaskClient, officer: FlaskClient, plate: str
) -> None:
    number, _ = report(client, plate)
    early = act(officer, number, "close", words="修好了")
    act(officer, number, "take")
    unanswered = act(officer, number, "close", words="修好了")

    assert (early.status_code, unanswered.status_code) == (409, 409)
    assert "先答复" in unanswered.get_data(as_text=True)
    assert "修好了" in unanswered.get_data(as_text=True)
    assert the_matter(number).state == "working"


def test_receipt_and_arrival_times_are_kept_at_every_desk(
    client: FlaskClient, officer: FlaskClient, clerk: FlaskClient, plate: str, clock: FrozenClock
) -> None:
    number, _ = report(client, plate)
    clock.move(minutes=3)
    act(officer, number, "take")
    taken = the_matter(number).received_at
    clock.move(minutes=3)
    act(officer, number, "hand_on", target=f"clerk:{VILLAGE}", words="归村里办")
    handed = the_matter(number)

    assert taken == handed.accepted_at
    assert (handed.arrived_at, handed.received_at) == (clock.at, None)
    clock.move(minutes=3)
    act(clerk, number, "take")
    assert the_matter(number).received_at == clock.at
    assert the_matter(number).accepted_at == taken


def test_what_is_handed_on_is_taken_or_sent_back_there(
    client: FlaskClient, officer: FlaskClient, clerk: FlaskClient, town: FlaskClient, plate: str
) -> None:
    number, _ = report(client, plate)
    act(officer, number, "hand_on", target=f"town:{TOWN}", words="镇里的路")
    refused = act(officer, number, "take")
    act(town, number, "send_back", words="是村里的路")
    matter = the_matter(number)

    assert refused.status_code == 403
    assert (matter.desk, matter.state) == ("officer", "waiting")
    text = client.get(f"/matters/{number}").get_data(as_text=True)
    assert "镇里的路" in text
    assert "是村里的路" in text


@pytest.mark.parametrize(
    "target",
    [
        "town:420199999",
        "clerk:420199104208",
        "officer:420199104208-01",
        "county:110101",
        "officer:",
        "war:1",
        "",
    ],
)
def test_nothing_is_handed_out_of_its_village_town_and_county(
    client: FlaskClient, officer: FlaskClient, plate: str, target: str
) -> None:
    number, _ = report(client, plate)

    assert act(officer, number, "hand_on", target=target, words="转走").status_code == 400
    assert (the_matter(number).state, step_count(number)) == ("waiting", 1)


@pytest.mark.parametrize("name", ["refuse", "hand_on", "answer", "close", "send_back"])
def test_every_act_that_speaks_needs_words(
    client: FlaskClient, officer: FlaskClient, plate: str, name: str
) -> None:
    number, _ = report(client, plate)

    assert act(officer, number, name, words="  ", target=f"clerk:{VILLAGE}").status_code == 400
    assert step_count(number) == 1


def test_a_refusal_keeps_its_reason_and_reports_add_up(
    client: FlaskClient, officer: FlaskClient, plate: str
) -> None:
    numbers = [report(client, plate)[0] for _ in range(3)]
    act(officer, numbers[0], "refuse", words="这是私人院墙，请找卖家")
    act(officer, numbers[1], "take")
    text = officer.get("/desk/matters?which=all").get_data(as_text=True)

    assert "一共报来 3 件：受理 1 件，不予受理 1 件，待受理 1 件" in text
    assert "私人院墙" in client.get(f"/matters/{numbers[0]}").get_data(as_text=True)
    assert act(officer, numbers[1], "refuse", words="算了").status_code == 409


def test_an_answer_posted_twice_is_one_step(client: FlaskClient, officer: FlaskClient, plate: str) -> None:
    number, _ = report(client, plate)
    act(officer, number, "take")
    data = {"answer-form_key": "k" * 24, "answer-words": "明天修"}
    first, second = (officer.post(f"/desk/matters/{number}/answer", data=data) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert step_count(number) == 3


def test_another_villages_official_neither_sees_nor_acts(app: Flask, client: FlaskClient, plate: str) -> None:
    number, _ = report(client, plate)
    make_village(code="420199104208", name="白鹭村")
    others = [
        at_desk(app, "clerk", "420199104208"), at_desk(app, "officer", f"{VILLAGE}-04"), at_desk(app, "town", "420199999"),
        at_desk(app, "county", "110101"), at_desk(app, "keeper", VILLAGE), at_desk(app, "discipline", TOWN),
    ]  # fmt: skip
    for other in others:
        seen = [other.get(f"/desk/matters/{number}").status_code, act(other, number, "take").status_code]
        assert set(seen) <= {403, 404}
        assert "路灯" not in other.get("/desk/matters?which=all").get_data(as_text=True)
    assert the_matter(number).state == "waiting"


def test_a_county_sees_all_below_and_another_grid_sees_what_is_handed_to_it(
    app: Flask, client: FlaskClient, officer: FlaskClient, plate: str
) -> None:
    make_grid(number=5)
    other = at_desk(app, "officer", f"{VILLAGE}-05", "孙立")
    number, _ = report(client, plate)
    act(officer, number, "hand_on", target=f"officer:{VILLAGE}-05", words="在第五网格")

    assert other.get(f"/desk/matters/{number}").status_code == 200
    assert at_desk(app, "county", COUNTY).get(f"/desk/matters/{number}").status_code == 200
    assert act(other, number, "take").status_code == 303


def test_the_telephone_opens_only_for_a_reason_that_is_kept(
    client: FlaskClient, officer: FlaskClient, plate: str
) -> None:
    number, _ = report(client, plate, phone="10000000042")
    before = officer.get(f"/desk/matters/{number}").get_data(as_text=True)
    without = officer.post(f"/desk/matters/{number}/phone", data={"phone-reason": " "})
    opened = officer.post(f"/desk/matters/{number}/phone", data={"phone-reason": "约时间上门"})
    after = officer.get(f"/desk/matters/{number}").get_data(as_text=True)

    assert "10000000042" not in before + without.get_data(as_text=True) + after
    assert "10000000042" in opened.get_data(as_text=True)
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "matter.phone_opened")).one()
    assert (line.reason, line.area) == ("约时间上门", VILLAGE)
    assert line.person_id is not None
    assert "约时间上门" in client.get(f"/matters/{number}").get_data(as_text=True)


def test_only_the_desk_that_handles_opens_the_telephone(
    client: FlaskClient, officer: FlaskClient, clerk: FlaskClient, plate: str
) -> None:
    number, _ = report(client, plate, phone="10000000042")
    act(officer, number, "hand_on", target=f"town:{TOWN}", words="镇里的路")
    for desk in (officer, clerk):
        answer = desk.post(f"/desk/matters/{number}/phone", data={"phone-reason": "看看是谁"})
        assert answer.status_code == 403
        assert "10000000042" not in answer.get_data(as_text=True)


def test_each_step_sends_word_without_saying_what_about(
    client: FlaskClient, officer: FlaskClient, plate: str
) -> None:
    number, _ = report(client, plate, phone="10000000042", words="我家的低保")
    silent, _ = report(client, plate)
    for each in (number, silent):
        act(officer, each, "take")
        act(officer, each, "answer", words="明天上门")
    messages = shown_messages()

    assert [message.phone for message in messages] == ["10000000042"] * 2
    assert all("您报的事有了新进展" in message.words for message in messages)
    assert not any("低保" in message.words or "上门" in message.words for message in messages)


def proxy(desk: FlaskClient, **changes: str) -> tuple[int, str]:
    key = FORM_KEY.search(desk.get("/desk/matters/new").get_data(as_text=True))
    assert key
    data = {
        "for_whom": "三组李奶奶",
        "words": "屋顶漏雨",
        "category": "welfare",
        "place": "三组 27 号",
        "form_key": key[1],
        **changes,
    }
    answer = desk.post("/desk/matters/new", data=data)
    return answer.status_code, answer.location or answer.get_data(as_text=True)


def test_an_official_reports_for_somebody_and_it_says_who_for_whom(
    client: FlaskClient, officer: FlaskClient, plate: str
) -> None:
    _, slip = proxy(officer)
    number, code = RECEIPT.findall(officer.get(slip).get_data(as_text=True))
    plain = number.replace(" ", "")

    assert "刘建国代三组李奶奶报" in officer.get(f"/desk/matters/{plain}").get_data(as_text=True)
    client.post("/matters", data={"number": number, "code": code})
    assert "工作人员替三组李奶奶报" in client.get(f"/matters/{plain}").get_data(as_text=True)
    assert the_matter(plain).grid_area == f"{VILLAGE}-03"


def test_a_slip_is_for_the_official_who_wrote_it_alone(
    officer: FlaskClient, clerk: FlaskClient, plate: str
) -> None:
    _, slip = proxy(officer)

    assert clerk.get(slip).status_code == 404
    assert clerk.get(slip.replace("/slip", "")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"for_whom": ""}, "要填"),
        ({"words": ""}, "请写几个字"),
        ({"category": "cadres"}, "哪一类"),
        ({"place": ""}, "请写门牌码"),
        ({"door": "ABCDE2345F"}, "没有这块门牌"),
    ],
)
def test_a_wrong_report_for_somebody_keeps_what_was_typed(
    officer: FlaskClient, plate: str, changes: dict[str, str], words: str
) -> None:
    status, text = proxy(officer, **changes)

    assert status == 400
    assert words in text
    assert "for_whom" in changes or "三组李奶奶" in text
    assert stored() == 0


def test_nobody_reports_for_somebody_outside_the_own_area(app: Flask, plate: str) -> None:
    other = at_desk(app, "officer", f"{VILLAGE}-07")

    assert proxy(other, door=plate)[0] == 400
    assert stored() == 0


def test_the_list_finds_numbers_and_words(client: FlaskClient, officer: FlaskClient, plate: str) -> None:
    number, _ = report(client, plate, words="100%漏水")
    report(client, plate, words="别的事")

    def find(words: str) -> str:
        return officer.get("/desk/matters", query_string={"q": words}).get_data(as_text=True)

    assert "100%漏水" in find(f"{number[:4]} {number[4:]}")
    assert ("100%漏水" in find("0%漏"), "别的事" in find("%")) == (True, False)
    assert "没有查到" in find("_____")


@pytest.mark.parametrize("which", ["mine", "open", "late", "done", "all", "nonsense"])
def test_every_list_opens(
    client: FlaskClient, officer: FlaskClient, plate: str, which: str, clock: FrozenClock
) -> None:
    number, _ = report(client, plate)
    clock.move(days=9)
    officer_again = officer.get(f"/desk/matters?which={which}")
    assert officer_again.status_code in {200, 303}  # a desk left alone for nine days is locked
    assert the_matter(number).state == "waiting"
