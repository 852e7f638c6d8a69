"""A parcel's address is kept sealed, and no longer than it is needed."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from commons.accounts.actions import change_phone, close_account, give_consent, withdraw_service_consent
from commons.accounts.rules import CONSENT_VERSION, SERVICE_CONSENT
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.outbox import tick
from commons.worker import run_due
from marketplace.orders.actions import cancel_order, erase_addresses, locked_order, mark_paid
from marketplace.orders.errors import TooManyUnpaid
from marketplace.orders.models import Order
from marketplace.orders.queries import address_of
from marketplace.orders.rules import Way
from tests.make.orders import make_order
from tests.make.payments import use_fake_gateway
from tests.make.people import make_person
from tests.make.produce import make_product


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
        mark_paid(open_one.number)
    for order in (over, open_one):
        with transaction():
            close_account(order.person_id)
    run_due()

    assert addresses() == [False, True]


def test_closing_and_opening_the_account_again_allows_no_third_unpaid_order(
    app: Flask, clock: FrozenClock
) -> None:
    use_fake_gateway()
    product = make_product(stock=10)
    with transaction():
        buyer = make_person(phone="10000000444")
    for _ in range(2):
        make_order(buyer=buyer, product=product)
    with transaction():
        close_account(buyer.id)
    with transaction():
        again = make_person(phone="10000000444")
    assert again.id != buyer.id
    with pytest.raises(TooManyUnpaid):
        make_order(buyer=again, product=product)

    run_due()  # what the closed account had not paid is given up, and the goods are back
    db.session.expire_all()
    assert [order.state for order in all_orders()] == ["cancelled", "cancelled"]
    assert product.lots[0].stock_left == 10
    assert make_order(buyer=again, product=product).state == "pending_payment"


def test_taking_the_consent_back_gives_up_what_is_unpaid_unless_one_agreed_again(
    app: Flask, clock: FrozenClock
) -> None:
    use_fake_gateway()
    orders = [make_order(), make_order(), make_order()]
    with transaction():
        mark_paid(orders[1].number)
    for order in orders:
        with transaction():
            withdraw_service_consent(order.person_id)
    with transaction():
        give_consent(orders[2].person_id, SERVICE_CONSENT, CONSENT_VERSION)
    run_due()
    assert [order.state for order in all_orders()] == ["cancelled", "paid", "pending_payment"]


def test_changing_the_telephone_allows_no_third_unpaid_order(app: Flask, clock: FrozenClock) -> None:
    use_fake_gateway()
    product = make_product(stock=10)
    with transaction():
        buyer = make_person(phone="10000000444")
    for _ in range(2):
        make_order(buyer=buyer, product=product)
    with transaction():
        change_phone(buyer.id, "10000000445")
    with transaction():
        other = make_person(phone="10000000444")
    for each in (buyer, other):
        with pytest.raises(TooManyUnpaid):
            make_order(buyer=each, product=product)


def test_an_order_names_its_buyers_telephone_only_while_it_waits_for_money(
    app: Flask, clock: FrozenClock
) -> None:
    use_fake_gateway()
    product = make_product(stock=10)
    paid, given_up = make_order(product=product), make_order(product=product)
    assert paid.buyer_hash and given_up.buyer_hash
    with transaction():
        mark_paid(paid.number)
        cancel_order(given_up.number)
    assert [order.buyer_hash for order in all_orders()] == [None, None]


def test_a_parcel_that_arrives_after_its_buyer_left_takes_the_address_along(
    app: Flask, clock: FrozenClock
) -> None:
    use_fake_gateway()
    order = make_order(way=Way.delivery)
    with transaction():
        mark_paid(order.number)
    with transaction():
        close_account(order.person_id)
    run_due()
    assert addresses() == [True]  # it is still to be sent
    with transaction():
        locked_order(order.number).state = "settled"
    with transaction():
        erase_addresses(clock.at)
    assert addresses() == [False]


def all_orders() -> list[Order]:
    db.session.rollback()
    return list(db.session.scalars(select(Order).order_by(Order.id)))
