"""What is written down of a fault: where it was and of which kind, and never the values that were in it."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask
from sqlalchemy import insert, select

from commons import clock, outbox, worker
from commons.db import db, transaction
from commons.errors import Refusal
from commons.logs import words_of
from commons.marks import Mark
from commons.outbox import Job, enqueue, job

NAME = "张三丰"


@pytest.fixture
def lines(app: Flask) -> Iterator[io.StringIO]:
    """What the log of the application writes."""
    written, before = io.StringIO(), structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    yield written
    structlog.configure(**before)


@pytest.fixture
def breaking(app: Flask) -> Iterator[None]:
    """A job that breaks over a name, which the driver repeats in its words."""

    @job("bell.engrave")
    def engrave() -> None:
        """Safe to repeat: it never succeeds."""
        for _ in range(2):
            with transaction() as session:
                session.add(Mark(name=NAME, words=NAME, set_at=clock.now()))

    yield
    del outbox.TASKS["bell.engrave"]


def test_a_failing_job_leaves_no_value_in_its_row_or_in_the_log(breaking: None, lines: io.StringIO) -> None:
    with transaction():
        enqueue("bell.engrave")
    worker.run_due()

    row = db.session.scalars(select(Job).where(Job.kind == "bell.engrave")).one()
    assert row.last_error == "IntegrityError"
    assert "job_failed" in lines.getvalue() and "in engrave" in lines.getvalue()
    assert NAME not in lines.getvalue()


def test_an_error_of_the_database_says_no_parameter(app: Flask) -> None:
    with pytest.raises(Exception) as caught, transaction() as session:  # noqa: PT011 - its words are what is looked at
        session.add(Mark(name="m", words=NAME, set_at=clock.now()))
        session.flush()  # the first of two rows of one name
        session.execute(insert(Mark).values(name="m", words=NAME, set_at=clock.now()))

    assert "IntegrityError" in type(caught.value).__name__
    assert NAME not in str(caught.value)


def test_only_our_own_errors_keep_their_words() -> None:
    assert words_of(ValueError("13900000000")) == "ValueError"
    assert words_of(Refusal("试得太频繁了")) == "Refusal: 试得太频繁了"
