"""What was given up is seen by whoever keeps the system, and tried again when they say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons import outbox, worker
from commons.audit import lines_about
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.outbox import Job, enqueue, job
from tests.commons.accounts.browsing import submit
from tests.make.divisions import VILLAGE
from tests.make.people import make_official, sign_in


@pytest.fixture
def given_up(app: Flask, clock: FrozenClock) -> Iterator[int]:
    """A job that failed to the last, and succeeds from the test on."""
    broken = [True]

    @job("bell.mend")
    def mend() -> None:
        """Safe to repeat."""
        if broken:
            raise ValueError("no clapper")

    with transaction():
        enqueue("bell.mend")
    for _ in range(len(worker.WAITS) + 1):
        worker.run_due()
        clock.move(days=2)
    broken.clear()
    yield db.session.scalars(select(Job.id).where(Job.kind == "bell.mend")).one()
    outbox.TASKS.pop("bell.mend")


def official(app: Flask, role: str, area: str = "") -> FlaskClient:
    client = app.test_client()
    with transaction():
        sign_in(client, make_official(role=role, area=area))
    return client


def test_the_operator_sees_what_was_given_up_and_has_it_done_again(app: Flask, given_up: int) -> None:
    operator = official(app, "operator")
    assert "bell.mend" in operator.get("/desk").get_data(as_text=True)

    assert submit(operator, "/desk", {}, to=f"/desk/jobs/{given_up}/again").status_code == 302
    worker.run_due()
    db.session.rollback()
    row = db.session.get_one(Job, given_up)
    assert (row.state, row.attempts) == ("done", 1)
    assert [line.action for line in lines_about(f"job:{given_up}")] == ["run-job-again"]
    assert "bell.mend" not in operator.get("/desk").get_data(as_text=True)


def test_work_that_was_not_given_up_is_not_done_again(app: Flask, given_up: int) -> None:
    operator = official(app, "operator")
    submit(operator, "/desk", {}, to=f"/desk/jobs/{given_up}/again")

    for number in (given_up, 10**6):
        assert submit(operator, "/desk/account", {}, to=f"/desk/jobs/{number}/again").status_code == 404


def test_a_clerk_sees_nothing_of_it_and_may_not_touch_it(app: Flask, given_up: int) -> None:
    clerk = official(app, "clerk", VILLAGE)

    assert "bell.mend" not in clerk.get("/desk").get_data(as_text=True)
    assert submit(clerk, "/desk/account", {}, to=f"/desk/jobs/{given_up}/again").status_code in {403, 404}
    assert db.session.scalar(select(Job.state).where(Job.id == given_up)) == "failed"


def test_the_monitor_hears_how_much_was_given_up(app: Flask, given_up: int) -> None:
    assert app.test_client().get("/healthz").get_json()["failed_jobs"] == 1
