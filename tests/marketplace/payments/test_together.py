"""
The same thing happening twice at the same moment, on connections of their own.

SQLite does one thing after the other and cannot show a missing lock; PostgreSQL can, so this file matters most there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask

from commons.clock import FrozenClock
from commons.db import db, end_read, transaction
from commons.errors import Refusal
from commons.worker import run_due
from marketplace.ledger.actions import World
from marketplace.ledger.jobs import take_snapshots
from marketplace.ledger.proofs import all_faults, ledger_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import (
    begin_attempt,
    cancel_payment,
    confirm_offline,
    release_to_seller,
    request_refund,
    settle_payment,
)
from marketplace.payments.cash import hand_over_cash
from marketplace.payments.connect.payouts import pay_in_cash
from marketplace.payments.flows import ask_now, refund_now
from marketplace.payments.port import TradeReport
from marketplace.payments.queries import attempts_of, charges_of, refunds_of, the_payment
from marketplace.payments.rules import Product
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import (
    make_attempt,
    make_offline_paid_payment,
    make_paid_payment,
    make_payment,
    use_fake_gateway,
)
from tests.make.sellers import make_account, make_owed, make_payout
from tests.marketplace.payments.test_notify import fields_of, send

Deed = Callable[[], object]


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


@pytest.fixture
def at_once(app: Flask) -> Callable[..., list[object]]:
    """Do several things at the same moment; give back what each returned, or the refusal it met."""

    def run(*deeds: Deed) -> list[object]:
        end_read()
        start = threading.Barrier(len(deeds))
        results: list[object] = [None] * len(deeds)

        def one(place: int, deed: Deed) -> None:
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
        wrong = [each for each in results if isinstance(each, Exception) and not isinstance(each, Refusal)]
        assert wrong == []
        return results

    return run


def in_one(deed: Deed) -> Deed:
    def run() -> object:
        with transaction():
            return deed()

    return run


def test_the_same_notification_twice_at_once_settles_once(
    app: Flask, gateway: FakeGateway, clock: FrozenClock, at_once: Callable[..., list[object]]
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)
    fields = fields_of(attempt, clock)

    said = at_once(*[lambda: send(app.test_client(), fields, gateway.key)] * 6)

    assert said == [b"success"] * 6
    assert len(charges_of(payment.id)) == 1
    assert balance_fen("alipay_clearing", livemode=False) == 1230
    assert list(all_faults()) == []


def test_notification_question_and_return_at_once_settle_once(
    app: Flask, gateway: FakeGateway, clock: FrozenClock, at_once: Callable[..., list[object]]
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)
    number, fields = attempt.out_trade_no, fields_of(attempt, clock)
    gateway.buyer_pays(number, 1230)
    report = gateway.ask(number)
    assert isinstance(report, TradeReport)

    at_once(
        lambda: send(app.test_client(), fields, gateway.key),
        lambda: ask_now(number),
        in_one(lambda: settle_payment(report)),
        lambda: run_due(),
    )

    assert len(charges_of(payment.id)) == 1
    assert list(all_faults()) == []


def test_two_clicks_at_once_are_one_attempt(
    gateway: FakeGateway, at_once: Callable[..., list[object]]
) -> None:
    payment = make_payment()
    number = payment.id

    at_once(*[in_one(lambda: begin_attempt(number, Product.wap))] * 5)

    assert len(attempts_of(number)) == 1


def test_refunds_at_once_never_exceed_what_was_paid(
    gateway: FakeGateway, at_once: Callable[..., list[object]]
) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1000)
    number = payment.id

    at_once(*[in_one(lambda: request_refund(number, 300))] * 6)
    run_due()

    assert [refund.amount_fen for refund in refunds_of(number)] == [300, 300, 300]
    assert gateway.received_fen() == 100 == balance_fen("alipay_clearing", livemode=False)
    assert list(all_faults()) == []


def test_refund_and_release_at_once_share_the_same_money(
    gateway: FakeGateway, at_once: Callable[..., list[object]]
) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1000)
    number = payment.id

    at_once(
        in_one(lambda: request_refund(number, 600)),
        in_one(lambda: release_to_seller(number, "coop-7", 600, "order:1")),
        in_one(lambda: request_refund(number, 400)),
    )

    assert balance_fen(f"buyer_escrow:{number}", livemode=False) >= 0
    assert list(all_faults()) == []


def test_one_refund_by_two_workers_is_one_refund(
    gateway: FakeGateway, at_once: Callable[..., list[object]]
) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1000)
    with transaction():
        refund = request_refund(payment.id, 1000)
    number = refund.id

    at_once(*[lambda: refund_now(number)] * 4)
    refund_now(number)

    assert [each.status for each in refunds_of(payment.id)] == ["succeeded"]
    assert gateway.received_fen() == 0
    assert list(all_faults()) == []


def test_paying_and_canceling_at_once_ends_paid_or_given_back(
    gateway: FakeGateway, at_once: Callable[..., list[object]]
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)
    number, out = payment.id, attempt.out_trade_no
    gateway.buyer_pays(out, 1230)

    at_once(in_one(lambda: cancel_payment(number)), lambda: ask_now(out), lambda: run_due())
    run_due()

    status = the_payment(number).status
    assert (status, gateway.received_fen()) in {("succeeded", 1230), ("canceled", 0)}
    assert list(all_faults()) == []


def test_two_keepers_at_once_take_the_money_once(
    gateway: FakeGateway, at_once: Callable[..., list[object]]
) -> None:
    payment = make_payment(method="offline", amount_fen=1000)
    number = payment.id

    at_once(*[in_one(partial(confirm_offline, number, keeper)) for keeper in "7897"])

    boxes = [balance_fen(f"cash:{keeper}", livemode=False) for keeper in "789"]
    assert sorted(boxes) == [0, 0, 1000]
    assert list(all_faults()) == []


def test_a_box_counted_twice_at_once_is_handed_over_once(
    gateway: FakeGateway, at_once: Callable[..., list[object]]
) -> None:
    for keeper in "123":
        make_offline_paid_payment(amount_fen=5_000, keeper=keeper)

        at_once(*[in_one(partial(hand_over_cash, keeper, 5_000, 5_000))] * 3)

        assert balance_fen(f"cash:{keeper}", livemode=False) == 0
    assert balance_fen("cash:office", livemode=False) == 15_000
    assert list(all_faults()) == []


def test_two_slips_at_once_are_not_both_paid_out_of_one_sum(
    gateway: FakeGateway, at_once: Callable[..., list[object]]
) -> None:
    make_owed(amount_fen=20_000)
    account = make_account(means="cash")
    slips = [make_payout(account=account, amount_fen=4_000).id for _ in range(3)]
    with transaction():
        hand_over_cash("7", 5_000, 20_000)

    at_once(*[in_one(partial(pay_in_cash, slip)) for slip in slips])

    assert balance_fen("cash:office", livemode=False) == 1_000
    assert list(all_faults()) == []


def test_snapshots_between_postings_lose_nothing(
    gateway: FakeGateway, at_once: Callable[..., list[object]]
) -> None:
    def sell(writer: int) -> None:
        for number in range(15):
            with transaction():
                World(False).paid(f"ch_{writer}_{number}", f"pi_{writer}_{number}", 100)

    def snap() -> None:
        for _ in range(10):
            take_snapshots()

    at_once(*[partial(sell, writer) for writer in range(4)], snap, snap)
    take_snapshots()

    assert balance_fen("alipay_clearing", livemode=False) == 6000
    assert list(ledger_faults()) == []
