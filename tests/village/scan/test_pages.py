"""A scan: small, the same for everyone, never late, and kind to codes that open nothing."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from commons.clock import FrozenClock
from commons.db import db, transaction
from geocode.door_codes import ALPHABET, check_character, new_code
from tests.make.divisions import make_village
from tests.make.doors import make_door, make_plate
from tests.make.notices import make_notice
from village.plates.rules import PlateState
from village.public import bump_page
from village.scan.front import ScanFront
from village.scan.memory import ScanMemory
from village.scan.rules import Variant

PACKED = {"Accept-Encoding": "gzip"}


@pytest.fixture
def scan(app: Flask) -> ScanMemory:
    memory: ScanMemory = app.extensions["scan"]
    return memory


@pytest.fixture
def plate_code(app: Flask, clock: FrozenClock, scan: ScanMemory) -> str:
    return make_plate(door=make_door(label="12", group_no=3)).code


class Questions:
    """Counts what is asked of the database."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __enter__(self) -> Questions:
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, connection: object, cursor: object, statement: str, *_: object) -> None:
        self.asked.append(statement)


def page(client: FlaskClient, address: str, **headers: str) -> str:
    answer = client.get(address, headers={**PACKED, **headers})
    assert answer.status_code == 200, answer.status_code
    return gzip.decompress(answer.data).decode()


def test_a_scan_shows_the_plate_one_stands_before(client: FlaskClient, plate_code: str) -> None:
    text = page(client, f"/D/{plate_code}")

    assert "青石湾村" in text
    assert "三组" in text
    assert f"{plate_code[:5]}-{plate_code[5:]}" in text
    for words in ("党务", "政务", "村务", "商务", "我要报事", "找网格员"):
        assert words in text
    assert f"/matters/new?door={plate_code}" in text


def test_any_case_of_path_and_code_opens_the_same_page(client: FlaskClient, plate_code: str) -> None:
    assert page(client, f"/d/{plate_code.lower()}") == page(client, f"/D/{plate_code}")


def test_the_page_fits_the_first_round_trip_in_every_encoding(
    client: FlaskClient, plate_code: str, scan: ScanMemory
) -> None:
    for number in range(3):
        make_notice(title=f"关于开展城乡居民基本医疗保险集中缴费工作的通知（第{number}号）")
    first = client.get(f"/D/{plate_code}", headers={"Accept-Encoding": "gzip, br"})
    client.get(
        f"/D/{plate_code}", headers={"Accept-Encoding": "gzip, br"}
    )  # asked for again, so worth more work
    scan.later.wait()
    second = client.get(f"/D/{plate_code}", headers={"Accept-Encoding": "gzip, br"})

    assert first.headers["Content-Encoding"] == "gzip"
    assert second.headers["Content-Encoding"] == "br"
    assert len(first.data) + len(str(first.headers)) <= 14_336
    assert len(second.data) <= 8_192
    assert brotli.decompress(second.data) == gzip.decompress(first.data)


def test_the_layer_in_front_sends_what_the_application_sends(
    app: Flask, client: FlaskClient, plate_code: str, scan: ScanMemory
) -> None:
    made = client.get(f"/D/{plate_code}", headers=PACKED)  # by the application: nothing is remembered yet
    reached = watch(app)
    remembered = client.get(f"/D/{plate_code}", headers=PACKED)

    assert reached == []
    assert remembered.data == made.data
    assert sorted(remembered.headers) == sorted(made.headers)
    assert remembered.status == made.status


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_next_door_is_answered_in_front_and_as_the_application_would(
    app: Flask, client: FlaskClient, plate_code: str, scan: ScanMemory, encoding: str
) -> None:
    other = make_plate(door=make_door(label="12-1", group_no=3)).code
    asked = {"Accept-Encoding": encoding}
    client.get(f"/D/{plate_code}", headers=asked)
    reached = watch(app)
    in_front = client.get(f"/D/{other}", headers=asked)
    assert reached == []
    scan.forget()
    by_application = client.get(f"/D/{other}", headers=asked)

    assert reached == [f"/D/{other}"]
    assert in_front.data == by_application.data
    assert sorted(in_front.headers) == sorted(by_application.headers)


