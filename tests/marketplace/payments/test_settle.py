"""One way in which a payment becomes paid, harmless the second time."""

from __future__ import annotations

from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import delete, select

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Conflict
from commons.outbox import LISTENERS, Job, listens
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import begin_attempt, cancel_payment, settle_payment
from marketplace.payments.errors import AlreadyPaid, NotPayable
from marketplace.payments.flows import ask_now, close_now
from marketplace.payments.jobs import pick_up_strays
from marketplace.payments.port import TradeReport
from marketplace.payments.queries import charges_of, main_charge, open_cases, refunds_of, the_payment
from marketplace.payments.record_models import PaymentEvent
from marketplace.payments.rules import Product, Standing
from marketplace.payments.settle import Settled, give_back_differing
from tests.make.fake_gateway import FakeGateway, Trouble
from tests.make.payments import make_attempt, make_paid_payment, make_payment, pay, use_fake_gateway


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def events(kind: str) -> list[PaymentEvent]:
    return list(db.session.scalars(select(PaymentEvent).where(PaymentEvent.type == kind)))


def test_money_that_came_is_settled_once_however_often_it_is_told(gateway: FakeGateway) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1230)
    report = gateway.ask(attempt.out_trade_no)
    assert isinstance(report, TradeReport)

    with transaction():
        first = settle_payment(report)
    for _ in range(3):
        with transaction():
            assert settle_payment(report) is Settled.nothing_new

    assert first is Settled.paid
    assert the_payment(payment.id).status == "succeeded"
    assert len(charges_of(payment.id)) == 1
    assert len(events("payment_intent.succeeded")) == len(events("charge.succeeded")) == 1
    assert balance_fen(f"buyer_escrow:{payment.id}", livemode=False) == 1230
    assert balance_fen("alipay_clearing", livemode=False) == 1230
    assert list(all_faults()) == []


def test_other_features_hear_of_a_payment_with_its_reference(gateway: FakeGateway) -> None:
    heard: list[dict[str, object]] = []

    @listens("payment.succeeded")
    def hear(**told: object) -> None:
        heard.append(told)

    try:
        payment = make_paid_payment(gateway=gateway, reference="order:42")
        run_due()
    finally:
        LISTENERS["payment.succeeded"].pop(f"{hear.__module__}:{hear.__qualname__}")

    charge = main_charge(payment.id)
    assert charge is not None
    assert heard == [{"payment_id": payment.id, "reference": "order:42", "charge_id": charge.id}]


def test_another_amount_fulfils_nothing_and_a_person_sees_it(gateway: FakeGateway) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1)

    ask_now(attempt.out_trade_no)

    assert the_payment(payment.id).status == "processing"
    assert charges_of(payment.id) == []
    assert [case.kind for case in open_cases()] == ["amount_differs"]
    assert events("payment_intent.succeeded") == []
    assert balance_fen("alipay_clearing", livemode=False) == 0


def test_money_of_another_amount_is_asked_about_until_its_time_is_over_and_given_back_by_a_person(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1229)
    for _ in range(8):
        clock.move(minutes=10)
        run_due()
    asked = len(gateway.calls)
    clock.move(hours=30)
    run_due()

    assert len(gateway.calls) == asked and "no_answer" not in {case.kind for case in open_cases()}
    for _ in range(2):
        with suppress(Conflict), transaction():
            give_back_differing(attempt.out_trade_no, 1229)
    run_due()

    assert [(each.amount_fen, each.is_main) for each in charges_of(payment.id)] == [(1229, False)]
    assert [each.status for each in refunds_of(payment.id)] == ["succeeded"] and gateway.received_fen() == 0
    assert the_payment(payment.id).status == "canceled"
    assert list(all_faults()) == []


def test_a_trade_that_closes_unpaid_lets_the_buyer_try_again(gateway: FakeGateway) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    gateway.buyer_opens(attempt.out_trade_no, 1230)
    gateway.trades[attempt.out_trade_no].standing = Standing.closed

    ask_now(attempt.out_trade_no)
    again = pay(payment, gateway)

    assert again.out_trade_no == f"{payment.id}_2"
    assert the_payment(payment.id).status == "succeeded"
    assert len(events("payment_intent.payment_failed")) == 1


def test_two_clicks_are_one_attempt_but_another_door_is_another(gateway: FakeGateway) -> None:
    payment = make_payment()

    one, two = make_attempt(payment), make_attempt(payment)
    other = make_attempt(payment, product=Product.page)

    assert one.out_trade_no == two.out_trade_no == f"{payment.id}_1"
    assert other.out_trade_no == f"{payment.id}_2"


