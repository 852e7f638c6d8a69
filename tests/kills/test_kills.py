"""kill -9 of the web server and of the worker under load: nothing that was answered is lost, and nothing is done twice."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from commons import clock, worker
from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.api.keys import make_key
from marketplace.payments.local_gateway import RunningGateway, start
from marketplace.payments.models import Charge, PaymentIntent, Refund
from marketplace.payments.record_models import PaymentEvent
from tests.kills.processes import running_service, settings_on
from tests.kills.shoppers import Memory, crowd
from wsgi import create_app

LOAD = 10  # payments between two kills


def test_nothing_that_was_answered_is_lost_when_processes_are_killed(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_on(database_url, tmp_path)
    gateway = start(tmp_path / "gateway", pace=0.001)
    app = create_app(settings)
    with app.app_context():
        with transaction():
            _, key = make_key("sk", livemode=False)
        db.session.remove()
        memory, stop = Memory(), threading.Event()
        with running_service(settings) as service:
            end = crowd(service.base, key, memory, stop)
            memory.wait_for(LOAD)
            service.kill("worker")
            memory.wait_for(LOAD // 2)
            service.kill("web")  # with requests, notifications and answers under way
            service.start("web")
            service.start("worker")
            service.wait()
            memory.wait_for(LOAD)
            service.kill("web")
            service.kill("worker")
            end()
        come_to_rest(app)
        assert memory.strange == []
        assert memory.unanswered > 0  # the killing met something
        nothing_was_lost(memory)
        the_books_agree_with(gateway)
        db.session.remove()
        db.engine.dispose()
    gateway.stop()


def come_to_rest(app: Flask) -> None:
    """Do what the killed workers had leased, a little later; the gateway is asked about whatever it could not tell us."""
    later = FrozenClock(clock.now())
    with clock.reading(later):
        for minutes in (0, 3, 3, 3):
            later.at += timedelta(minutes=minutes)
            worker.run_due()
    db.session.remove()


def nothing_was_lost(memory: Memory) -> None:
    intents = {row.id: row for row in db.session.scalars(select(PaymentIntent))}
    assert set(memory.intents.values()) <= set(intents)
    assert len(set(memory.intents.values())) == len(memory.intents)
    unpaid = {number for number in memory.paid if intents[number].status != "succeeded"}
    assert unpaid == set()
    refunds = {row.id: row for row in db.session.scalars(select(Refund))}
    assert set(memory.refunds.values()) <= set(refunds)
    assert {refunds[number].status for number in memory.refunds.values()} <= {"succeeded"}


def the_books_agree_with(gateway: RunningGateway) -> None:
    row = gateway.gateway.store.row(
        "SELECT sum(total_fen - refunded_fen) AS fen, count(*) AS number FROM trade WHERE paid_at > 0"
    )
    assert row is not None
    assert balance_fen("alipay_clearing", livemode=False) == row["fen"]
    assert len(db.session.scalars(select(Charge.id)).all()) == row["number"]
    told = Counter(
        (kind, number)
        for kind, number in db.session.execute(select(PaymentEvent.type, PaymentEvent.object_id))
    )
    once = {
        "payment_intent.created",
        "payment_intent.succeeded",
        "charge.succeeded",
        "refund.created",
        "refund.updated",
    }
    assert {fact: number for fact, number in told.items() if fact[0] in once and number > 1} == {}
    assert list(all_faults()) == []