def test_the_layer_in_front_opens_no_plate_that_opens_no_door(client: FlaskClient, plate_code: str) -> None:
    door = make_door(label="12-1", group_no=3)
    states = (PlateState.revoked, PlateState.reissued, PlateState.batch)
    codes = [make_plate(door=door, state=state).code for state in states]
    page(client, f"/D/{plate_code}")

    assert [client.get(f"/D/{code}", headers=PACKED).status_code for code in codes] == [410, 410, 404]


def watch(app: Flask) -> list[str]:
    """Return the addresses that reach the application from now on."""
    front: ScanFront = app.wsgi_app  # type: ignore[assignment]
    inner, reached = front.application, []

    def watched(environ: Any, start: Any) -> Any:
        reached.append(environ["PATH_INFO"])
        return inner(environ, start)

    front.application = watched
    return reached


def test_no_cookie_no_token_and_the_same_security_as_elsewhere(client: FlaskClient, plate_code: str) -> None:
    for _ in range(2):
        answer = client.get(f"/D/{plate_code}", headers=PACKED)
        assert "Set-Cookie" not in answer.headers
        assert "csrf" not in gzip.decompress(answer.data).decode()
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unchanged_page_is_not_sent_again(client: FlaskClient, plate_code: str, scan: ScanMemory) -> None:
    tag = client.get(f"/D/{plate_code}", headers=PACKED).headers["ETag"]
    scan.later.wait()
    again = client.get(
        f"/D/{plate_code}", headers={"Accept-Encoding": "br", "If-None-Match": f'W/{tag}, "other"'}
    )

    assert (again.status_code, again.data) == (304, b"")


def test_a_changed_page_is_sent_although_the_client_has_an_older_one(
    client: FlaskClient, plate_code: str
) -> None:
    tag = client.get(f"/D/{plate_code}", headers=PACKED).headers["ETag"]
    make_notice(title="新来的通知")
    answer = client.get(f"/D/{plate_code}", headers={**PACKED, "If-None-Match": tag})

    assert answer.status_code == 200
    assert "新来的通知" in gzip.decompress(answer.data).decode()


def test_a_notice_is_on_the_door_at_the_next_request(client: FlaskClient, plate_code: str) -> None:
    assert "停水" not in page(client, f"/D/{plate_code}")
    make_notice(title="三组停水半天")

    assert "三组停水半天" in page(client, f"/D/{plate_code}")


def test_a_notice_comes_and_goes_by_the_clock_alone(
    client: FlaskClient, plate_code: str, clock: FrozenClock
) -> None:
    make_notice(
        title="明天停水", from_at=clock.at + timedelta(hours=1), until_at=clock.at + timedelta(hours=3)
    )
    seen = []
    for _ in range(5):
        seen.append("明天停水" in page(client, f"/D/{plate_code}"))
        clock.move(hours=1)

    assert seen == [False, True, True, False, False]


def test_another_process_sees_a_raised_version_at_once(
    client: FlaskClient, plate_code: str, scan: ScanMemory, clock: FrozenClock
) -> None:
    page(client, f"/D/{plate_code}")
    kept = scan.pages.get((plate_code, Variant()))
    with transaction():
        bump_page(make_village().code)

    assert kept is not None
    assert not kept.is_fresh(scan.version_of(kept.village_code), clock.at)


def test_two_doors_at_one_spot_differ_in_address_and_code_alone(client: FlaskClient, plate_code: str) -> None:
    other = make_plate(door=make_door(label="13", group_no=4))
    one, two = page(client, f"/D/{plate_code}"), page(client, f"/D/{other.code}")
    for text, code, group, number in ((one, plate_code, "三组", "12"), (two, other.code, "四组", "13")):
        assert f"<b>{number}</b>号" in text
        changed = text.replace(code, "CODE").replace(f"{code[:5]}-{code[5:]}", "CODE")
        changed = (
            changed.replace(group, "组")
            .replace(f"<b>{number}</b>", "<b>N</b>")
            .replace(f"组{number}号", "组N号")
        )
        if code == plate_code:
            first = changed
    assert first == changed


