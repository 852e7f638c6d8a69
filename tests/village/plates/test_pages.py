"""The desk's pages about doors and plates, each for whom it is meant."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from commons.db import db, transaction
from tests.commons.accounts.browsing import submit, token_on
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import make_door, make_grid, make_plate
from tests.village.at_desk import signed_in, text_of
from tests.village.plates.test_actions import public_site
from village.plates.models import Plate, PlateBatch

PRINT = "/desk/plates"

__all__ = ["public_site"]


@pytest.fixture
def clerk(client: FlaskClient) -> FlaskClient:
    """The clerk of 青石湾村 at the desk."""
    make_village()
    return signed_in(client)


def print_all(client: FlaskClient, layout: str = "a3") -> str:
    answer = submit(client, PRINT, {"village": VILLAGE, "layout": layout, "most": 300})
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"]


def test_a_clerk_prints_and_downloads_file_proof_and_manifest(clerk: FlaskClient, public_site: None) -> None:
    with transaction():
        for _ in range(2):
            make_door()

    batch = print_all(clerk)
    first, second = (clerk.get(f"{batch}/plates.pdf").data for _ in range(2))
    proof = clerk.get(f"{batch}/plates.pdf?layout=a4").data
    manifest = json.loads(clerk.get(f"{batch}/manifest.json").data)

    assert first == second and first.startswith(b"%PDF") and proof.startswith(b"%PDF")
    assert len(manifest["plates"]) == 2
    assert "XQ.EXAMPLE.CN" in text_of(clerk.get(batch))
    assert clerk.get(f"{batch}/plates.pdf?layout=a9").status_code == 404


def test_pressing_print_twice_prints_once(clerk: FlaskClient, public_site: None) -> None:
    make_door()
    print_all(clerk)

    again = submit(clerk, PRINT, {"village": VILLAGE, "layout": "a3", "most": 300})

    assert again.status_code == 400
    assert "每个门都已有门牌" in text_of(again)
    assert db.session.scalar(select(func.count()).select_from(PlateBatch)) == 1


def test_an_address_of_this_machine_is_refused_in_words(clerk: FlaskClient) -> None:
    make_door()

    answer = submit(clerk, PRINT, {"village": VILLAGE, "layout": "a3", "most": 1})

    assert answer.status_code == 400
    assert "PUBLIC_BASE_URL" in text_of(answer)
    assert db.session.scalar(select(func.count()).select_from(Plate)) == 0


def test_a_batch_that_was_cut_off_is_gone_on_with(clerk: FlaskClient, public_site: None) -> None:
    from village.plates import actions

    make_door()
    with transaction():
        batch = actions.begin_batch(VILLAGE, "a3")
    page = f"/desk/plates/batches/{batch.id}"
    assert clerk.get(f"{page}/plates.pdf").status_code == 404

    submit(clerk, page, {}, to=f"{page}/finish")

    assert clerk.get(f"{page}/plates.pdf").status_code == 200


def test_doors_are_found_by_address_code_and_plate(clerk: FlaskClient) -> None:
    door = make_door(label="88")
    make_door()
    plate = make_plate(door=door)

    by_address = text_of(clerk.get("/desk/doors?q=88号"))
    by_plate = clerk.get(f"/desk/doors?q={plate.code.lower()}")

    assert door.address in by_address and "共 1 个门" in by_address
    assert by_plate.headers["Location"].endswith(f"/desk/doors/{door.id}")
    page = text_of(clerk.get(f"/desk/doors/{door.id}"))
    assert door.address_code in page and door.beidou_code in page and plate.code[:5] in page


def test_long_lists_have_pages(clerk: FlaskClient) -> None:
    with transaction():
        for _ in range(51):
            make_door()

    assert "page=2" in text_of(clerk.get("/desk/doors"))
    assert "page=1" in text_of(clerk.get("/desk/doors?page=2"))
    assert clerk.get("/desk/doors?page=x").status_code == 200


def test_an_officer_checks_the_plates_of_the_own_grid_on_the_spot(client: FlaskClient) -> None:
    here, there = make_grid(number=1), make_grid(number=2)
    mine, other = make_plate(door=make_door(grid=here)), make_plate(door=make_door(grid=there))
    signed_in(client, "officer", here.area)

    found = client.get(f"/desk/plates/check?code=https://xq.example.cn/d/{mine.code.lower()}")
    answer = submit(client, found.headers["Location"], {"state": "damaged", "words": "车撞的"})
    foreign = client.get(f"/desk/plates/check?code={other.code}")

    assert answer.status_code == 303
    db.session.refresh(mine)
    assert mine.state == "damaged"
    assert "不是您辖区里的门牌" in text_of(foreign)
    assert client.get(f"/desk/plates/{other.id}").status_code == 404
    assert client.get(f"/desk/doors/{other.door_id}").status_code == 404
    assert f"/desk/doors/{other.door_id}" not in text_of(client.get("/desk/doors"))


def test_an_officer_revokes_and_prints_nothing(client: FlaskClient, public_site: None) -> None:
    plate = make_plate(door=make_door(grid=make_grid(number=1)))
    signed_in(client, "officer", f"{VILLAGE}-01")
    page = f"/desk/plates/{plate.id}"

    answer = submit(client, page, {"state": "revoked"})
    token = token_on(client, page)
    again = client.post(f"{page}/reissue", data={"csrf_token": token, "words": "x", "layout": "a4"})

    assert (answer.status_code, again.status_code) == (400, 403)
    assert client.get(PRINT).status_code == 403
    db.session.refresh(plate)
    assert plate.state == "mounted"


def test_a_clerk_reissues_a_plate_from_the_page_of_its_door(clerk: FlaskClient, public_site: None) -> None:
    plate = make_plate()
    page = f"/desk/doors/{plate.door_id}"

    without_reason = submit(clerk, page, {"layout": "a4", "words": ""}, to=f"/desk/plates/{plate.id}/reissue")
    answer = submit(clerk, page, {"layout": "a4", "words": "被盗"}, to=f"/desk/plates/{plate.id}/reissue")

    assert without_reason.headers["Location"].endswith(page)
    assert "/desk/plates/batches/" in answer.headers["Location"]
    db.session.refresh(plate)
    assert plate.state == "reissued"
    assert "被盗" in text_of(clerk.get(page))


def test_the_clerk_of_another_village_reaches_no_batch_plate_or_door(
    clerk: FlaskClient, app: Flask, public_site: None
) -> None:
    make_village(code="420199104208", name="柏泉村")
    plate = make_plate()
    make_door()
    batch = print_all(clerk)
    other = signed_in(app.test_client(), "clerk", "420199104208")
    token = token_on(other, PRINT)

    for path in (batch, f"{batch}/plates.pdf", f"{batch}/manifest.json", f"/desk/plates/{plate.id}"):
        assert other.get(path).status_code == 404
    for path in (f"{batch}/finish", f"/desk/plates/{plate.id}", f"/desk/plates/{plate.id}/reissue"):
        assert other.post(path, data={"csrf_token": token}).status_code == 404
    answer = other.post(PRINT, data={"csrf_token": token, "village": VILLAGE, "layout": "a3", "most": 1})
    assert answer.status_code == 400


@pytest.mark.parametrize("code", ["", "0" * 500, "ABCDE-2345F", "ABCDE-2345E", "<script>"])
def test_a_code_of_no_plate_is_answered_in_words(clerk: FlaskClient, code: str) -> None:
    answer = clerk.get("/desk/plates/check", query_string={"code": code})

    assert answer.status_code == 200
    assert "<script>" not in text_of(answer).replace('<script type="module"', "")
