"""What an order takes out of stock comes back exactly once, or never: unpaid, given up, paid too late."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Refusal
from commons.outbox import Job, tick
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.orders.actions import cancel_order, expire_order, mark_paid, place_order
from marketplace.orders.errors import GoneFromShop, PriceChanged, TooManyUnpaid
from marketplace.orders.models import Order, StockHold
from marketplace.payments.flows import ask_now
from marketplace.payments.models import PaymentIntent
from marketplace.payments.queries import open_cases, refunds_of
from marketplace.payments.rules import Method, Standing
from marketplace.produce.actions import take_stock, withdraw_product
from marketplace.produce.errors import NotEnoughLeft
from marketplace.produce.models import Lot, Product
from tests.make.fake_gateway import FakeGateway, Trouble
from tests.make.orders import ask, make_order
from tests.make.payments import make_attempt, use_fake_gateway
from tests.make.people import make_person
from tests.make.produce import make_product


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def left(product: Product) -> int:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Lot, product.lots[0].id).stock_left


def again(order: Order) -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Order, order.id)


def holds(order: Order) -> set[str]:
    return set(db.session.scalars(select(StockHold.state).where(StockHold.order_id == order.id)))


def open_cashier(order: Order, gateway: FakeGateway) -> str:
    """The buyer stands before the cashier; return the attempt's number."""
    attempt = make_attempt(db.session.get_one(PaymentIntent, order.payment_id))
    gateway.buyer_opens(attempt.out_trade_no, attempt.amount_fen)
    return attempt.out_trade_no


def test_an_order_holds_its_goods_and_paying_takes_them_once(gateway: FakeGateway) -> None:
    product = make_product(stock=10)
    order = make_order(product=product, quantity=3)
    assert (left(product), holds(order)) == (7, {"held"})

    number = open_cashier(order, gateway)
    gateway.buyer_pays(number, order.total_fen)
    for _ in range(2):
        run_due()
        with transaction():
            mark_paid(order.number)

    assert (again(order).state, left(product), holds(order)) == ("paid", 7, {"taken"})


def test_money_that_is_not_what_the_order_costs_sends_no_goods(gateway: FakeGateway) -> None:
    order = make_order(product=make_product(stock=10))
    with transaction():
        db.session.get_one(PaymentIntent, order.payment_id).amount_fen = 1
    number = open_cashier(order, gateway)
    gateway.buyer_pays(number, 1)
    ask_now(number)
    run_due()

    assert (again(order).state, again(order).is_paid) == ("pending_payment", False)
    assert [(case.kind, case.details["told_fen"]) for case in open_cases()] == [("amount_differs", 1)]


