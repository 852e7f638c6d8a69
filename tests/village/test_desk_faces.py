"""The desk's pages of villages, doors and plates in a real browser keep the rules of every page."""

from __future__ import annotations

from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from commons.db import transaction
from tests.commons.accounts.browsing import submit
from tests.commons.accounts.test_faces import cookies
from tests.face import served
from tests.make.divisions import VILLAGE, make_village
from tests.make.door_sheets import door_row, make_sheet
from tests.make.doors import make_door, make_plate
from tests.ui_rules import findings
from tests.village.at_desk import signed_in
from tests.village.plates.test_actions import public_site
from village.plates import life
from village.plates.rules import PlateState

__all__ = ["public_site"]


def upload(client: FlaskClient, *rows: list[object]) -> str:
    fields = {"village": VILLAGE, "frame": "wgs84", "file": (BytesIO(make_sheet(rows)), "门.xlsx")}
    return submit(client, "/desk/doors/import", fields).headers["Location"]


def test_every_page_for_villages_doors_and_plates_keeps_the_rules(
    app: Flask, client: FlaskClient, browser: Browser, public_site: None
) -> None:
    make_village()
    signed_in(client)
    plate = make_plate()
    with transaction():
        life.note_state(plate.id, PlateState.damaged, "车撞的")
        make_door()
    stored = upload(client, door_row(1), door_row(2, 地址="青石湾村3组2号东头老李家"))
    submit(client, stored, {}, to=f"{stored}/confirm")
    preview = upload(client, door_row(1, 纬度=30.8714), door_row(3))
    wrong = upload(client, door_row(1, 经度=None), door_row(3))
    batch = submit(client, "/desk/plates", {"village": VILLAGE, "layout": "a4", "most": 1}).headers[
        "Location"
    ]
    pages = (
        "/desk/villages?q=青石湾", f"/desk/villages/{VILLAGE}", "/desk/doors", f"/desk/doors/{plate.door_id}",
        "/desk/doors/import", stored, preview, wrong, "/desk/plates", batch, "/desk/plates/check?code=x",
        f"/desk/plates/{plate.id}",
    )  # fmt: skip
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    with served(app) as site:
        found = {page: findings(browser, site + page, "desk", cookies(client, site)) for page in pages}
    assert {page: [str(each) for each in wrong] for page, wrong in found.items() if wrong} == {}
