"""A scan: small, the same for everyone, never late, and kind to codes that open nothing."""

from __future__ import annotations

import gzip
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import event

from commons.assets import inline_style, style_hash
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.direct_reader import DirectReader
from commons.marks import set_demonstration
from geocode.door_codes import ALPHABET, check_character, new_code
from tests.make.artisans import make_artisan
from tests.make.divisions import make_village
from tests.make.doors import make_batch, make_door, make_plate
from tests.make.notices import make_notice
from tests.make.produce import make_product
from village.plates.rules import PlateState
from village.public import bump_page
from village.scan.cache import Remembered
from village.scan.front import ScanFront
from village.scan.memory import ScanMemory
from village.scan.rules import Variant
from village.scan.shell import mark

PACKED = {"Accept-Encoding": "gzip"}


class Questions:
    """Counts what is asked of the database, through the session or straight through the driver."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._straight = pytest.MonkeyPatch()

    def __enter__(self) -> Questions:
        event.listen(db.engine, "before_cursor_execute", self._note)
        ask = DirectReader.row

        def noted(reader: DirectReader, value: str) -> tuple[Any, ...] | None:
            self.asked.append(value)
            return ask(reader, value)

        self._straight.setattr(DirectReader, "row", noted)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)
        self._straight.undo()

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


@pytest.mark.parametrize("marked", [str(mark("z")), str(mark("c")), "\ue000z\ue001", "\ue000c\ue001"])
def test_no_name_on_a_page_can_break_it_or_stand_for_a_doors_own_words(
    client: FlaskClient, scan: ScanMemory, clock: FrozenClock, marked: str
) -> None:
    village = make_village(name=f"青石湾{marked}村", duty_phone=f"027-0{marked}")
    plates = [make_plate(door=make_door(village=village, label=f"1{n}{marked}", hamlet=marked)) for n in "23"]
    make_notice(title=f"停水{marked}")
    make_artisan(public_name=f"杨{marked}")
    make_product(name=f"蛋{marked}")
    for plate in plates:
        for variant in ("", "?big=1"):
            text = page(client, f"/D/{plate.code}{variant}")
            assert text.count(str(escape(marked))) >= 6
            assert plates[0].code in text or plate is not plates[0]
            assert f"停水{escape(marked)}<" in text


def test_a_fault_of_the_layer_in_front_is_left_to_the_application(
    app: Flask, client: FlaskClient, plate_code: str, scan: ScanMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = page(client, f"/D/{plate_code}")
    reached = watch(app)
    monkeypatch.setattr(scan, "pages", None)
    monkeypatch.setattr(
        scan, "remember", lambda *_: Remembered("", 1, None, "tag", gzip.compress(known.encode()))
    )

    assert page(client, f"/D/{plate_code}") == known
    assert reached == [f"/D/{plate_code}"]


@pytest.mark.parametrize("query", ["?" + "&".join("abcdefghijk"), "?lang=%ff", "?big=2", "?" + "x" * 3000])
def test_an_odd_query_changes_nothing(client: FlaskClient, plate_code: str, query: str) -> None:
    assert page(client, f"/D/{plate_code}{query}") == page(client, f"/D/{plate_code}")


def test_no_cookie_no_token_and_the_same_security_as_elsewhere(client: FlaskClient, plate_code: str) -> None:
    for _ in range(2):
        answer = client.get(f"/D/{plate_code}", headers=PACKED)
        assert "Set-Cookie" not in answer.headers
        assert "csrf" not in gzip.decompress(answer.data).decode()
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


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


@pytest.mark.parametrize("typed", ["IIIIIIIIII", "ＡBCDE2345E", "ABCDE-2345", "%FFBCDE23456"])
def test_what_is_no_code_at_all_asks_nothing_either(app: Flask, client: FlaskClient, typed: str) -> None:
    with Questions() as questions:
        answer = client.get(f"/D/{typed}")

    assert answer.status_code in {301, 404}
    assert questions.asked == []


def test_a_code_with_a_zero_byte_is_none(client: FlaskClient) -> None:
    assert client.get("/D/ABCD%00EFGH2").status_code == 404


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
    ("state", "words"), [(PlateState.revoked, "已经停用"), (PlateState.reissued, "已经换新")]
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
    with Questions() as questions:
        answer = client.get(f"/D/{body}{check_character(body)}")

    assert answer.status_code == 404
    assert "演示门牌" in answer.get_data(as_text=True)
    assert not [each for each in questions.asked if "plate" in each or "DEM" in each]


def test_a_demonstration_opens_its_own_plates(
    app: Flask, client: FlaskClient, scan: ScanMemory, clock: FrozenClock
) -> None:
    with transaction():
        set_demonstration()
    batch = make_batch(is_demonstration=True)
    first, second = (make_plate(door=make_door(label=label), batch=batch).code for label in ("12", "13"))
    page(client, f"/D/{first}")
    reached = watch(app)

    assert "<b>13</b>" in page(client, f"/D/{second}")
    assert reached == []

    scan.forget()
    assert not scan._may_open(second)  # as after a start: no demonstration was seen yet


@pytest.mark.parametrize("state", [None, PlateState.revoked, PlateState.reissued])
def test_the_policy_of_a_code_that_opens_no_door_lets_its_own_style_through(
    client: FlaskClient, app: Flask, state: PlateState | None
) -> None:
    code = make_plate(door=make_door(label="12"), state=state).code if state else new_code()
    for address in (f"/D/{code}", "/D/7K3M9QX2HZ"):
        answer = client.get(address)
        assert inline_style("scan") in answer.get_data(as_text=True)
        assert style_hash("scan") in answer.headers["Content-Security-Policy"]


def test_a_typed_code_leads_to_its_page_and_a_wrong_one_is_kept(app: Flask, plate_code: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    found = client.post("/find", data={"code": f" {plate_code[:5].lower()}-{plate_code[5:]} "})
    wrong = client.post("/find", data={"code": "O0I1L"})

    assert found.location == f"/D/{plate_code}"
    assert wrong.status_code == 400
    assert "从来没有" in wrong.get_data(as_text=True)
    assert 'value="O0I1L"' in wrong.get_data(as_text=True)


def test_a_code_with_a_hyphen_leads_to_its_page_read_as_it_was(client: FlaskClient, plate_code: str) -> None:
    typed = f"/D/{plate_code[:5]}-{plate_code[5:]}"

    assert client.get(f"{typed}?lang=en&big=1").location == f"/D/{plate_code}?big=1&lang=en"
    assert client.get(f"{typed}?utm=1").location == f"/D/{plate_code}"
