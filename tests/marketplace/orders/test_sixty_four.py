"""Sixty-four buyers want one lot at the same moment, each on a connection of its own."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

from flask import Flask
from sqlalchemy import func, select

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Refusal
from marketplace.orders.actions import NewOrder, place_order
from marketplace.orders.models import Order, StockHold
from marketplace.payments.models import PaymentIntent
from marketplace.produce.errors import NotEnoughLeft
from marketplace.produce.models import Lot
from tests.make.orders import ask
from tests.make.payments import use_fake_gateway
from tests.make.people import make_person
from tests.make.produce import make_product

BUYERS, BOXES = 64, 40


def test_of_sixty_four_buyers_forty_get_a_box_and_nobody_waits_for_ever(
    app: Flask, clock: FrozenClock
) -> None:
    use_fake_gateway()
    product = make_product(stock=BOXES)
    lot_id = product.lots[0].id
    with transaction():
        asks = [(make_person().id, ask(product)) for _ in range(BUYERS)]
    db.session.remove()
    ends: list[object] = []
    start = threading.Barrier(BUYERS)

    def buy(person_id: int, new: NewOrder) -> None:
        with app.app_context():
            start.wait(60)
            try:
                for _ in range(2):  # a double click: the same form twice
                    with transaction():
                        order = place_order(person_id, replace(new))
                ends.append(order.number)
            except Refusal as refusal:
                ends.append(type(refusal))
            except Exception as error:  # a deadlock, a time-out: whatever it is, it may not be
                ends.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=buy, args=each) for each in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    kinds = Counter(type(end) if isinstance(end, str | Exception) else end for end in ends)
    assert kinds == {str: BOXES, NotEnoughLeft: BUYERS - BOXES}
    assert len({end for end in ends if isinstance(end, str)}) == BOXES
    assert db.session.get_one(Lot, lot_id).stock_left == 0
    held = select(func.sum(StockHold.quantity)).where(StockHold.lot_id == lot_id)
    assert db.session.scalar(held) == BOXES
    for model in (Order, PaymentIntent):
        assert db.session.scalar(select(func.count()).select_from(model)) == BOXES
