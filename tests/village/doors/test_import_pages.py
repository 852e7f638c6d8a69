"""The desk's pages for importing doors: nothing is stored before the clerk has seen and confirmed it."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from commons import marks
from commons.db import db, transaction
from tests.commons.accounts.browsing import submit, token_on
from tests.make.divisions import VILLAGE, make_village
from tests.make.door_sheets import door_row, make_doors_sheet, make_sheet
from tests.make.doors import make_plate
from tests.village.at_desk import signed_in, text_of
from village.doors import sheets
from village.doors.models import Door, DoorImport

UPLOAD = "/desk/doors/import"


@pytest.fixture
def clerk(client: FlaskClient) -> FlaskClient:
    """The clerk of 青石湾村 at the desk."""
    make_village()
    return signed_in(client)


def upload(client: FlaskClient, data: bytes, *, village: str = VILLAGE, frame: str = "wgs84") -> TestResponse:
    fields = {"village": village, "frame": frame, "file": (BytesIO(data), "青石湾.xlsx")}
    return submit(client, UPLOAD, fields)


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Door)) or 0


def test_a_sheet_is_previewed_confirmed_and_listed(clerk: FlaskClient) -> None:
    preview = upload(clerk, make_doors_sheet(3)).headers["Location"]

    words = text_of(clerk.get(preview))
    assert count() == 0
    assert "确认存入" in words and "青石湾村3组2号" in words
    answer = submit(clerk, preview, {}, to=f"{preview}/confirm")

    assert answer.status_code == 303
    assert count() == 3
    assert "已存入" in text_of(clerk.get(preview))
    assert "青石湾村3组2号" in text_of(clerk.get("/desk/doors"))


def test_pressing_confirm_twice_stores_once(clerk: FlaskClient) -> None:
    preview = upload(clerk, make_doors_sheet(3)).headers["Location"]
    token = token_on(clerk, preview)

    for _ in range(2):
        assert clerk.post(f"{preview}/confirm", data={"csrf_token": token}).status_code == 303

    assert count() == 3
    assert db.session.scalar(select(func.count()).select_from(DoorImport)) == 1


def test_wrong_rows_are_shown_with_row_and_column_and_come_back_in_red(clerk: FlaskClient) -> None:
    data = make_sheet(
        [door_row(1), door_row(2, 经度=None), door_row(3, 标准地址编码="4201991042070000000001")]
    )
    preview = upload(clerk, data).headers["Location"]

    words = text_of(clerk.get(preview))
    back = clerk.get(f"{preview}/errors.xlsx")

    assert "确认存入" not in words and "没有经度" in words and "与第 2 行重复" in words
    reasons = [row[-1] for row in sheets.read_cells(back.data)]
    assert reasons == ["原因", None, "经度：没有经度", "标准地址编码：4201991042070000000001 与第 2 行重复"]
    token = token_on(clerk, preview)
    clerk.post(f"{preview}/confirm", data={"csrf_token": token})
    assert count() == 0


def test_columns_that_were_guessed_wrong_are_corrected_by_hand(clerk: FlaskClient) -> None:
    data = make_sheet([door_row(1)], heads=["a", "b", "c", "d", "e", "f", "g", "h"])
    preview = upload(clerk, data).headers["Location"]
    assert "还没有指明" in text_of(clerk.get(preview))

    chosen = {
        "head_row": 1, "frame": "wgs84", "address": 0, "group": 1, "number": 2, "lng": 3, "lat": 4,
        "frame_column": 5, "police_code": 6, "room": 7,
    }  # fmt: skip
    submit(clerk, preview, chosen, to=f"{preview}/columns")
    submit(clerk, preview, {}, to=f"{preview}/confirm")

    assert count() == 1


def test_a_column_outside_the_sheet_is_no_choice(clerk: FlaskClient) -> None:
    preview = upload(clerk, make_doors_sheet(1)).headers["Location"]

    answer = submit(clerk, preview, {"head_row": 1, "lng": 500}, to=f"{preview}/columns")

    assert answer.status_code == 400


def test_an_import_is_taken_back_from_its_page_unless_a_plate_was_printed(clerk: FlaskClient) -> None:
    first = upload(clerk, make_sheet([door_row(1)])).headers["Location"]
    submit(clerk, first, {}, to=f"{first}/confirm")
    second = upload(clerk, make_sheet([door_row(2)])).headers["Location"]
    submit(clerk, second, {}, to=f"{second}/confirm")
    make_plate(door=db.session.scalars(select(Door).where(Door.label == "1")).one())

    submit(clerk, first, {}, to=f"{first}/undo")
    refused = text_of(clerk.get(first))
    submit(clerk, second, {}, to=f"{second}/undo")

    assert "已经印了其中 1 块门牌" in refused
    assert count() == 1
    assert "已撤销" in text_of(clerk.get(second))


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"PK\x03\x04zip", "地址,组\n".encode("gbk")])
def test_a_file_that_is_no_sheet_gets_a_sentence_and_changes_nothing(clerk: FlaskClient, data: bytes) -> None:
    answer = upload(clerk, data)

    assert answer.status_code == 400
    assert "field-error" in text_of(answer)
    assert db.session.scalar(select(func.count()).select_from(DoorImport)) == 0


def test_a_sheet_with_a_megabyte_in_a_cell_or_control_characters_is_answered_in_words(
    clerk: FlaskClient,
) -> None:
    data = make_sheet([door_row(1, 地址="长" * 30_000), door_row(2, 地址="<script>alert(1)</script>")])
    preview = upload(clerk, data).headers["Location"]

    words = text_of(clerk.get(preview))

    assert "文字太长" in words
    assert "<script>alert" not in words


def test_a_clerk_sends_no_sheet_to_another_village_and_sees_none_of_its(
    clerk: FlaskClient, app: Flask
) -> None:
    make_village(code="420199104208", name="柏泉村")
    preview = upload(clerk, make_doors_sheet(1)).headers["Location"]
    answer = upload(clerk, make_doors_sheet(1), village="420199104208")
    other = signed_in(app.test_client(), "clerk", "420199104208")

    assert answer.status_code == 400
    for path in (preview, f"{preview}/errors.xlsx"):
        assert other.get(path).status_code == 404
    token = token_on(other, UPLOAD)
    for step in ("confirm", "undo", "columns"):
        assert other.post(f"{preview}/{step}", data={"csrf_token": token}).status_code == 404
    assert count() == 0


def test_an_officer_imports_nothing(client: FlaskClient) -> None:
    make_village()
    signed_in(client, "officer", f"{VILLAGE}-01")

    assert client.get(UPLOAD).status_code == 403


def test_a_demonstration_takes_no_real_doors(clerk: FlaskClient) -> None:
    with transaction():
        marks.set_demonstration()

    assert "演示数据库" in text_of(upload(clerk, make_doors_sheet(1)))
    assert db.session.scalar(select(func.count()).select_from(DoorImport)) == 0


def test_the_template_is_a_sheet(clerk: FlaskClient) -> None:
    answer = clerk.get("/desk/doors/template.xlsx")

    assert sheets.read_cells(answer.data)[0][:3] == ["地址", "组", "门牌号"]
