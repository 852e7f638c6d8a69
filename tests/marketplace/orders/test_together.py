"""
Many buyers at the same moment, on connections of their own: nothing is sold twice, nothing comes back twice.

SQLite does one thing after the other and cannot show a missing lock; PostgreSQL can, so this file matters most there.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select

from commons.accounts.models import Person
from commons.clock import FrozenClock
from commons.db import db, end_read, transaction
from commons.errors import Refusal
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.orders.actions import NewOrder, cancel_order, expire_order, mark_paid, place_order
from marketplace.orders.models import Order
from marketplace.payments.flows import ask_now
from marketplace.payments.models import PaymentIntent
from marketplace.payments.rules import Method
from marketplace.produce.errors import NotEnoughLeft
from marketplace.produce.models import Lot, Product
from tests.make.fake_gateway import FakeGateway
from tests.make.orders import ask, make_order
from tests.make.payments import make_attempt, use_fake_gateway
from tests.make.people import make_person
from tests.make.produce import make_product

Deed = Callable[[], object]


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def at_once(app: Flask, deeds: list[Deed]) -> list[object]:
    """Do several things at the same moment, each in its own transaction; give back what each returned, or its refusal."""
    end_read()
    start = threading.Barrier(len(deeds))
    results: list[object] = [None] * len(deeds)

    def one(place: int, deed: Deed) -> None:
        with app.app_context():
            start.wait(60)
            try:
                with transaction():
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


def left(product: Product) -> int:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Lot, product.lots[0].id).stock_left


def placing(person_id: int, new: NewOrder) -> Deed:
    return partial(place_order, person_id, new)


def test_the_last_box_goes_to_exactly_one_of_eight_who_want_it(app: Flask, gateway: FakeGateway) -> None:
    product = make_product(stock=1)
    with transaction():
        asks = [(make_person().id, ask(product)) for _ in range(8)]
    results = at_once(app, [placing(*each) for each in asks])

    kinds = Counter(type(each) for each in results)
    assert kinds == {Order: 1, NotEnoughLeft: 7}
    assert left(product) == 0
    assert db.session.scalar(select(func.count()).select_from(PaymentIntent)) == 1


def test_two_baskets_in_opposite_order_do_not_wait_for_each_other_for_ever(
    app: Flask, gateway: FakeGateway
) -> None:
    eggs, lotus = make_product(stock=20), make_product(name="粉藕", stock=20)
    with transaction():
        both = []
        for turn in range(6):
            new = ask(eggs)
            pair = [(eggs.lots[0].id, 1), (lotus.lots[0].id, 1)]
            wanted = dict(pair if turn % 2 else reversed(pair))
            total = eggs.lots[0].price_fen + lotus.lots[0].price_fen
            both.append(
                (
                    make_person().id,
                    NewOrder(new.village_code, wanted, total, new.handover, new.method, new.form_key),
                )
            )
    results = at_once(app, [placing(*each) for each in both])

    assert {type(each) for each in results} == {Order}
    assert (left(eggs), left(lotus)) == (14, 14)


def test_the_same_form_sent_four_times_at_once_is_one_order(app: Flask, gateway: FakeGateway) -> None:
    product = make_product(stock=10)
    with transaction():
        person_id, new = make_person().id, ask(product, key="k" * 24)
    results = at_once(app, [placing(person_id, new)] * 4)

    assert len({each.number for each in results if isinstance(each, Order)}) == 1
    assert left(product) == 9


def test_a_person_who_orders_four_times_at_once_has_two_unpaid_orders(
    app: Flask, gateway: FakeGateway
) -> None:
    product = make_product(stock=10)
    with transaction():
        person = make_person()
        person_id, asks = person.id, [ask(product) for _ in range(4)]
    at_once(app, [placing(person_id, new) for new in asks])

    assert db.session.scalar(select(func.count()).select_from(Order)) == 2
    assert left(product) == 8
    assert db.session.get_one(Person, person_id)


def test_given_up_expired_and_given_up_again_at_once_gives_back_once(
    app: Flask, gateway: FakeGateway, clock: FrozenClock
) -> None:
    product = make_product(stock=5)
    number = make_order(product=product, quantity=3).number
    clock.move(minutes=16)
    deeds: list[Deed] = [partial(expire_order, number), partial(cancel_order, number)]
    at_once(app, deeds * 3)
    run_due()

    assert left(product) == 5


def test_paid_and_expired_at_once_ends_paid_or_given_back_never_both(
    app: Flask, gateway: FakeGateway, clock: FrozenClock
) -> None:
    for _turn in range(4):
        product = make_product(stock=1)
        order = make_order(product=product)
        number, payment_id, total_fen = order.number, order.payment_id, order.total_fen
        attempt = make_attempt(db.session.get_one(PaymentIntent, payment_id))
        gateway.buyer_pays(attempt.out_trade_no, total_fen)
        clock.move(minutes=15)
        done = threading.Event()

        def settle(out_trade_no: str = attempt.out_trade_no, done: threading.Event = done) -> None:
            with app.app_context():
                ask_now(out_trade_no)
                db.session.remove()
            done.set()

        asking = threading.Thread(target=settle)
        asking.start()
        at_once(app, [partial(expire_order, number)] * 2)
        asking.join(120)
        assert done.is_set()
        for _ in range(3):
            run_due()
            clock.move(minutes=2)

        found = db.session.scalar(select(Order).where(Order.number == number))
        assert found is not None
        assert (found.state, left(product)) == ("paid", 0)
    assert list(all_faults()) == []


def test_told_five_times_at_once_that_it_is_paid_takes_the_goods_once(
    app: Flask, gateway: FakeGateway
) -> None:
    product = make_product(stock=5)
    number = make_order(product=product, quantity=2, method=Method.offline).number
    at_once(app, [partial(mark_paid, number)] * 5)

    assert left(product) == 3
