"""A parcel's address is kept sealed, and no longer than it is needed."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from commons.accounts.actions import close_account
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.outbox import tick
from commons.worker import run_due
from marketplace.orders.actions import cancel_order
from marketplace.orders.models import Order
from marketplace.orders.queries import address_of
from marketplace.orders.rules import Way
from tests.make.orders import make_order
from tests.make.payments import use_fake_gateway


def addresses() -> list[bool]:
    db.session.rollback()
    db.session.expire_all()
    return [address_of(order) is not None for order in db.session.scalars(select(Order).order_by(Order.id))]


def test_an_address_is_sealed_and_forgotten_after_ninety_days(app: Flask, clock: FrozenClock) -> None:
    use_fake_gateway()
    order = make_order(way=Way.delivery)
    address = address_of(order)
    assert address is not None
    assert address.place not in str(order.address_sealed)
    clock.move(days=89)
    with transaction():
        tick()
    run_due()
    assert addresses() == [True]

    clock.move(days=2)
    with transaction():
        tick()
    run_due()
    assert addresses() == [False]


def test_who_leaves_takes_the_addresses_of_finished_orders_along(app: Flask, clock: FrozenClock) -> None:
    use_fake_gateway()
    over, open_one = make_order(way=Way.delivery), make_order(way=Way.delivery)
    with transaction():
        cancel_order(over.number)
    for order in (over, open_one):
        with transaction():
            close_account(order.person_id)
    run_due()

    assert addresses() == [False, True]
