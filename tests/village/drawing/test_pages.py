"""At the desk: the map, the form, the file, and everything somebody may send who should not."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from sqlalchemy import func, select

from commons.accounts.permissions import acting_as
from commons.clock import FrozenClock
from commons.db import db, transaction
from geocode import cells
from tests.browser import OFFICE, page_at
from tests.face import served
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import make_door
from tests.make.people import make_official
from tests.ui_rules import check_page
from tests.village.drawing.drawing_examples import (
    around_group,
    box,
    cells_of_group,
    clerk_at,
    drawn,
    geojson,
    grids_of_doors,
    make_settled_village,
    typed,
)
from village.drawing import actions
from village.grids.models import Grid
from village.grids.queries import grids_of
from village.grids.rules import GRID_RESOLUTION

HERE = f"/desk/grids/{VILLAGE}"
OTHER = "420199104208"


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    """A browser at the desk of the clerk of a village with doors in three groups."""
    make_settled_village()
    return clerk_at(app)[0]


def stored() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Grid)) or 0


def upload(data: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), "outline.geojson"


def test_a_clerk_draws_a_grid_by_groups_and_cells(desk: FlaskClient) -> None:
    form = desk.get(f"{HERE}/draw").get_data(as_text=True)
    sent = desk.post(f"{HERE}/draw", data=typed(groups=["1"], cells=cells_of_group(2), name="东片"))
    shown = desk.get(sent.location).get_data(as_text=True)

    assert "1 组" in form
    assert f'value="{cells_of_group(2)[0]}"' in form
    assert sent.status_code == 303
    assert "第 1 网格（东片）" in shown
    assert grids_of_doors()[1] == grids_of_doors()[2] != {None}


def test_the_desk_leads_a_clerk_straight_to_the_own_village(desk: FlaskClient) -> None:
    assert desk.get("/desk/grids").location == HERE
    assert 'href="/desk/grids"' in desk.get(HERE).get_data(as_text=True)


def test_a_town_sees_how_far_its_villages_are(app: Flask) -> None:
    make_settled_village(groups=1)
    make_village(code=OTHER, name="竹林冲村")
    page = clerk_at(app, VILLAGE[:9], "town")[0].get("/desk/grids").get_data(as_text=True)

    assert "青石湾村" in page
    assert "竹林冲村" in page
    assert "还没有划" in page


def test_a_file_says_the_cells(desk: FlaskClient) -> None:
    data = typed(cells=cells_of_group(3), outline=upload(around_group(1)))
    assert desk.post(f"{HERE}/draw", data=data).status_code == 303

    (grid,) = grids_of(VILLAGE)
    assert set(cells_of_group(1)) <= set(grid.cells)
    assert grids_of_doors()[3] == {None}


def test_a_grid_is_drawn_for_groups_whose_doors_come_later(desk: FlaskClient) -> None:
    page = desk.get(f"{HERE}/draw").get_data(as_text=True)
    known, _fold, later = page.partition("还没有门的组")
    assert "3 组（" in known and 'name="groups" value="9"' in later and 'name="groups" value="20"' in later
    assert desk.post(f"{HERE}/draw", data=typed(groups=["9", "20"], name="新湾")).status_code == 303
    (grid,) = grids_of(VILLAGE)
    assert grid.groups == [9, 20]
    with transaction():
        lone = make_door(group_no=23)
    assert lone.id and 'name="groups" value="28"' in desk.get(f"{HERE}/draw").get_data(as_text=True)


def test_a_village_without_doors_is_divided_by_its_groups_one_grid_after_another(app: Flask) -> None:
    with transaction():
        make_village()
    desk = clerk_at(app)[0]
    sent = [desk.post(f"{HERE}/draw", data=typed(groups=groups)) for groups in (["3"], ["4", "5"])]

    assert [answer.status_code for answer in sent] == [303, 303]
    assert [grid.groups for grid in grids_of(VILLAGE)] == [[3], [4, 5]]


def test_a_grid_is_drawn_anew_and_removed(desk: FlaskClient) -> None:
    desk.post(f"{HERE}/draw", data=typed(groups=["1"]))
    form = desk.get(f"{HERE}/1").get_data(as_text=True)
    desk.post(f"{HERE}/1", data=typed(groups=["2", "3"]))

    assert 'value="1" checked' in form
    assert grids_of_doors()[1] == {None}
    assert grids_of_doors()[2] == grids_of_doors()[3] != {None}
    assert desk.post(f"{HERE}/1/remove").status_code == 303
    assert set.union(*grids_of_doors().values()) == {None}
    assert desk.get(f"{HERE}/1").status_code == 404


def test_cells_far_from_doors_stay_when_only_the_name_changes(desk: FlaskClient) -> None:
    desk.post(f"{HERE}/draw", data=typed(outline=upload(around_group(1))))
    before = grids_of(VILLAGE)[0].cells
    page = desk.get(f"{HERE}/1").get_data(as_text=True)
    ticked = [cell for cell in before if f'value="{cell}" checked' in page]
    desk.post(f"{HERE}/1", data=typed(name="老街", cells=ticked))

    db.session.rollback()
    (grid,) = grids_of(VILLAGE)
    assert (grid.name, grid.cells) == ("老街", before)


def test_ground_of_another_grid_is_named_and_what_was_typed_stays(desk: FlaskClient) -> None:
    late = typed(groups=["1", "3"], name="西片")
    desk.post(f"{HERE}/draw", data=typed(groups=["1"], name="东片"))
    answer = desk.post(f"{HERE}/draw", data=late)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 400
    assert "1 组已经划给第 1 网格（东片），请先从那里去掉" in page
    assert 'value="西片"' in page
    assert 'name="groups" value="3" checked' in page
    assert stored() == 1


def test_a_form_posted_twice_draws_once(desk: FlaskClient) -> None:
    data = typed(groups=["1"])

    assert [desk.post(f"{HERE}/draw", data=data).status_code for _ in range(2)] == [303, 303]
    assert stored() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "请至少勾选一个组或一格"),
        ({"groups": ["77"]}, "按组划"),
        ({"groups": ["x"]}, "按组划"),
        ({"cells": ["8a40a68046a7fff"]}, "按格划"),
        ({"cells": ["'; DROP TABLE grid; --"]}, "按格划"),
        ({"groups": ["1"], "name": "长" * 31}, "最多 30 个字"),
        ({"groups": ["1"], "seen": "x" * 41}, "新网格"),
        ({"groups": ["1"], "seen": "elsewhere"}, "有人改过本村的网格"),
    ],
)
def test_a_wrong_form_is_answered_and_changes_nothing(
    desk: FlaskClient, fields: dict[str, Any], words: str
) -> None:
    answer = desk.post(f"{HERE}/draw", data=typed(**fields))

    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)
    assert stored() == 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{" * 1_000_000, "文件太大"),
        (b"\xff\xd8\xff\xe0 no json", "不是 GeoJSON"),
        (geojson(box(108.3, 29.0, 116.2, 33.3)), "范围太大"),
        (
            geojson([[113.94, 30.87], [113.95, 30.88], [113.95, 30.87], [113.94, 30.88], [113.94, 30.87]]),
            "自己交叉",
        ),
    ],
    ids=["a megabyte", "a picture", "a province", "crossing itself"],
)
def test_a_wrong_file_is_answered_and_changes_nothing(desk: FlaskClient, data: bytes, words: str) -> None:
    answer = desk.post(f"{HERE}/draw", data=typed(groups=["1"], outline=upload(data)))
    answer.request.environ["wsgi.input"].close()  # the test client keeps a large body in a file

    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)
    assert stored() == 0


def test_others_find_nothing_here(app: Flask, desk: FlaskClient, client: FlaskClient) -> None:
    desk.post(f"{HERE}/draw", data=typed(groups=["1"]))
    make_village(code=OTHER, name="竹林冲村")
    neighbour = clerk_at(app, OTHER)[0]
    officer = clerk_at(app, f"{VILLAGE}-01", "officer")[0]

    for path in ("", "/draw", "/1", "/1/officer"):
        assert neighbour.get(HERE + path).status_code == 404
        assert officer.get(HERE + path).status_code == 403
        assert client.get(HERE + path).status_code in (302, 303, 401)
    for path in ("/draw", "/1", "/1/remove", "/1/officer"):
        assert neighbour.post(HERE + path, data=typed(groups=["2"])).status_code == 404
        assert officer.post(HERE + path, data=typed(groups=["2"])).status_code == 403
    assert desk.get(f"/desk/grids/{OTHER}").status_code == 404
    assert desk.get("/desk/grids/420199104999").status_code == 404
    assert stored() == 1


def test_a_village_without_doors_is_divided_by_groups(app: Flask) -> None:
    make_village()
    desk = clerk_at(app)[0]
    page = desk.get(f"{HERE}/draw").get_data(as_text=True)

    assert "还没有导入门" in page
    assert desk.post(f"{HERE}/draw", data=typed(groups=["4"], listed="")).status_code == 303


def cookies(client: FlaskClient, site: str) -> list[dict[str, str]]:
    cookie = client.get_cookie("xq")
    assert cookie is not None
    return [{"name": "xq", "value": cookie.value, "url": site}]


def test_the_pages_keep_the_rules(app: Flask, clock: FrozenClock, browser: Browser) -> None:
    make_settled_village()
    desk = clerk_at(app)[0]
    with transaction():
        clerk = make_official(area=VILLAGE).id
    with acting_as(clerk), transaction():
        actions.draw_grid(VILLAGE, drawn(groups=(1,)))
    with acting_as(clerk), transaction():
        actions.draw_grid(VILLAGE, drawn(cells=cells_of_group(2)))
    with served(app) as site:
        for page in ("", "/draw", "/2", "/2/officer"):
            check_page(browser, site + HERE + page, "desk", cookies(desk, site))
        town = clerk_at(app, VILLAGE[:9], "town")[0]
        make_village(code=OTHER, name="竹林冲村")
        check_page(browser, f"{site}/desk/grids", "desk", cookies(town, site))


def test_a_cell_is_ticked_on_the_map_itself(app: Flask, clock: FrozenClock, browser: Browser) -> None:
    make_settled_village()
    desk = clerk_at(app)[0]
    cell = cells_of_group(2)[0]
    assert cells.get_resolution(cell) == GRID_RESOLUTION
    with (
        served(app) as site,
        page_at(browser, f"{site}{HERE}/draw", size=OFFICE, cookies=cookies(desk, site)) as page,
    ):
        page.wait_for_load_state("networkidle")
        page.click(f"path[data-cell='{cell}']")
        assert page.is_checked(f"#cell-{cell}")
        assert "grid-cell-held" in (page.get_attribute(f"path[data-cell='{cell}']", "class") or "")
        page.click("main form button:has-text('保存')")
        page.wait_for_url(lambda address: address.endswith(HERE))
    assert grids_of(VILLAGE)[0].cells == [cell]
