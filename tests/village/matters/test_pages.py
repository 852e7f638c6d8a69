"""Anyone reports from a door without signing in, keeps number and 查询码, and follows each step."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.clock import FrozenClock
from commons.db import db, transaction
from tests.commons.uploading import photo, wav
from tests.make.people import make_person, sign_in
from tests.village.matters.reporting import act, form_key, report, send, stored, the_matter, typed
from village.matters.models import Matter, MatterFile, MatterReporter, MatterStep
from village.matters.rules import new_number, shown_number


def sent_file(content: bytes, name: str = "a.bin") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def test_a_report_gives_a_number_and_a_code_at_once(
    client: FlaskClient, officer: FlaskClient, plate: str
) -> None:
    number, code = report(client, plate)
    matter = the_matter(number)

    assert (len(number), len(code)) == (12, 4)
    assert (matter.desk, matter.desk_area[-3:], matter.state) == ("officer", "-03", "waiting")
    assert matter.arrived_at == matter.reported_at
    assert matter.received_at is None


def test_a_report_is_in_the_right_officers_list_without_anyone_touching_it(
    client: FlaskClient, officer: FlaskClient, clerk: FlaskClient, plate: str
) -> None:
    report(client, plate, words="路灯不亮了")
    report(client, plate, words="低保材料", category="welfare")
    mine, village = (each.get("/desk/matters").get_data(as_text=True) for each in (officer, clerk))

    assert ("路灯不亮了" in mine, "低保材料" in mine) == (True, False)
    assert ("路灯不亮了" in village, "低保材料" in village) == (False, True)
    assert "路灯不亮了" in clerk.get("/desk/matters?which=open").get_data(as_text=True)


def test_a_photo_alone_or_a_voice_alone_is_a_report(
    client: FlaskClient, officer: FlaskClient, plate: str
) -> None:
    with_photo, _ = report(client, plate, words="", pictures=sent_file(photo()))
    with_voice, _ = report(client, plate, words="", voice=sent_file(wav(2)))

    assert "照片" in client.get(f"/matters/{with_photo}").get_data(as_text=True)
    heard = officer.get(f"/desk/matters/{with_voice}").get_data(as_text=True)
    assert "<audio" in heard


def test_the_place_may_be_elsewhere(client: FlaskClient, plate: str) -> None:
    number, _ = report(client, plate, place="三组塘边")

    assert the_matter(number).place == "三组塘边"
    assert the_matter(number).door_id is not None


def test_a_form_posted_twice_makes_one_matter(client: FlaskClient, plate: str) -> None:
    key = form_key(client, plate)
    first, second = (send(client, plate, key=key) for _ in range(2))

    assert first.location == second.location
    assert client.get(first.location).data == client.get(second.location).data
    assert stored() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"words": ""}, "请写几个字"),
        ({"words": "　 \u200b\n"}, "请写几个字"),
        ({"words": "长" * 2001}, "2000"),
        ({"words": "x" * 1_100_000}, "2000"),
        ({"category": ""}, "请选一类"),
        ({"category": "war"}, "哪一类"),
        ({"door": ""}, "没有这块门牌"),
        ({"door": "ABCDE-2345F"}, "没有这块门牌"),
        ({"place": "远" * 61}, "60"),
        ({"phone": "12345"}, "手机号"),
        ({"phone": "1" * 60}, "手机号"),
        ({"pictures": (io.BytesIO(b"GIF89a no picture"), "a.jpg")}, "不是照片"),
        ({"voice": (io.BytesIO(b"no voice at all"), "a.mp3")}, "不是录音"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: FlaskClient, plate: str, changes: dict[str, Any], words: str
) -> None:
    answer = send(client, plate, **changes)
    text = answer.get_data(as_text=True)

    assert answer.status_code == 400
    assert words in text
    assert "words" in changes or "路灯不亮了" in text
    assert stored() == 0


def test_bytes_that_are_no_utf8_are_told_so(client: FlaskClient, plate: str) -> None:
    body = (
        f"form_key={form_key(client, plate)}&category=roads&door={plate}&words=".encode()
        + b"%C2%B7%B5%C6%BB%B5"
    )
    answer = client.post("/matters/new", data=body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400
    assert "文字编码不对" in answer.get_data(as_text=True)
    assert stored() == 0


def test_what_was_uploaded_stays_when_something_else_is_wrong(client: FlaskClient, plate: str) -> None:
    key = form_key(client, plate)
    text = send(client, plate, key=key, words="", phone="123", pictures=sent_file(photo())).get_data(
        as_text=True
    )
    kept = text.split('name="kept" value="')[1].split('"')[0]
    again = send(client, plate, key=key, words="", kept=kept)
    number = again.location.split("/")[2]

    with client.get(f"/files/{kept}") as file:
        assert file.status_code == 200
    assert again.status_code == 303
    assert kept in client.get(f"/matters/{number}").get_data(as_text=True)


def test_more_than_three_photos_or_a_second_voice_are_too_many(client: FlaskClient, plate: str) -> None:
    four = send(client, plate, pictures=[sent_file(photo(64, 48)) for _ in range(4)])
    key = form_key(client, plate)
    first = send(client, plate, key=key, phone="1", voice=sent_file(wav(1))).get_data(as_text=True)
    kept = first.split('name="kept" value="')[1].split('"')[0]
    second = send(client, plate, key=key, kept=kept, voice=sent_file(wav(1)))

    assert (four.status_code, second.status_code) == (400, 400)
    assert "最多 3 张" in four.get_data(as_text=True)
    assert "只收一段" in second.get_data(as_text=True)


def test_life_and_fire_first_show_whom_to_ring(client: FlaskClient, plate: str) -> None:
    key = form_key(client, plate)
    between = send(client, plate, key=key, words="隔壁著 火 了", pictures=sent_file(photo(64, 48)))
    text = between.get_data(as_text=True)
    kept = text.split('name="kept" value="')[1].split('"')[0]

    assert between.status_code == 200
    assert all(f"tel:{number}" in text for number in (110, 119, 120))
    assert stored() == 0
    assert "隔壁著 火 了" in text
    sent = send(client, plate, key=key, words="隔壁著 火 了", kept=kept, answer="go")
    assert sent.status_code == 303
    assert stored() == 1


def test_a_dangerous_category_shows_them_too_and_one_may_go_back(client: FlaskClient, plate: str) -> None:
    key = form_key(client, plate)
    between = send(client, plate, key=key, category="safety", words="墙歪了")
    back = send(client, plate, key=key, category="safety", words="墙歪了", answer="back").get_data(
        as_text=True
    )

    assert "tel:119" in between.get_data(as_text=True)
    assert "墙歪了" in back
    assert 'name="category"' in back
    assert stored() == 0


def test_the_reporter_sees_each_step(
    client: FlaskClient, officer: FlaskClient, plate: str, clock: FrozenClock
) -> None:
    number, _ = report(client, plate)
    for name, words in (("take", ""), ("answer", "电工明天来"), ("close", "换了新灯")):
        clock.move(minutes=5)
        assert act(officer, number, name, **({"words": words} if words else {})).status_code == 303
    text = client.get(f"/matters/{number}").get_data(as_text=True)

    assert all(
        words in text for words in ("收到了", "已受理", "电工明天来", "换了新灯", "已办结", "11月22日 10:15")
    )
    assert "刘建国" not in text


def test_number_and_code_open_it_on_any_phone(
    app: Flask, client: FlaskClient, plate: str, clock: FrozenClock
) -> None:
    number, code = report(client, plate)
    other = app.test_client()
    found = other.post("/matters", data={"number": f"{number[:4]} {number[4:]}", "code": f" {code}"})

    assert other.get(f"/matters/{number}").status_code == 200
    assert found.location == f"/matters/{number}"  # and not the code
    assert other.get(f"/matters/{number}/receipt").status_code == 404
    clock.move(hours=3)
    assert other.get(f"/matters/{number}").status_code == 404
    assert client.get(f"/matters/{number}").status_code == 200


def test_a_wrong_number_and_a_wrong_code_say_the_same(app: Flask, client: FlaskClient, plate: str) -> None:
    number, code = report(client, plate)
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    answers = [
        app.test_client().post("/matters", data={"number": each, "code": wrong})
        for each in (number, new_number())
    ]
    texts = [answer.get_data(as_text=True).split("<form")[0].split("<main")[1] for answer in answers]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert texts[0] == texts[1]


def test_a_matter_about_cadres_closes_by_itself_on_the_phone_that_reported_it(
    client: FlaskClient, plate: str, clock: FrozenClock
) -> None:
    number, _ = report(client, plate, category="cadres", words="请查一查")
    seen = []
    for _step in range(2):
        seen.append([client.get(f"/matters/{number}{end}").status_code for end in ("", "/receipt")])
        clock.move(hours=3)

    assert seen == [[200, 200], [404, 404]]


def test_somebody_elses_phone_forgets(client: FlaskClient, plate: str) -> None:
    number, _ = report(client, plate)
    assert shown_number(number) in client.get("/matters").get_data(as_text=True)
    client.post("/matters/forget")

    assert client.get(f"/matters/{number}").status_code == 404
    assert shown_number(number) not in client.get("/matters").get_data(as_text=True)


def test_whoever_is_signed_in_finds_it_on_another_browser(
    app: Flask, client: FlaskClient, plate: str
) -> None:
    with transaction():
        person = make_person()
        sign_in(client, person)
    number, _ = report(client, plate)
    other, stranger = app.test_client(), app.test_client()
    with transaction():
        sign_in(other, person)

    assert other.get(f"/matters/{number}").status_code == 200
    assert stranger.get(f"/matters/{number}").status_code == 404
    assert "我报的事" in other.get("/me").get_data(as_text=True)


def test_a_phone_is_sealed_and_apart(client: FlaskClient, plate: str) -> None:
    number, _ = report(client, plate, phone="100 0000 0042")
    matter = the_matter(number)
    row = db.session.get(MatterReporter, matter.id)

    assert row is not None
    assert row.phone_sealed is not None
    assert b"10000000042" not in row.phone_sealed
    assert "phone" not in " ".join(Matter.__table__.columns.keys())


def test_every_row_of_a_report_is_one_transaction(client: FlaskClient, plate: str) -> None:
    number, _ = report(client, plate, pictures=sent_file(photo(64, 48)))
    matter = the_matter(number)
    steps = db.session.scalars(select(MatterStep).where(MatterStep.matter_id == matter.id)).all()
    files = db.session.scalars(select(MatterFile).where(MatterFile.matter_id == matter.id)).all()

    assert [step.act for step in steps] == ["report"]
    assert len(files) == 1


def test_the_page_without_a_door_asks_for_one(client: FlaskClient, plate: str) -> None:
    for address in ("/matters/new", "/matters/new?door=%ff%fe", "/matters/new?door=" + "x" * 5000):
        assert client.get(address).status_code == 200
    assert typed(plate)["door"] in client.get(f"/matters/new?door={plate.lower()}").get_data(
        as_text=True
    ).replace("-", "")