def test_a_second_payment_goes_back_by_itself(gateway: FakeGateway) -> None:
    payment = make_payment()
    phone = make_attempt(payment)
    gateway.buyer_opens(phone.out_trade_no, 1230)
    desktop = make_attempt(payment, product=Product.page)
    gateway.buyer_pays(phone.out_trade_no, 1230)
    gateway.buyer_pays(desktop.out_trade_no, 1230)

    for attempt in (desktop, phone):
        ask_now(attempt.out_trade_no)
    run_due()

    first, second = charges_of(payment.id)
    main = main_charge(payment.id)
    assert main is not None and {first.is_main, second.is_main} == {True, False}
    assert gateway.trades[desktop.out_trade_no].refunded_fen == 0
    assert gateway.trades[phone.out_trade_no].refunded_fen == 1230
    assert [case.kind for case in open_cases()] == ["paid_twice"]
    assert balance_fen("suspense", livemode=False) == 0
    assert balance_fen("alipay_clearing", livemode=False) == 1230 == gateway.received_fen()
    assert list(all_faults()) == []


def test_a_payment_that_nobody_opened_is_canceled_at_once(gateway: FakeGateway) -> None:
    payment = make_payment()

    with transaction():
        cancel_payment(payment.id)

    assert the_payment(payment.id).status == "canceled"
    with pytest.raises(NotPayable), transaction():
        begin_attempt(payment.id, Product.wap)


def test_canceling_closes_the_cashier_first(gateway: FakeGateway) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    gateway.buyer_opens(attempt.out_trade_no, 1230)

    with transaction():
        cancel_payment(payment.id)
    waiting = the_payment(payment.id).status
    run_due()

    assert waiting == "requires_action"
    assert the_payment(payment.id).status == "canceled"
    assert not gateway.buyer_pays(attempt.out_trade_no, 1230)


def test_a_cashier_that_was_never_opened_is_watched_after_canceling(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    with transaction():
        cancel_payment(payment.id)
    run_due()
    assert the_payment(payment.id).status == "canceled"

    gateway.buyer_pays(attempt.out_trade_no, 1230)
    clock.move(minutes=1)
    run_due()

    assert the_payment(payment.id).status == "canceled"
    assert [refund.status for refund in refunds_of(payment.id)] == ["succeeded"]
    assert [case.kind for case in open_cases()] == ["paid_after_cancel"]
    assert gateway.received_fen() == 0
    assert list(all_faults()) == []


def test_money_that_was_on_its_way_beats_the_cancellation(gateway: FakeGateway) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1230)

    with transaction():
        cancel_payment(payment.id)
    run_due()

    assert the_payment(payment.id).status == "succeeded"
    with pytest.raises(AlreadyPaid), transaction():
        cancel_payment(payment.id)


def test_a_closing_whose_answer_was_lost_is_asked_about(gateway: FakeGateway, clock: FrozenClock) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    gateway.buyer_opens(attempt.out_trade_no, 1230)
    gateway.troubles.extend([Trouble.lost_answer])

    with transaction():
        cancel_payment(payment.id)
    run_due()
    unsure = the_payment(payment.id).status
    clock.move(seconds=15)
    run_due()

    assert unsure == "requires_action"
    assert the_payment(payment.id).status == "canceled"
    assert gateway.calls.count(("close", attempt.out_trade_no)) == 1


def test_a_worker_that_died_while_closing_asks_before_it_closes_again(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    number = attempt.out_trade_no
    gateway.buyer_opens(number, 1230)
    with transaction():
        cancel_payment(payment.id)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr("marketplace.payments.flows._apply_closing", die)
        close_now(number)
    close_now(number)

    assert the_payment(payment.id).status == "canceled"
    assert gateway.calls == [("close", number), ("ask", number)]


def test_a_lost_job_is_picked_up_by_the_sweep(gateway: FakeGateway, clock: FrozenClock) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1230)
    with transaction() as session:
        session.execute(delete(Job))

    clock.move(minutes=16)
    pick_up_strays()
    run_due()

    assert the_payment(payment.id).status == "succeeded"


def test_what_nobody_pays_expires_and_the_poller_stops(gateway: FakeGateway, clock: FrozenClock) -> None:
    payment = make_payment(minutes=15)
    attempt = make_attempt(payment)

    for _ in range(40):
        clock.move(minutes=1)
        run_due()

    asked = gateway.calls.count(("ask", attempt.out_trade_no))
    clock.move(hours=3)
    run_due()

    assert the_payment(payment.id).status == "canceled"
    assert the_payment(payment.id).cancel_reason == "expired"
    assert 5 <= asked <= 9
    assert gateway.calls.count(("ask", attempt.out_trade_no)) == asked


def test_the_poller_finds_a_payment_of_which_nobody_told_us(gateway: FakeGateway, clock: FrozenClock) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1230)

    clock.move(seconds=10)
    run_due()

    assert the_payment(payment.id).status == "succeeded"


def test_a_gateway_that_never_answers_ends_in_a_case_and_not_in_a_guess(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_payment(minutes=15)
    make_attempt(payment)
    gateway.troubles.extend([Trouble.lost_answer] * 200)

    for _ in range(30):
        clock.move(minutes=1)
        run_due()

    assert the_payment(payment.id).status == "requires_action"
    assert "no_answer" in {case.kind for case in open_cases()}


def test_a_payment_may_not_be_asked_for_in_the_past(gateway: FakeGateway) -> None:
    with pytest.raises(NotPayable):
        make_payment(minutes=0)