def test_nobody_pays_for_fifteen_minutes_and_the_goods_are_free_again_once(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    product = make_product(stock=10)
    order = make_order(product=product, quantity=3)
    clock.move(minutes=14, seconds=59)
    run_due()
    assert left(product) == 7

    clock.move(seconds=2)
    for _ in range(3):
        run_due()
        with transaction():
            expire_order(order.number)
            tick()

    assert (again(order).state, left(product), holds(order)) == ("cancelled", 10, {"released"})
    assert again(order).cancel_reason == "expired"


def test_an_open_cashier_is_closed_before_the_goods_are_given_to_others(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    product = make_product(stock=1)
    order = make_order(product=product)
    number = open_cashier(order, gateway)
    clock.move(minutes=16)
    run_due()

    assert (again(order).state, left(product)) == ("cancelled", 1)
    assert not gateway.buyer_pays(number, order.total_fen)


def test_paid_in_the_last_moment_is_paid(gateway: FakeGateway, clock: FrozenClock) -> None:
    product = make_product(stock=1)
    order = make_order(product=product)
    number = open_cashier(order, gateway)
    clock.move(minutes=14, seconds=59)
    gateway.buyer_pays(number, order.total_fen)
    clock.move(minutes=2)
    run_due()

    assert (again(order).state, left(product)) == ("paid", 0)


def silent_until_given_up(order: Order, gateway: FakeGateway, clock: FrozenClock) -> None:
    """The gateway never says a word, so that in the end the goods are given to others."""
    gateway.troubles.extend([Trouble.not_sent] * 200)
    for _ in range(8):
        clock.move(minutes=6)
        run_due()
    gateway.troubles.clear()
    assert again(order).state == "cancelled"


def test_money_after_a_long_silence_revives_the_order_while_the_goods_are_there(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    product = make_product(stock=2)
    order = make_order(product=product)
    number = open_cashier(order, gateway)
    gateway.buyer_pays(number, order.total_fen)
    silent_until_given_up(order, gateway, clock)
    assert left(product) == 2

    for _ in range(6):
        clock.move(minutes=70)
        run_due()

    assert (again(order).state, left(product), holds(order)) == ("paid", 1, {"taken"})
    assert list(all_faults()) == []


def test_money_after_the_goods_went_to_others_goes_back_in_full_and_somebody_sees_it(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    product = make_product(stock=1)
    order = make_order(product=product)
    number = open_cashier(order, gateway)
    gateway.buyer_pays(number, order.total_fen)
    silent_until_given_up(order, gateway, clock)
    with transaction():
        take_stock({product.lots[0].id: 1})

    for _ in range(6):
        clock.move(minutes=70)
        run_due()

    found = again(order)
    assert (found.state, [(back.reason, back.state) for back in found.refunds]) == (
        "cancelled", [("sold_out", "done")]
    )  # fmt: skip
    assert gateway.received_fen() == 0
    assert any(case.details["order"] == order.number for case in open_cases() if "order" in case.details)
    assert left(product) == 0
    assert list(all_faults()) == []


def test_money_that_alipay_gives_back_no_more_is_a_case_when_the_goods_went_to_others(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    product = make_product(stock=1)
    order = make_order(product=product)
    number = open_cashier(order, gateway)
    gateway.buyer_pays(number, order.total_fen)
    gateway.trades[number].standing = Standing.finished
    silent_until_given_up(order, gateway, clock)
    with transaction():
        take_stock({product.lots[0].id: 1})

    for _ in range(6):
        clock.move(minutes=70)
        run_due()

    found = again(order)
    assert (found.state, found.is_paid, refunds_of(order.payment_id)) == ("cancelled", True, [])
    assert [(case.kind, case.details["order"]) for case in open_cases() if "order" in case.details] == [
        ("refund_failed", order.number)
    ]
    told = select(Job).where(Job.kind.like("payment.succeeded%"))
    assert {job.state for job in db.session.scalars(told)} <= {"done"}
    assert balance_fen(f"buyer_escrow:{order.payment_id}", livemode=False) == order.total_fen


def test_a_trade_that_was_paid_and_given_back_before_we_heard_of_it_sends_no_goods(
    gateway: FakeGateway,
) -> None:
    product = make_product(stock=1)
    order = make_order(product=product)
    number = open_cashier(order, gateway)
    gateway.buyer_pays(number, order.total_fen)
    gateway.trades[number].refunds["at-their-desk"] = order.total_fen
    gateway.trades[number].standing = Standing.closed

    ask_now(number)
    run_due()

    found = again(order)
    assert (found.state, found.is_paid) == ("pending_payment", False)
    assert [case.kind for case in open_cases()] == ["refund_not_ours"]
    assert (
        balance_fen("suspense", livemode=False)
        == balance_fen("alipay_clearing", livemode=False)
        == order.total_fen
    )
    with transaction():
        cancel_order(order.number)
    run_due()
    assert (again(order).state, left(product)) == ("cancelled", 1)
    assert [refund.id for refund in refunds_of(order.payment_id)] == [] and list(all_faults()) == []


def test_money_that_comes_after_a_closed_payment_goes_back_and_the_order_says_so(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    product = make_product(stock=1)
    order = make_order(product=product)
    number = open_cashier(order, gateway)
    gateway.trades.clear()  # the gateway does not know it yet, so closing answers "never opened"
    clock.move(minutes=15)
    run_due()
    assert (again(order).state, left(product)) == ("cancelled", 1)

    gateway.buyer_pays(number, order.total_fen)
    for _ in range(8):
        clock.move(minutes=5)
        run_due()

    assert [(back.reason, back.state) for back in again(order).refunds] == [("late_payment", "done")]
    assert (gateway.received_fen(), left(product)) == (0, 1)
    assert len(refunds_of(order.payment_id)) == 1


def test_a_buyer_gives_up_and_the_goods_come_back_once(gateway: FakeGateway) -> None:
    product = make_product(stock=5)
    order = make_order(product=product, quantity=5)
    for _ in range(2):
        with transaction():
            cancel_order(order.number)
        run_due()

    assert (again(order).state, left(product)) == ("cancelled", 5)


def test_two_unpaid_orders_are_enough(gateway: FakeGateway) -> None:
    product = make_product(stock=10)
    with transaction():
        buyer = make_person()
    for method in (Method.alipay, Method.offline):
        make_order(buyer=buyer, product=product, method=method)

    with pytest.raises(TooManyUnpaid):
        make_order(buyer=buyer, product=product)
    assert left(product) == 8


def test_what_is_to_be_paid_at_pickup_waits_until_the_day_after(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    product = make_product(stock=3)
    order = make_order(product=product, method=Method.offline)
    assert (order.state, order.ready_until) == ("reserved", again(order).ready_until)
    clock.move(days=3)
    run_due()
    assert (again(order).state, left(product)) == ("reserved", 2)

    clock.move(days=1, hours=10)
    run_due()
    assert (again(order).state, left(product)) == ("cancelled", 3)


def test_the_same_form_twice_is_one_order_and_another_person_cannot_use_its_key(gateway: FakeGateway) -> None:
    product = make_product(stock=10)
    with transaction():
        first, second = make_person(), make_person()
    key = "k" * 24
    with transaction():
        orders = [place_order(first.id, ask(product, key=key)) for _ in range(2)]
    with transaction():
        other = place_order(second.id, ask(product, key=key))

    assert orders[0].number == orders[1].number != other.number
    assert left(product) == 8


@pytest.mark.parametrize("quantity", [0, -1, -1000, 11, 10**9])
def test_no_quantity_but_an_honest_one_is_taken(gateway: FakeGateway, quantity: int) -> None:
    product = make_product(stock=10)
    with pytest.raises(Refusal):
        make_order(product=product, quantity=quantity)

    assert left(product) == 10


def test_a_price_that_changed_is_said_and_nothing_is_stored(gateway: FakeGateway) -> None:
    product = make_product(stock=10, price_fen=1500)
    with transaction():
        new, buyer = ask(product), make_person()
    with transaction():
        db.session.get_one(Lot, product.lots[0].id).price_fen = 1600
    with pytest.raises(PriceChanged), transaction():
        place_order(buyer.id, new)

    assert left(product) == 10
    assert db.session.scalars(select(Order)).all() == []


def test_what_left_the_shop_is_not_ordered(gateway: FakeGateway) -> None:
    product = make_product(stock=10)
    with transaction():
        new, buyer = ask(product), make_person()
    with transaction():
        withdraw_product(product.id)
    with pytest.raises(GoneFromShop), transaction():
        place_order(buyer.id, new)


def test_the_last_box_goes_to_one_and_the_other_is_told_before_paying(gateway: FakeGateway) -> None:
    product = make_product(stock=1)
    make_order(product=product)
    with pytest.raises(NotEnoughLeft, match="刚刚卖完"):
        make_order(product=product)

    assert db.session.query(PaymentIntent).count() == 1