@pytest.mark.parametrize("position", range(10))
def test_a_wrong_character_is_none_of_ours_and_asks_nothing(
    app: Flask, client: FlaskClient, position: int
) -> None:
    code = new_code()
    other = next(sign for sign in ALPHABET if sign != code[position] and _differs(code, position, sign))
    typed = code[:position] + other + code[position + 1 :]
    with Questions() as questions:
        answer = client.get(f"/D/{typed}")

    assert answer.status_code == 404
    assert "这不是我们的门牌码" in answer.get_data(as_text=True)
    assert questions.asked == []


def _differs(code: str, position: int, sign: str) -> bool:
    typed = code[:position] + sign + code[position + 1 :]
    return check_character(typed[:9]) != typed[9]


def test_a_code_nobody_was_given_says_so(client: FlaskClient, app: Flask) -> None:
    code = "ABCDE2345" + check_character("ABCDE2345")
    answer = client.get(f"/D/{code}")

    assert answer.status_code == 404
    assert "这不是我们的门牌码" not in answer.get_data(as_text=True)


def test_guessing_codes_is_slowed_down(client: FlaskClient, app: Flask, clock: FrozenClock) -> None:
    answers = {client.get(f"/D/{new_code()}").status_code for _ in range(302)}

    assert answers == {404, 429}


@pytest.mark.parametrize(
    ("state", "words"), [(PlateState.revoked, "已经停用"), (PlateState.reissued, "换过新的了")]
)
def test_a_plate_that_no_longer_counts_says_so_and_gives_the_duty_telephone(
    client: FlaskClient, app: Flask, state: PlateState, words: str
) -> None:
    village = make_village()
    plate = make_plate(door=make_door(label="12"), state=state)
    answer = client.get(f"/D/{plate.code}")
    text = answer.get_data(as_text=True)

    assert answer.status_code == 410
    assert words in text
    assert village.duty_phone in text
    assert "12号" not in text


def test_a_plate_of_a_demonstration_is_named_as_one(client: FlaskClient, app: Flask) -> None:
    body = "DEM222222"
    answer = client.get(f"/D/{body}{check_character(body)}")

    assert answer.status_code == 404
    assert "演示门牌" in answer.get_data(as_text=True)


def test_large_type_and_english_stand_in_the_address(client: FlaskClient, plate_code: str) -> None:
    big, english = page(client, f"/D/{plate_code}?big=1"), page(client, f"/D/{plate_code}?lang=en")

    assert 'class="big"' in big
    assert f"/D/{plate_code}" in big
    assert 'lang="en"' in english
    assert 'lang="zh-Hans"' in big


def test_a_typed_code_leads_to_its_page_and_a_wrong_one_is_kept(app: Flask, plate_code: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    found = client.post("/find", data={"code": f" {plate_code[:5].lower()}-{plate_code[5:]} "})
    wrong = client.post("/find", data={"code": "O0I1L"})

    assert found.location == f"/D/{plate_code}"
    assert wrong.status_code == 400
    assert "从来没有" in wrong.get_data(as_text=True)
    assert 'value="O0I1L"' in wrong.get_data(as_text=True)


def test_a_client_that_takes_no_compression_gets_the_page_whole(client: FlaskClient, plate_code: str) -> None:
    for _ in range(2):
        answer = client.get(f"/D/{plate_code}", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in answer.headers
        assert "青石湾村" in answer.get_data(as_text=True)


def test_head_sends_no_body(client: FlaskClient, plate_code: str) -> None:
    for _ in range(2):
        answer = client.head(f"/D/{plate_code}", headers=PACKED)
        assert (answer.status_code, answer.data) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 1000
