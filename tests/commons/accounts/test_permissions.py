"""The table of roles, actions and scopes, as pages and queries use it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.accounts import permissions
from commons.accounts.actions import appoint, end_appointment
from commons.accounts.models import Appointment
from commons.accounts.permissions import (
    Scope,
    acting_as,
    current_scope,
    grant,
    granted,
    require_scope,
    scope_for,
)
from commons.accounts.queries import appointments_of
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import NotAllowed
from tests.make.people import make_appointment, make_official, make_person, sign_in

VILLAGE, NEXT_VILLAGE, TOWN, COUNTY = "429005103218", "429005103219", "429005103", "429005"
GRID = f"{VILLAGE}-03"


@pytest.fixture(autouse=True)
def _lines() -> None:
    for role, scope in (("officer", "grid"), ("clerk", "village"), ("town", "town"), ("operator", "all")):
        grant(role, "test-read", scope)
    grant("officer", "test-village", "village")
    grant("person", "test-own", "own")
    grant("person", "test-home", "household")


def areas_read(scope: Scope) -> set[str]:
    return set(db.session.scalars(select(Appointment.area).where(scope.condition(Appointment.area))))


def test_an_area_covers_what_begins_with_it_and_nothing_beside() -> None:
    scope = scope_for("test-read", 1, [("clerk", VILLAGE)])
    assert scope.covers(VILLAGE) and scope.covers(GRID)
    assert not scope.covers(NEXT_VILLAGE) and not scope.covers(TOWN)


def test_a_grid_officer_reaches_the_grid_or_the_village_as_the_line_says() -> None:
    assert scope_for("test-read", 1, [("officer", GRID)]).areas == (GRID,)
    assert scope_for("test-village", 1, [("officer", GRID)]).areas == (VILLAGE,)


def test_nobody_holds_what_was_not_granted() -> None:
    assert not scope_for("no-such-action", 1, [("operator", "")])
    assert not scope_for("test-read", None, [("operator", "")])
    assert not scope_for("test-read", 1, [])


def test_own_and_household_belong_to_whoever_is_signed_in() -> None:
    assert scope_for("test-own", 7, []).own_id == 7
    assert scope_for("test-home", 7, []).is_household
    assert not scope_for("test-own", None, [])


@pytest.mark.parametrize(("role", "scope"), [("nobody", "all"), ("clerk", "planet"), ("anyone", "village")])
def test_a_line_that_makes_no_sense_is_refused(role: str, scope: str) -> None:
    with pytest.raises(ValueError):
        grant(role, "test-nonsense", scope)
    assert granted("test-nonsense") == frozenset()


def test_the_condition_keeps_a_query_to_the_scope(app: Flask) -> None:
    with transaction():
        person = make_person()
        for role, area in (
            ("clerk", VILLAGE),
            ("clerk", NEXT_VILLAGE),
            ("officer", GRID),
            ("town", "429005104"),
        ):
            make_appointment(person=person, role=role, area=area)
    assert areas_read(Scope(areas=(VILLAGE,))) == {VILLAGE, GRID}
    assert areas_read(Scope(areas=(TOWN,))) == {VILLAGE, NEXT_VILLAGE, GRID}
    assert areas_read(Scope(areas=(GRID,))) == {GRID}
    assert areas_read(Scope()) == set()
    assert len(areas_read(Scope(is_all=True))) == 4
    mine = select(Appointment.id).where(
        Scope(own_id=person.id).condition(Appointment.area, owner=Appointment.person_id)
    )
    assert len(db.session.scalars(mine).all()) == 4


def test_a_grids_scope_reads_the_grids_column(app: Flask) -> None:
    scope = Scope(areas=(GRID,))
    words = str(scope.condition(Appointment.area, grid=Appointment.role))
    assert "appointment.role" in words and "appointment.area" not in words


def test_a_change_of_role_works_with_the_very_next_request(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    with transaction():
        person = make_official(role="clerk", area=VILLAGE)
        sign_in(client, person)
    assert client.get("/desk/officials").status_code == 200
    with transaction():
        end_appointment(appointments_of(person)[0])
    clock.move(seconds=1)
    assert client.get("/desk/officials").status_code == 403
    with transaction():
        appoint(person, "town", TOWN)
    assert client.get("/desk/officials").status_code == 200


def test_an_appointment_ends_at_its_moment_without_anybody_writing(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        person = make_person()
        held = make_appointment(person=person)
        held.until_at = clock.at.replace(hour=3)
    assert len(appointments_of(person)) == 1
    clock.move(hours=1)
    assert appointments_of(person) == []


def test_commands_and_tests_may_act_as_somebody(app: Flask) -> None:
    with transaction():
        clerk = make_official(role="clerk", area=VILLAGE)
    assert not current_scope("test-read")
    with acting_as(clerk):
        assert current_scope("test-read").areas == (VILLAGE,)
        require_scope("test-read", GRID)
        with pytest.raises(NotAllowed):
            require_scope("test-read", NEXT_VILLAGE)
    assert not current_scope("test-read")


def test_a_page_without_an_action_is_shut(own_app: Flask) -> None:
    own_app.add_url_rule("/forgotten", "forgotten", lambda: "open to all")
    answer = own_app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert "open to all" not in answer.get_data(as_text=True)


def test_a_stranger_a_person_and_an_official_meet_their_own_doors(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    assert client.get("/me").location == "/sign-in?next=%2Fme"
    assert client.get("/desk/officials").location == "/desk/sign-in?next=%2Fdesk%2Fofficials"
    assert client.get("/me", headers={"Accept": "application/json"}).status_code == 401
    with transaction():
        sign_in(client, make_person())
    assert client.get("/me").status_code == 200
    assert client.get("/desk/officials").status_code == 403


def test_a_page_for_everyone_looks_at_no_cookie(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    with transaction():
        sign_in(client, make_person())
    answer = client.get("/healthz")
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers


def test_a_closed_person_is_nobody(app: Flask, client: FlaskClient, clock: FrozenClock) -> None:
    with transaction():
        person = make_person()
        sign_in(client, person)
        person.closed_at = clock.at
    assert client.get("/me").status_code == 303


def test_every_action_of_the_ground_has_a_holder() -> None:
    from commons.accounts.ground_permissions import GRANTS

    for _, action, _ in GRANTS:
        assert permissions.granted(action)
