"""The first page of the desk: what is late, what is due, what waits, each official's own scope alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.accounts.actions import end_appointment
from commons.accounts.desk.actions import disable_account
from commons.accounts.permissions import acting_as
from commons.accounts.queries import appointments_of
from commons.clock import FrozenClock
from commons.db import transaction
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import make_door, make_grid
from tests.make.matters import do_to, make_matter
from tests.make.people import make_appointment, make_official, sign_in
from village.desk.queries import own_matters
from village.matters.rules import Act

TOWN, COUNTY = VILLAGE[:9], VILLAGE[:6]
OTHER = "420199104208"


def page(app: Flask, role: str, area: str, name: str = "陈桂芳") -> str:
    client = app.test_client()
    with transaction():
        sign_in(client, make_official(role=role, area=area, name=name))
    answer = client.get("/desk")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def figures(text: str) -> list[str]:
    return re.findall(r"<dd>([^<]+)</dd>", text.split("stat-cards")[1].split("</dl>")[0])


@pytest.fixture
def month(app: Flask, clock: FrozenClock) -> None:
    """A month of matters in two villages of one town; today is the 22nd."""
    now = clock.at
    with transaction():
        make_grid(number=3)
        official = make_official(role="officer", area=f"{VILLAGE}-03").id
    grid = make_door(grid=make_grid(number=4))
    clock.move(days=-10)
    done = make_matter(door=grid, words="办完的事")
    clock.move(days=2)
    clerk = _clerk()
    for act in (Act.take, Act.answer, Act.close):
        do_to(done, act, by=clerk)
    make_matter(door=grid, category="water", words="早就超期的事")
    clock.at = now
    clock.move(days=-2)
    make_matter(door=grid, category="water", words="今天到期的事")
    clock.at = now
    make_matter(door=make_door(village=make_village(code=OTHER, name="白鹭村")), words="邻村的事")
    with transaction():
        make_official(area=OTHER)
    make_matter(door=grid, category="cadres", words="反映干部的事")
    assert official


def _clerk() -> int:
    with transaction():
        return make_official(area=VILLAGE).id


def test_a_clerk_sees_the_own_village_alone(app: Flask, month: None) -> None:
    text = page(app, "clerk", VILLAGE)

    assert figures(text) == ["1", "1", "2.0 天", "100%"]
    assert "本月平均办结，共 1 件" in text
    assert "村内办结，1 件中 1 件" in text
    assert ("早就超期的事" in text, "邻村的事" in text, "反映干部的事" in text) == (True, False, False)
    assert "陈桂芳，上午好" in text
    assert "超期 6 天" in text
    assert "今天到期" in text


def test_what_is_most_overdue_comes_first(app: Flask, month: None) -> None:
    text = page(app, "clerk", VILLAGE)

    assert text.index("早就超期的事") < text.index("今天到期的事")


def test_a_town_and_a_county_see_their_villages(app: Flask, month: None) -> None:
    for role, area, place in (("town", TOWN, "柳河镇"), ("county", COUNTY, "云台县")):
        text = page(app, role, area)
        assert place in text
        assert "白鹭村" in text
        assert "没办完的事" in text
        assert "反映干部的事" not in text


def test_the_discipline_office_sees_only_its_own(app: Flask, month: None) -> None:
    text = page(app, "discipline", TOWN)

    assert figures(text)[:2] == ["0", "0"]
    assert "反映干部的事" in text
    assert "超期的事" not in text
    assert "村内办结" not in text


def test_a_grid_officer_of_another_grid_sees_nothing_of_this_one(app: Flask, month: None) -> None:
    text = page(app, "officer", f"{VILLAGE}-03")

    assert "眼下没有要办的事" in text
    assert "第 3 网格的网格员" in text


@pytest.mark.parametrize(("role", "area"), [("keeper", VILLAGE), ("operator", "")])
def test_who_handles_no_matters_gets_the_ways_to_the_own_work(
    app: Flask, month: None, role: str, area: str
) -> None:
    text = page(app, role, area)

    assert "您的工作" in text
    assert "stat-cards" not in text
    assert "的事</strong>" not in text


def test_the_bars_and_the_table_tell_the_same_numbers(app: Flask, month: None) -> None:
    text = page(app, "clerk", VILLAGE)
    drawn = [int(number) for number in re.findall(r'<text x="[\d.]+" y="[\d.]+">(\d+)</text>', text)]
    table = [
        int(number) for number in re.findall(r'<td class="number">(\d+)</td>', text.split("<details>")[1])
    ]

    assert len(drawn) == len(table) == 12
    assert drawn == table
    assert sum(drawn[::2]) == 3


def test_several_offices_are_all_named(app: Flask, clock: FrozenClock) -> None:
    make_village()
    client = app.test_client()
    with transaction():
        person = make_official(role="officer", area=f"{VILLAGE}-03", name="")
        make_appointment(person=person, role="clerk", area=VILLAGE)
        sign_in(client, person)
    text = client.get("/desk").get_data(as_text=True)

    assert "村文书、第 3 网格的网格员" in text
    assert "<h1>上午好</h1>" in text


def test_a_stranger_and_a_person_do_not_get_in(app: Flask, client: FlaskClient) -> None:
    assert client.get("/desk").location.startswith("/desk/sign-in")


@pytest.mark.parametrize(
    "leave", [disable_account, lambda person_id: end_appointment(appointments_of(person_id)[0])]
)
def test_what_an_officer_left_open_waits_for_the_clerk_and_comes_back_to_the_next_officer(
    app: Flask, clock: FrozenClock, leave: Callable[[int], None]
) -> None:
    area = f"{VILLAGE}-05"
    with transaction():
        officer = make_official(role="officer", area=area, name="陈小满").id
        clerk = make_official(area=VILLAGE).id
    door = make_door(grid=make_grid(number=5))
    make_matter(door=door, words="网格员手上的事")
    assert waits_for(clerk) == []
    with transaction():
        leave(officer)
    clock.move(seconds=1)
    make_matter(door=door, words="后来的事")

    assert waits_for(clerk) == ["后来的事", "网格员手上的事"]
    with transaction():
        fresh = make_official(role="officer", area=area).id
    assert waits_for(clerk) == ["后来的事"]
    assert waits_for(fresh) == ["网格员手上的事"]


def waits_for(person_id: int) -> list[str]:
    with acting_as(person_id):
        found = own_matters(person_id)
    return sorted(line.words for line in found.rows) if found.is_own else []
