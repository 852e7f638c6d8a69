"""Two at once: codes, accounts and consents under real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from commons.accounts import actions
from commons.accounts.desk.actions import fresh_recovery_codes, use_recovery_code
from commons.accounts.models import OneTimeCode, Person, SignIn
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import SignInNeeded
from tests.commons.accounts.browsing import last_code
from tests.make.people import make_official, make_person

PHONE = "10000000101"


def at_once(app: Flask, times: int, act: Callable[[], Any]) -> list[Any]:
    """Run *act* in as many threads, each with a connection of its own, all let go together."""
    gate, results = threading.Barrier(times), []

    def run() -> None:
        with app.app_context():
            gate.wait(60)
            try:
                with transaction():
                    result = act()
                results.append(result)
            except Exception as error:
                results.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_many_who_send_the_same_code_at_once_one_gets_in(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        actions.send_code(PHONE)
    code = last_code()
    results = at_once(app, 8, lambda: actions.redeem_code(PHONE, code))
    assert sorted(results) == [False] * 7 + [True]


def test_wrong_tries_at_once_are_all_counted(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        actions.send_code(PHONE)
    code = last_code()
    wrong = "111111" if code != "111111" else "222222"
    at_once(app, 8, lambda: actions.redeem_code(PHONE, wrong))
    db.session.rollback()
    assert db.session.scalars(select(OneTimeCode)).one().tries == 5
    with transaction():
        assert not actions.redeem_code(PHONE, code)


def test_two_first_sign_ins_at_once_make_one_account(app: Flask, clock: FrozenClock) -> None:
    results = at_once(app, 6, lambda: actions.find_or_make_person(PHONE).id)
    assert len(set(results)) == 1
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


def test_pressing_agree_twice_makes_one_sign_in(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        kind, _ = actions.begin_with_phone(PHONE, one_visit=False)
    assert kind == "consent"
    half_way = db.session.scalars(select(SignIn)).one().id
    results = at_once(app, 4, lambda: actions.accept_terms(half_way))
    refused = [result for result in results if isinstance(result, SignInNeeded)]
    assert len(refused) == 3
    db.session.rollback()
    assert len(db.session.scalars(select(SignIn).where(SignIn.kind == "person")).all()) == 1


def test_a_recovery_code_used_twice_at_once_counts_once(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        official = make_official()
        db.session.flush()
        codes = fresh_recovery_codes(official.id)
    person_id = official.id
    results = at_once(app, 4, lambda: use_recovery_code(person_id, codes[3]))
    assert sorted(results) == [False, False, False, True]


def test_codes_are_kept_hashed_and_bound_to_telephone_and_purpose(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        actions.send_code(PHONE, "close")
    code = last_code()
    row = db.session.scalars(select(OneTimeCode)).one()
    assert code not in row.code_hash and PHONE not in row.phone_hash
    with transaction():
        assert not actions.redeem_code(PHONE, code)
        assert not actions.redeem_code("10000000102", code, "close")
        assert actions.redeem_code(PHONE, code, "close")


def test_no_such_role_can_be_held(app: Flask) -> None:
    with pytest.raises(ValueError), transaction():
        actions.appoint(make_person(), "emperor", "429005")


def test_being_appointed_twice_changes_nothing(app: Flask, clock: FrozenClock) -> None:
    with transaction():
        person = make_person()
        first = actions.appoint(person, "clerk", "429005103218")
        second = actions.appoint(person, "clerk", "429005103218")
    assert first.id == second.id
