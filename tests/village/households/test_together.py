"""Several people do the same thing in the same moment, on real connections: one of them gets it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from sqlalchemy import func, select

from commons.accounts.permissions import acting_as
from commons.db import db, transaction
from commons.errors import Refusal
from tests.make.people import make_person
from tests.village.households.conftest import Home
from village.households import actions, joining
from village.households.models import Household, JoinRequest, Member
from village.households.rules import Occupancy
from village.public import door_of

AT_ONCE = 6


def together(home: Home, acts: list[Callable[[], object]]) -> list[object]:
    """Run *acts* at one moment, each with a session of its own; return what came of each, a refusal as its code."""
    start, outcomes = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        with home.app.app_context():
            start.wait()
            try:
                with transaction():
                    outcomes.append(act())
            except Refusal as refusal:
                outcomes.append(refusal.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return outcomes


def people(count: int) -> list[int]:
    with transaction():
        return [make_person(name=f"人{number}").id for number in range(count)]


def living(home: Home) -> int:
    count = select(func.count()).select_from(Member).where(Member.left_at.is_(None))
    return db.session.scalar(count.where(Member.household_id == home.household.id)) or 0


def test_one_slip_sent_by_many_at_once_lets_one_in(home: Home) -> None:
    with acting_as(home.officer), transaction():
        code = joining.issue_slip(home.officer.id, home.household.id).code
    outcomes = together(home, [partial(joining.redeem_slip, who, code, "某人") for who in people(AT_ONCE)])

    assert sorted(map(str, outcomes))[1:] == ["wrong_slip"] * (AT_ONCE - 1)
    assert living(home) == 2


def test_one_person_with_many_slips_is_in_once(home: Home) -> None:
    with acting_as(home.officer), transaction():
        codes = [joining.issue_slip(home.officer.id, home.household.id).code for _ in range(AT_ONCE)]
    (who,) = people(1)
    outcomes = together(home, [partial(joining.redeem_slip, who, code, "某人") for code in codes])

    assert outcomes.count("already_member") == AT_ONCE - 1
    assert living(home) == 2


def test_a_request_agreed_by_two_at_once_is_agreed_once(home: Home) -> None:
    (who,) = people(1)
    door = door_of(home.door.id)
    assert door is not None
    with transaction():
        joining.ask_to_join(who, door, "某人")
    request_id = db.session.scalars(select(JoinRequest.id)).one()
    own, household_id = home.person.id, home.household.id
    act = lambda: joining.agree_as_member(own, request_id, household_id)  # noqa: E731
    outcomes = together(home, [act] * AT_ONCE)

    assert outcomes.count("answered_already") == AT_ONCE - 1
    assert living(home) == 2


def test_asking_in_many_browsers_at_once_is_asking_once(home: Home) -> None:
    (who,) = people(1)
    door = door_of(home.door.id)
    assert door is not None
    together(home, [lambda: joining.ask_to_join(who, door, "某人")] * AT_ONCE)

    assert db.session.scalar(select(func.count()).select_from(JoinRequest)) == 1


def test_households_opened_at_once_get_numbers_of_their_own(home: Home) -> None:
    officer, door_id = home.officer.id, home.door.id

    def act() -> object:
        with acting_as(officer):
            return actions.open_household(door_id, Occupancy.let)

    together(home, [act] * AT_ONCE)
    numbers = list(db.session.scalars(select(Household.number).order_by(Household.number)))

    assert numbers == list(range(1, AT_ONCE + 2))
