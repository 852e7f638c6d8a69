"""The officer's table: four states, the own grid alone, counts that add up; and what is wrong is said."""

from __future__ import annotations

from collections import Counter

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from commons.accounts.permissions import acting_as, current_scope
from commons.db import db, transaction
from commons.settings import ROOT
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import make_door, make_grid
from tests.make.households import make_household, make_member
from tests.make.people import make_official
from tests.village.households.conftest import Home
from village.grids.models import Grid
from village.households import actions
from village.households.models import HouseholdChange
from village.households.queries import counts_in, household_table
from village.households.rules import OCCUPANCY_WORDS, Occupancy


def table(desk: FlaskClient, query: str = "") -> str:
    return desk.get(f"/desk/households{query}").get_data(as_text=True)


def second_grid() -> Grid:
    return db.session.scalars(select(Grid).where(Grid.number == 2)).one()


def test_each_state_has_a_colour_a_word_and_a_pattern(home: Home) -> None:
    for state in Occupancy:
        make_household(door=make_door(grid=db.session.get(Grid, home.door.grid_id)), occupancy=state)
    page = table(home.desk)
    css = (ROOT / "static" / "css" / "components" / "occupancy.css").read_text(encoding="utf-8")

    for state, words in OCCUPANCY_WORDS.items():
        assert f'<span class="occupancy occupancy-{state}">{words}</span>' in page
        assert f".occupancy-{state}::before" in css


def test_an_officer_sees_the_own_grid_alone(home: Home) -> None:
    make_household(door=make_door(label="771", group_no=4, grid=second_grid()))
    make_door(label="772", group_no=9)  # in no grid

    assert "771号" not in table(home.desk) and "772号" not in table(home.desk)
    assert "771号" in table(home.official("officer", f"{VILLAGE}-02"))
    clerk = table(home.official("clerk", VILLAGE))
    assert "771号" in clerk and "772号" in clerk and "12号" in clerk
    assert "771号" not in table(home.official("clerk", "420199104208"))


def test_a_door_is_found_by_number_address_and_plate(home: Home) -> None:
    grid = db.session.get(Grid, home.door.grid_id)
    make_door(label="345", grid=grid)

    assert "12号" not in table(home.desk, "?q=345") and "345号" in table(home.desk, "?q=345")
    found = home.desk.get(f"/desk/households?q={home.plate.code}")
    assert found.location == f"/desk/households/{home.door.id}"
    assert "没有找到" in table(home.desk, "?q=%25%25")


def test_the_table_names_nobody(home: Home) -> None:
    assert "王秀兰" not in table(home.desk)
    assert "王秀兰" not in home.desk.get(f"/desk/households/{home.door.id}").get_data(as_text=True)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(st.tuples(st.sampled_from([*Occupancy, None]), st.integers(0, 3), st.integers(1, 2)), max_size=8)
)
def test_counts_are_what_one_counts_by_hand(
    home: Home, made: list[tuple[Occupancy | None, int, int]]
) -> None:
    village = make_village()
    with transaction():
        grid = make_grid(village=village)
        officer = make_official(role="officer", area=grid.area)
    expected: Counter[str] = Counter()
    people = 0
    for occupancy, members, households in made:
        door = make_door(village=village, grid=grid, group_no=5)
        if occupancy is None:
            expected[""] += 1
            continue
        for _ in range(households):
            household = make_household(door=door, occupancy=occupancy)
            expected[occupancy] += 1
            for number in range(members):
                make_member(household=household, name=f"人{number}", is_away=number == 0)
                people += 1
    with acting_as(officer):
        scope = current_scope("keep-households")
        counts, page = counts_in(scope), household_table(scope, "", 1)

    assert counts == {name: expected[name] for name in (*Occupancy, "")}
    assert page.total == sum(expected.values()) == len(page.items)
    assert sum(line.members for line in page.items) == people


def test_a_door_may_hold_several_households(home: Home) -> None:
    home.desk.post(f"/desk/households/{home.door.id}/open", data={"occupancy": "let"})
    page = home.desk.get(f"/desk/households/{home.door.id}").get_data(as_text=True)

    assert "第 1 户" in page and "第 2 户" in page


def test_a_changed_state_keeps_what_it_was(home: Home) -> None:
    for state in ("let", "let", "vacant"):
        home.desk.post(f"/desk/households/of/{home.household.id}/state", data={"occupancy": state})
    db.session.rollback()
    steps = [(row.before, row.after, row.by) for row in db.session.scalars(select(HouseholdChange))]

    assert steps == [("resident", "let", home.officer.id), ("let", "vacant", home.officer.id)]


@pytest.mark.parametrize("state", ["", "palace", "resident' OR 1=1", "x" * 10_000])
def test_a_state_that_is_none_changes_nothing(home: Home, state: str) -> None:
    answer = home.desk.post(f"/desk/households/of/{home.household.id}/state", data={"occupancy": state})
    db.session.rollback()

    assert answer.status_code == 400
    assert list(db.session.scalars(select(HouseholdChange))) == []


def test_a_household_closes_only_when_the_last_one_has_left(home: Home) -> None:
    close = f"/desk/households/of/{home.household.id}/close"
    page = home.desk.post(close, follow_redirects=True).get_data(as_text=True)
    assert "还有成员" in page and "第 1 户" in page
    home.desk.post(f"/desk/households/members/{home.member.id}/end", data={"reason": "moved"})
    assert "已撤户" in home.desk.post(close, follow_redirects=True).get_data(as_text=True)

    assert home.desk.post(close).status_code == 404
    with acting_as(home.officer), transaction():
        actions.open_household(home.door.id, Occupancy.resident)
    assert "第 2 户" in home.desk.get(f"/desk/households/{home.door.id}").get_data(as_text=True)


def test_too_many_slips_are_not_printed(home: Home) -> None:
    issue = f"/desk/households/of/{home.household.id}/slip.pdf"
    answers = [home.desk.post(issue).status_code for _ in range(9)]

    assert answers == [200] * 8 + [400]


def test_a_slip_that_cannot_be_printed_is_not_left_about(home: Home) -> None:
    with transaction() as writing:
        door = writing.merge(home.door)
        door.address = "示范县柳河镇青石湾村\U00030edd\U00030edd面馆"
    answer = home.desk.post(f"/desk/households/of/{home.household.id}/slip.pdf")

    assert answer.status_code == 400
    assert "还没用" not in home.desk.get(f"/desk/households/{home.door.id}").get_data(as_text=True)
