"""People and officials for tests, and browsers that are signed in as them."""

from __future__ import annotations

import itertools

from flask.testing import FlaskClient
from sqlalchemy import select

from commons import clock
from commons.accounts import actions
from commons.accounts.models import Appointment, Official, Person, SignIn
from commons.accounts.queries import TOKEN
from commons.accounts.rules import CONSENT_VERSION, SERVICE_CONSENT
from commons.db import db

# Far from the numbers that tests write down: who is made with one of those would be that person.
_number = itertools.count(50_000_001)


def unissued_phone() -> str:
    """Return a telephone that nobody has: numbers beginning with 100 are not given to mobiles."""
    return f"100{next(_number):08d}"


def make_person(*, phone: str | None = None, name: str = "王秀兰", consented: bool = True) -> Person:
    """A person with a proved telephone who agreed to the present terms. Call it inside ``transaction()``."""
    person = actions.find_or_make_person(phone or unissued_phone(), name=name)
    person.phone_confirmed_at = clock.now()
    if consented:
        actions.give_consent(person.id, SERVICE_CONSENT, CONSENT_VERSION)
    return person


def make_person_without_phone(*, name: str = "刘建国") -> Person:
    """A person for whom others act, since they have no telephone. Call it inside ``transaction()``."""
    person = Person(name=name, created_at=clock.now())
    db.session.add(person)
    db.session.flush()  # the caller needs the number
    return person


def make_appointment(*, person: Person, role: str = "clerk", area: str = "429005103218") -> Appointment:
    """*person* holds *role* over *area* from now on. Call it inside ``transaction()``."""
    return actions.appoint(person, role, area)


def make_official(
    *, role: str = "clerk", area: str = "429005103218", name: str = "刘建国", sign_in_name: str | None = None
) -> Person:
    """An official with one appointment, who works at the desk. Call it inside ``transaction()``."""
    person = make_person(name=name)
    account = Official(
        person_id=person.id, sign_in_name=sign_in_name or f"official{person.id}", password_hash="!",
        must_change_password=False, second_factor="sms", created_at=clock.now(),
    )  # fmt: skip
    db.session.add(account)
    make_appointment(person=person, role=role, area=area)
    return person


def sign_in(
    client: FlaskClient, person: Person, *, kind: str | None = None, one_visit: bool = False
) -> SignIn:
    """
    Sign *client* in as *person*: an official at the desk, anybody else by telephone. Call it inside ``transaction()``.

    What signing in itself does is tested in tests/commons/accounts; this only takes its result.
    """
    wanted = kind or ("official" if db.session.get(Official, person.id) else "person")
    token = actions.begin_sign_in(wanted, person_id=person.id, one_visit=one_visit)
    db.session.flush()
    with client.session_transaction() as browser:
        browser[TOKEN] = token
    return db.session.scalars(select(SignIn).order_by(SignIn.id.desc()).limit(1)).one()
