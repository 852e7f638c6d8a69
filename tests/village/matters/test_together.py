"""
The same thing at the same moment, on connections of their own; and any order of acts on real rows.

SQLite does one thing after the other and cannot show a missing lock; PostgreSQL can.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from commons import uploads
from commons.accounts.permissions import acting_as
from commons.clock import FrozenClock
from commons.db import db, end_read, transaction
from commons.errors import Refusal
from commons.outbox import enqueue
from commons.worker import run_due
from tests.commons.uploading import photo
from tests.make.divisions import VILLAGE
from tests.make.matters import do_to, make_matter
from tests.make.people import make_official, make_person, sign_in
from tests.village.matters.reporting import TOWN, form_key, report, send, stored, the_matter
from village.matters.category_rules import Desk
from village.matters.desk_actions import Deed, handle_matter
from village.matters.jobs import forget_phones, sweep
from village.matters.models import Matter, MatterFile, MatterReporter, MatterStep
from village.matters.queries import balance
from village.matters.rules import OPEN_STATES, Act, Place, State, missing_steps


def at_once(app: Flask, deeds: list[Callable[[], object]]) -> list[object]:
    """Do several things at the same moment; give back what each returned, or the refusal it met."""
    end_read()
    start = threading.Barrier(len(deeds))
    results: list[object] = [None] * len(deeds)

    def one(place: int, deed: Callable[[], object]) -> None:
        with app.app_context():
            start.wait(60)
            try:
                results[place] = deed()
            except Exception as error:
                results[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    db.session.expire_all()
    assert [each for each in results if isinstance(each, Exception) and not isinstance(each, Refusal)] == []
    return results


def closing(person_id: int, number: str, words: str) -> Callable[[], object]:
    def run() -> object:
        with acting_as(person_id), transaction():
            return handle_matter(person_id, number, Deed(Act.close, words)).state

    return run


def test_of_two_who_close_at_once_one_does(app: Flask, clock: FrozenClock) -> None:
    matter = make_matter()
    with transaction():
        first, second = (make_official(area=VILLAGE).id for _ in range(2))
    do_to(matter, Act.take, by=first)
    do_to(matter, Act.answer, by=first)
    number = matter.number
    results = at_once(app, [closing(first, number, "甲办的"), closing(second, number, "乙办的")])

    assert sorted(type(each).__name__ for each in results) == ["ActNotPossible", "str"]
    closes = select(MatterStep).where(MatterStep.act == "close")
    assert len(db.session.scalars(closes).all()) == 1


def test_a_form_sent_four_times_at_once_makes_one_matter(app: Flask, client: FlaskClient, plate: str) -> None:
    key = form_key(client, plate)
    with client.session_transaction() as browser:
        kept = dict(browser)

    def press() -> object:
        other = app.test_client()
        with other.session_transaction() as session:
            session.update(kept)
        return send(other, plate, key=key).location

    results = at_once(app, [press for _ in range(4)])

    assert len(set(results)) == 1
    assert stored() == 1


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Act)), st.integers(0, 2), st.sampled_from(["", "一句话"]), st.integers(0, 3)
        ),
        max_size=14,
    )
)
def test_any_order_of_acts_keeps_the_books_right(
    app: Flask, clock: FrozenClock, acts: list[tuple[Act, int, str, int]]
) -> None:
    matter = make_matter()
    with transaction():
        officials = [
            make_official(area=VILLAGE).id, make_official(role="town", area=TOWN).id,
            make_official(role="county", area=TOWN[:6]).id,
        ]  # fmt: skip
    targets = [
        None, Place(Desk.clerk, VILLAGE), Place(Desk.town, TOWN), Place(Desk.county, TOWN[:6]),
    ]  # fmt: skip
    for act, who, words, to in acts:
        clock.move(minutes=1)
        try:
            with acting_as(officials[who]), transaction():
                handle_matter(officials[who], matter.number, Deed(act, words, targets[to]))
        except Refusal:
            pass
    row = the_matter(matter.number)
    steps = db.session.scalars(
        select(MatterStep).where(MatterStep.matter_id == row.id).order_by(MatterStep.id)
    ).all()
    if row.state == State.closed.value:
        assert missing_steps(Act(step.act) for step in steps) == []
    assert (row.closed_at is not None) == (row.state == "closed")
    assert (row.refused_at is not None) == (row.state == "refused")
    assert not (row.accepted_at and row.refused_at)
    assert (row.accepted_at is not None) == any(step.act == "take" for step in steps)
    assert (row.came_from_area is not None) == (row.state == "handed")
    assert row.received_at is None or row.received_at >= row.arrived_at >= row.reported_at
    with acting_as(officials[0]):
        assert balance().adds_up
    assert row.state in {state.value for state in OPEN_STATES} or not _may_go_on(officials[2], row)


def _may_go_on(person_id: int, row: Matter) -> bool:
    try:
        with acting_as(person_id), transaction():
            handle_matter(person_id, row.number, Deed(Act.take))
    except Refusal:
        return False
    return True


def test_files_nobody_sent_go_after_a_day(client: FlaskClient, plate: str, clock: FrozenClock) -> None:
    send(client, plate, phone="1", pictures=(io.BytesIO(photo(64, 48)), "a.jpg"))
    upload = db.session.scalars(select(uploads.Upload)).one()
    path = upload.file
    clock.move(hours=23)
    sweep()
    assert path.is_file()
    clock.move(hours=2)
    sweep()
    run_due()

    assert not path.exists()
    assert db.session.scalars(select(MatterFile)).all() == []


def test_telephones_are_forgotten_ninety_days_after_the_end(app: Flask, clock: FrozenClock) -> None:
    done, still_open = (make_matter(phone="10000000042") for _ in range(2))
    with transaction():
        clerk = make_official(area=VILLAGE).id
    do_to(done, Act.refuse, by=clerk)
    clock.move(days=89)
    forget_phones()
    kept = [db.session.get_one(MatterReporter, each.id).phone_sealed for each in (done, still_open)]
    clock.at += timedelta(days=2)
    forget_phones()
    db.session.rollback()
    db.session.expire_all()

    assert all(kept)
    assert db.session.get_one(MatterReporter, done.id).phone_sealed is None
    assert db.session.get_one(MatterReporter, still_open.id).phone_sealed is not None


def test_a_closed_account_is_taken_off_its_matters(client: FlaskClient, plate: str) -> None:
    with transaction():
        person = make_person()
        sign_in(client, person)
    number, _ = report(client, plate, phone="10000000042")
    with transaction():
        enqueue("person.closed", person_id=person.id)
    run_due()
    matter = the_matter(number)

    assert matter.person_id is None
    assert db.session.get_one(MatterReporter, matter.id).phone_sealed is None
