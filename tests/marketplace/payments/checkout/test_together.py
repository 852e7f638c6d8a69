"""Many hands on one session at once: real connections, so that a missing lock or a wrong order of locks shows."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from commons import worker
from commons.db import db, end_read, transaction
from commons.errors import Conflict, Refusal
from marketplace.payments.actions import begin_attempt
from marketplace.payments.checkout.actions import SessionAsk, begin_payment, end_session, open_session
from marketplace.payments.checkout.models import CheckoutSession
from marketplace.payments.checkout.rules import Item
from marketplace.payments.flows import ask_now, close_now
from marketplace.payments.models import PaymentIntent
from marketplace.payments.rules import Product
from tests.make.payments import use_fake_gateway


def together(app: Flask, *deeds: Callable[[], object]) -> list[Exception]:
    """Do everything in the same moment, each on its own connection; return what went wrong, refusals left out."""
    start, faults = threading.Barrier(len(deeds)), []

    def work(deed: Callable[[], object]) -> None:
        with app.app_context():
            start.wait(60)
            try:
                deed()
            except Refusal:
                pass  # somebody else was first, and it was said so
            except Exception as fault:
                faults.append(fault)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    end_read()
    return faults


def session() -> str:
    with transaction():
        return open_session(SessionAsk([Item("蜜橘", 1230, 1)], "https://shop.example/", livemode=False)).id


def inside(deed: Callable[[str], object], session_id: str) -> Callable[[], object]:
    def do() -> object:
        with transaction():
            return deed(session_id)

    return do


def test_ten_clicks_open_one_payment(app: Flask) -> None:
    use_fake_gateway()
    session_id = session()

    assert together(app, *[inside(begin_payment, session_id)] * 10) == []

    assert db.session.query(PaymentIntent).count() == 1
    assert db.session.get_one(CheckoutSession, session_id).intent_id


def test_a_session_that_is_paid_ended_and_opened_at_once_ends_in_one_way(
    app: Flask, client: FlaskClient
) -> None:
    gateway = use_fake_gateway()
    complete = 0
    for _ in range(4):
        session_id, fresh = session(), session()
        with transaction():
            attempt = begin_attempt(begin_payment(session_id), Product.wap)
        number = attempt.out_trade_no

        def pay(number: str = number) -> None:
            gateway.buyer_pays(number, 1230)
            ask_now(number)

        def give_up(session_id: str = session_id, number: str = number) -> None:
            inside(end_session, session_id)()
            close_now(number)

        def click(session_id: str = fresh) -> None:
            inside(begin_payment, session_id)()

        def end(session_id: str = fresh) -> None:
            try:
                inside(end_session, session_id)()
            except Conflict:
                inside(end_session, session_id)()

        assert together(app, pay, give_up, give_up, click, end) == []
        close_now(number)
        end_read()
        row = db.session.get_one(CheckoutSession, session_id)
        payment = db.session.get_one(PaymentIntent, row.intent_id)
        ended = (row.status, row.payment_status, payment.status)
        assert ended in {("complete", "paid", "succeeded"), ("expired", "unpaid", "canceled")}
        complete += row.status == "complete"
        other = db.session.get_one(CheckoutSession, fresh)
        assert other.status == "expired" or other.intent_id
    worker.run_due()  # money that came for a session that had ended goes back
    assert gateway.received_fen() == 1230 * complete
