"""A village with two grids, their officers, and a household of one member who is signed in."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.accounts.models import Person
from commons.clock import FrozenClock
from commons.db import transaction
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import make_door, make_grid, make_plate
from tests.make.households import make_household, make_member
from tests.make.people import make_official, make_person, sign_in
from village.doors.models import Door
from village.households.models import Household, Member
from village.plates.models import Plate


@dataclass
class Home:
    """A door with one household, and everyone who has to do with it, each with a browser."""

    app: Flask
    door: Door
    plate: Plate
    household: Household
    member: Member
    person: Person
    mine: FlaskClient
    desk: FlaskClient
    officer: Person

    def browser(self, person: Person) -> FlaskClient:
        """A browser signed in as *person*."""
        client = self.app.test_client()
        with transaction():
            sign_in(client, person)
        return client

    def somebody(self, name: str = "李四海") -> tuple[Person, FlaskClient]:
        """Another villager with an account and a browser."""
        with transaction():
            person = make_person(name=name)
        return person, self.browser(person)

    def official(self, role: str, area: str, name: str = "赵公正") -> FlaskClient:
        """A desk of somebody appointed to *area*."""
        with transaction():
            person = make_official(role=role, area=area, name=name)
        return self.browser(person)


@pytest.fixture
def home(app: Flask, clock: FrozenClock) -> Home:
    app.config["WTF_CSRF_ENABLED"] = False
    make_village()
    grid = make_grid(groups=(3,))
    make_grid(groups=(4,))
    door = make_door(label="12", group_no=3, grid=grid)
    household = make_household(door=door)
    with transaction():
        person = make_person(name="王秀兰")
        officer = make_official(role="officer", area=f"{VILLAGE}-01", name="周网格")
    member = make_member(household=household, person=person, name="王秀兰")
    made = Home(
        app, door, make_plate(door=door), household, member, person, app.test_client(), app.test_client(), officer
    )  # fmt: skip
    with transaction():
        sign_in(made.mine, person)
        sign_in(made.desk, officer)
    return made
