"""An official posts a notice; people read it for its time; paper, group and loudspeaker get their words."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import encode_multipart

from commons.clock import FrozenClock
from commons.db import db, transaction
from tests.commons.uploading import long_form, sent
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import make_plate
from tests.make.notices import make_notice
from tests.make.people import make_official, sign_in
from village.notices.models import Notice
from village.public import page_version


@pytest.fixture
def desk(app: Flask, clock: FrozenClock) -> FlaskClient:
    """A browser at the desk of the village's clerk."""
    app.config["WTF_CSRF_ENABLED"] = False
    make_village()
    client = app.test_client()
    with transaction():
        sign_in(client, make_official(area=VILLAGE))
    return client


def typed(**changes: str) -> dict[str, str]:
    return {
        "area": VILLAGE, "affair": "village", "title": "三组停水半天", "words": "供水站检修水管。\n请提前存水。",
        "signed_by": "青石湾村民委员会", "leaf_day": "2026-11-25", "leaf_meaning": "停水", "starts": "", "until": "",
        "form_key": "k" * 24, **changes,
    }  # fmt: skip


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Notice)) or 0


def test_a_posted_notice_is_handed_on_by_every_channel(desk: FlaskClient) -> None:
    before = page_version(VILLAGE)
    posted = desk.post("/desk/notices/new", data=typed())
    page = desk.get(posted.location)
    text = page.get_data(as_text=True)

    assert posted.status_code == 303
    assert page_version(VILLAGE) != before
    assert "【青石湾村 村务】三组停水半天" in text
    assert "乡亲们请注意" in text
    assert "看大家看到的样子" in text
    sheet = desk.get(f"{posted.location}/sheet.pdf")
    assert sheet.data.startswith(b"%PDF")


def test_a_form_posted_twice_makes_one_notice(desk: FlaskClient) -> None:
    first, second = (desk.post("/desk/notices/new", data=typed()) for _ in range(2))

    assert first.location == second.location
    assert stored() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts": "2026-11-25T10:00", "until": "2026-11-25T09:00"}, "结束时间要晚于开始时间"),
        ({"until": "2026-11-21T09:00"}, "结束时间"),
        ({"title": ""}, "要填"),
        ({"title": "长" * 41}, "40"),
        ({"words": "字" * 3001}, "3000"),
        ({"affair": "war"}, "哪一务"),
        ({"leaf_day": "2026-13-45"}, "日期"),
        ({"leaf_day": "1582-10-10"}, "1900 年到 2199 年"),
        ({"leaf_day": "9999-12-31"}, "1900 年到 2199 年"),
        ({"starts": "yesterday"}, "什么时候开始"),
        ({"area": "110101001001"}, "发给"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    desk: FlaskClient, changes: dict[str, str], words: str
) -> None:
    answer = desk.post("/desk/notices/new", data=typed(**changes))
    text = answer.get_data(as_text=True)

    assert answer.status_code == 400
    assert words in text
    assert "请提前存水" in text or "words" in changes
    assert stored() == 0


def test_a_text_far_too_long_is_given_back_to_be_made_shorter(desk: FlaskClient) -> None:
    """Sent with a file field, as the page does: the parts of such a form have a limit of their own."""
    boundary, data = encode_multipart(typed(words="字" * 400_000))
    kind = f"multipart/form-data; boundary={boundary}"
    answer = desk.post("/desk/notices/new", data=data, content_type=kind)

    assert answer.status_code == 400
    assert "最多 3000 个字" in answer.get_data(as_text=True)
    assert "三组停水半天" in answer.get_data(as_text=True)


def test_a_leaf_that_the_old_calendar_does_not_know_takes_no_page_away(
    client: FlaskClient, clock: FrozenClock
) -> None:
    plate = make_plate()
    with transaction():
        notice = make_notice()
        notice.leaf_day = date(1582, 10, 10)

    for address in (f"/D/{plate.code}", f"/notices?village={VILLAGE}", f"/notices/{notice.id}"):
        text = client.get(address).get_data(as_text=True)
        assert "三组停水半天" in text
        assert "10月10日" in text or "<b>10</b>" in text
        assert "农历</" not in text and "农历）" not in text


def test_the_clerks_own_voice_is_heard_on_the_notice(desk: FlaskClient, voice: bytes) -> None:
    posted = desk.post("/desk/notices/new", data={**typed(), "voice": (io.BytesIO(voice), "voice.wav")})
    notice_id = posted.location.rsplit("/", 1)[1]
    text = desk.get(f"/notices/{notice_id}").get_data(as_text=True)

    assert "<audio" in text
    address = text.split('src="/files/')[1].split('"')[0]
    with desk.get(f"/files/{address}") as file:
        assert file.mimetype == "audio/mp4"


def test_a_recording_is_heard_as_long_as_its_notice_is_read(
    app: Flask, desk: FlaskClient, client: FlaskClient, clock: FrozenClock, voice: bytes
) -> None:
    data = {
        **typed(starts="2026-11-22T10:03", until="2026-11-22T10:06"),
        "voice": (io.BytesIO(voice), "voice.wav"),
    }
    posted = desk.post("/desk/notices/new", data=data)
    address = desk.get(posted.location).get_data(as_text=True).split('href="/files/')[1].split('"')[0]
    heard = []
    for _ in range(3):
        for browser in (client, desk):
            with browser.get(f"/files/{address}") as file:
                heard.append(file.status_code)
                assert file.headers["Cache-Control"] in {"no-store", "private, no-store"}
        clock.move(minutes=4)

    assert heard == [404, 200, 200, 200, 404, 200]


