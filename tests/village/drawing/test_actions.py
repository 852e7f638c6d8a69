"""Grids are drawn, drawn anew and removed, and doors follow at once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from commons.accounts.permissions import acting_as
from commons.accounts.queries import holders_of
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Missing, NotAllowed, Refusal
from tests.make.divisions import VILLAGE, make_village
from tests.make.door_sheets import door_row, make_sheet
from tests.make.doors import LAT, LNG
from tests.make.people import make_official
from tests.village.drawing.drawing_examples import (
    cells_of_group,
    drawn,
    grids_of_doors,
    make_settled_village,
    place_of,
)
from village.doors import actions as doors
from village.doors import sheets
from village.doors.models import Door, DoorImport
from village.drawing import actions
from village.drawing.errors import CellsTaken, DrawnMeanwhile, GroupsTaken, NothingChosen, TooManyGrids
from village.drawing.rules import Drawing
from village.grids.models import Grid
from village.grids.rules import grid_area
from village.public import page_version


@pytest.fixture
def clerk(app: Flask, clock: FrozenClock) -> int:
    """The clerk of a village with doors in three groups."""
    make_settled_village()
    with transaction():
        return make_official(area=VILLAGE).id


def draw(clerk: int, drawing: Drawing) -> Grid:
    with acting_as(clerk), transaction():
        return actions.draw_grid(VILLAGE, drawing)


def redraw(clerk: int, number: int, drawing: Drawing) -> Grid:
    with acting_as(clerk), transaction():
        return actions.redraw_grid(VILLAGE, number, drawing)


def imported(*rows: list[Any]) -> DoorImport:
    """The rows of a sheet, stored as doors."""
    data = make_sheet(list(rows))
    cells = sheets.read_cells(data)
    guess = sheets.guess_columns(cells)
    checked = doors.check_sheet(cells, {"head_row": guess.head_row, **guess.columns}, VILLAGE, "wgs84")
    with transaction():
        return doors.import_doors(VILLAGE, "门.xlsx", data, checked)


def outline_text(grid: Grid) -> str:
    return db.session.scalar(select(func.ST_AsText(Grid.outline)).where(Grid.id == grid.id)) or ""


def test_doors_are_in_a_drawn_grid_within_the_same_transaction(clerk: int) -> None:
    before = page_version(VILLAGE)
    first = draw(clerk, drawn(groups=(1,)))
    second = draw(clerk, drawn(cells=cells_of_group(2)))

    assert (first.number, second.number) == (1, 2)
    assert second.area == f"{VILLAGE}-02"
    assert grids_of_doors() == {1: {first.id}, 2: {second.id}, 3: {None}}
    assert page_version(VILLAGE) == (before or 0) + 2


def test_a_grid_has_an_outline_also_when_it_is_made_of_groups(clerk: int) -> None:
    by_group, by_cell = draw(clerk, drawn(groups=(1,))), draw(clerk, drawn(cells=cells_of_group(2)))

    assert outline_text(by_group).startswith("MULTIPOLYGON")
    assert outline_text(by_cell).startswith("MULTIPOLYGON")
    lat, lng = place_of(1)
    held = func.ST_Contains(Grid.outline, func.ST_GeomFromText(f"POINT({lng} {lat})", 4490))
    assert [bool(one) for one in db.session.scalars(select(held).order_by(Grid.number))] == [True, False]


def test_a_drawn_cell_counts_before_a_group(clerk: int) -> None:
    by_group = draw(clerk, drawn(groups=(1, 2)))
    by_cell = draw(clerk, drawn(cells=cells_of_group(2)))

    assert grids_of_doors() == {1: {by_group.id}, 2: {by_cell.id}, 3: {None}}


def test_drawing_anew_moves_doors_out_and_in(clerk: int) -> None:
    grid = draw(clerk, drawn(groups=(1,)))
    before = page_version(VILLAGE)

    redraw(clerk, 1, drawn(groups=(2,), cells=cells_of_group(3), name="东片"))

    assert grids_of_doors() == {1: {None}, 2: {grid.id}, 3: {grid.id}}
    assert page_version(VILLAGE) == (before or 0) + 1
    assert db.session.get_one(Grid, grid.id).name == "东片"


def test_no_cell_lies_in_two_grids(clerk: int) -> None:
    draw(clerk, drawn(cells=cells_of_group(1), name="老街"))
    draw(clerk, drawn(cells=cells_of_group(2)))
    shared = (*cells_of_group(1), *cells_of_group(3))

    with pytest.raises(CellsTaken) as refused:
        draw(clerk, drawn(cells=shared))
    assert "第 1 网格（老街）" in refused.value.sentence
    assert f"{len(cells_of_group(1))} 格" in refused.value.sentence
    with pytest.raises(CellsTaken):
        redraw(clerk, 2, drawn(cells=shared))
    assert grids_of_doors()[3] == {None}


def test_no_group_lies_in_two_grids(clerk: int) -> None:
    draw(clerk, drawn(groups=(1, 2)))

    with pytest.raises(GroupsTaken) as refused:
        draw(clerk, drawn(groups=(2, 3)))
    assert refused.value.sentence == "2 组已经划给第 1 网格，请先从那里去掉"


def test_an_empty_grid_is_refused(clerk: int) -> None:
    with pytest.raises(NothingChosen):
        draw(clerk, drawn())


def test_the_same_drawing_sent_twice_is_one_grid(clerk: int) -> None:
    drawing = drawn(groups=(1,))

    assert draw(clerk, drawing).id == draw(clerk, drawing).id


def test_what_somebody_else_drew_meanwhile_is_not_lost(clerk: int) -> None:
    draw(clerk, drawn(groups=(1,)))
    mine = drawn(groups=(1, 3))
    redraw(clerk, 1, drawn(groups=(1, 2)))

    with pytest.raises(DrawnMeanwhile):
        redraw(clerk, 1, mine)
    assert grids_of_doors()[2] != {None}


def test_a_removed_grid_frees_its_doors_and_ends_its_officer(clerk: int) -> None:
    with transaction():
        make_official(role="officer", area=grid_area(VILLAGE, 1), name="王建国")
    grid = draw(clerk, drawn(groups=(1,)))
    assert len(holders_of("officer", grid.area)) == 1

    with acting_as(clerk), transaction():
        actions.remove_grid(VILLAGE, 1)

    assert grids_of_doors()[1] == {None}
    assert holders_of("officer", grid.area) == []
    assert outline_text(grid) == ""
    assert draw(clerk, drawn(groups=(1,))).number == 2
    with acting_as(clerk), pytest.raises(Missing), transaction():
        actions.remove_grid(VILLAGE, 1)


def test_a_number_past_the_last_is_refused(clerk: int) -> None:
    with transaction():
        now = db.session.scalars(select(Door.created_at)).first()
        db.session.add(
            Grid(
                village_code=VILLAGE,
                number=99,
                area=f"{VILLAGE}-99",
                cells=[],
                groups=[],
                created_at=now,
                removed_at=now,
            )
        )
    with pytest.raises(TooManyGrids):
        draw(clerk, drawn(groups=(1,)))


def test_the_clerk_of_another_village_draws_nothing_here(clerk: int) -> None:
    with transaction():
        make_village(code="420199104208", name="竹林冲村")
        other = make_official(area="420199104208").id
        officer = make_official(role="officer", area=f"{VILLAGE}-01").id

    for stranger in (other, officer):
        for attempt in (
            lambda: actions.draw_grid(VILLAGE, drawn(groups=(1,))),
            lambda: actions.redraw_grid(VILLAGE, 1, drawn(groups=(1,))),
            lambda: actions.remove_grid(VILLAGE, 1),
        ):
            with acting_as(stranger), pytest.raises(NotAllowed), transaction():
                attempt()


def test_doors_imported_later_get_their_grid(clerk: int) -> None:
    by_group, by_cell = draw(clerk, drawn(groups=(3,))), draw(clerk, drawn(cells=cells_of_group(1)))
    lat, lng = place_of(1)
    imported(door_row(901, 经度=LNG - 0.003, 纬度=LAT), door_row(902, 经度=lng, 纬度=lat))

    held = dict(db.session.execute(select(Door.label, Door.grid_id).where(Door.import_id.is_not(None))).all())
    assert held == {"901": by_group.id, "902": by_cell.id}


def test_an_import_taken_back_leaves_no_door_in_a_removed_grid(clerk: int) -> None:
    draw(clerk, drawn(groups=(3,)))
    place = {"经度": LNG - 0.003, "纬度": LAT}
    imported(door_row(901, **place))
    second = imported(door_row(901, 经度=LNG - 0.0031, 纬度=LAT))
    with acting_as(clerk), transaction():
        actions.remove_grid(VILLAGE, 1)
    with transaction():
        doors.undo_import(second.id)

    assert db.session.scalars(select(Door.grid_id).where(Door.label == "901")).all() == [None]


def test_every_drawing_is_on_record(clerk: int) -> None:
    draw(clerk, drawn(groups=(1,)))
    redraw(clerk, 1, drawn(groups=(1, 2)))
    with acting_as(clerk), transaction():
        actions.remove_grid(VILLAGE, 1)

    kept = select(AuditLine.action).where(AuditLine.subject.startswith("grid:")).order_by(AuditLine.id)
    assert list(db.session.scalars(kept)) == ["grid.drawn", "grid.redrawn", "grid.removed"]


def test_of_two_clerks_who_draw_the_same_ground_at_once_one_gets_it(app: Flask, clerk: int) -> None:
    drawings = [drawn(groups=(1,), name="甲"), drawn(groups=(1, 2), name="乙")]
    start, outcomes = threading.Barrier(2), []

    def attempt(drawing: Drawing) -> None:
        with app.app_context():
            start.wait()
            try:
                draw(clerk, drawing)
                outcomes.append("drawn")
            except Refusal as refusal:
                outcomes.append(refusal.code)

    threads = [threading.Thread(target=attempt, args=(drawing,)) for drawing in drawings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert sorted(outcomes) == ["drawn", "grid_groups_taken"]
    assert db.session.scalar(select(func.count()).select_from(Grid)) == 1


def test_an_import_under_way_and_a_drawing_wait_for_each_other(app: Flask, clerk: int) -> None:
    held, done = threading.Event(), []

    def importing() -> None:
        with app.app_context(), transaction():
            doors.lock_counter(VILLAGE)
            held.set()
            time.sleep(0.4)
            done.append("import")

    thread = threading.Thread(target=importing)
    thread.start()
    held.wait()
    draw(clerk, drawn(groups=(1,)))
    done.append("drawing")
    thread.join()

    assert done == ["import", "drawing"]