def test_a_recording_is_gone_with_its_notice(desk: FlaskClient, client: FlaskClient, voice: bytes) -> None:
    posted = desk.post("/desk/notices/new", data={**typed(), "voice": (io.BytesIO(voice), "voice.wav")})
    address = desk.get(posted.location).get_data(as_text=True).split('href="/files/')[1].split('"')[0]
    desk.post(f"{posted.location}/withdraw")

    assert client.get(f"/files/{address}").status_code == 404


def test_a_notice_for_later_is_told_as_one(
    desk: FlaskClient, client: FlaskClient, clock: FrozenClock
) -> None:
    posted = desk.post("/desk/notices/new", data=typed(starts="2026-11-24T08:30"))
    told = desk.get(posted.location).get_data(as_text=True)
    clock.move(hours=72)
    read = client.get(posted.location.removeprefix("/desk")).get_data(as_text=True)

    assert "已发出" not in told
    assert told.count("11月24日 08:30起") == 2
    assert "公布时间：11 月 24 日上午 8 点 30 分，到时才能打开" in told
    assert "11月24日 星期二</span>" in read and "农历十月十六 发布</span>" in read
    assert "看大家看到的样子" not in told


@pytest.fixture
def voice() -> bytes:
    """One second of a tone, as a phone records it."""
    import math
    import struct
    import wave

    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = (int(9000 * math.sin(2 * math.pi * 440 * at / 8000)) for at in range(8000))
        file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return made.getvalue()


def test_a_recording_that_is_none_is_refused_and_nothing_is_stored(desk: FlaskClient) -> None:
    answer = desk.post("/desk/notices/new", data={**typed(), "voice": (io.BytesIO(b"not a voice"), "v.wav")})

    assert answer.status_code == 400
    assert stored() == 0


def test_a_notice_is_read_from_its_beginning_to_its_end(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    make_village()
    notice = make_notice(from_at=clock.at + timedelta(hours=1), until_at=clock.at + timedelta(hours=2))
    seen = []
    for _ in range(4):
        listed = "三组停水" in client.get(f"/notices?village={VILLAGE}").get_data(as_text=True)
        seen.append((client.get(f"/notices/{notice.id}").status_code, listed))
        clock.move(minutes=50)

    assert seen == [(404, False), (404, False), (200, True), (404, False)]


def test_an_urgent_notice_whose_day_is_over_says_so_and_is_red_nowhere(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    make_village()
    notice = make_notice(is_urgent=True)
    addresses = (f"/notices?village={VILLAGE}", f"/notices/{notice.id}")
    listed, shown = [client.get(address).text for address in addresses]
    clock.move(days=1)
    listed_later, shown_later = [client.get(address).text for address in addresses]

    assert 'class="urgent"' in listed and "已过" not in listed and "已经过了" not in shown
    assert 'class="urgent"' not in listed_later and "<b>已过</b>" in listed_later
    assert "这一天已经过了" in shown_later


def test_a_recording_far_too_long_is_refused_beside_its_field_and_the_words_stay(desk: FlaskClient) -> None:
    recording = sent(b"0" * 13 * 1024 * 1024, "long.wav")
    answer = desk.post("/desk/notices/new", **long_form(typed(), voice=recording))

    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert "供水站检修水管" in text and "field-error" in text


def test_an_officer_takes_back_the_own_notice_and_not_the_clerks(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    make_village()
    officer = app.test_client()
    with transaction():
        person = make_official(role="officer", area=f"{VILLAGE}-01")
        sign_in(officer, person)
    clerks, own = make_notice(), make_notice()
    with transaction():
        own.posted_by = person.id

    page = officer.get(f"/desk/notices/{clerks.id}").get_data(as_text=True)
    assert "撤下这条通知" not in page
    assert officer.post(f"/desk/notices/{clerks.id}/withdraw").status_code == 403
    assert "撤下这条通知" in officer.get(f"/desk/notices/{own.id}").get_data(as_text=True)
    assert officer.post(f"/desk/notices/{own.id}/withdraw").status_code == 303


def test_a_withdrawn_notice_is_gone_at_once(desk: FlaskClient, client: FlaskClient) -> None:
    notice = make_notice()
    assert client.get(f"/notices/{notice.id}").status_code == 200
    desk.post(f"/desk/notices/{notice.id}/withdraw")

    assert client.get(f"/notices/{notice.id}").status_code == 404
    assert desk.post(f"/desk/notices/{notice.id}/withdraw").status_code == 409


def test_another_villages_clerk_neither_sees_nor_takes_down(app: Flask, desk: FlaskClient) -> None:
    notice = make_notice()
    other = app.test_client()
    with transaction():
        sign_in(other, make_official(area="420199104999"))

    assert other.get(f"/desk/notices/{notice.id}").status_code == 404
    assert other.post(f"/desk/notices/{notice.id}/withdraw").status_code == 403
    assert "三组停水" not in other.get("/desk/notices").get_data(as_text=True)


def test_a_town_speaks_to_all_its_villages_and_to_no_other(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    make_village()
    make_notice(area=VILLAGE[:9], title="全镇通知")
    make_notice(area="420199999", title="别镇通知")
    text = client.get(f"/notices?village={VILLAGE}").get_data(as_text=True)

    assert "全镇通知" in text
    assert "别镇通知" not in text


def test_a_stranger_is_led_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/desk/notices").status_code == 303
    assert client.post("/desk/notices/new", data=typed()).status_code in {400, 401}
