"""Money that goes back: asked, agreed, refused; and the seller's money, which waits until that is over."""

from __future__ import annotations

import pytest
from flask import Flask

from commons import clock as the_clock
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Missing
from commons.outbox import tick
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.orders import moves, queries, refunds
from marketplace.orders.actions import NewOrder, place_order
from marketplace.orders.errors import NothingToRefund, RefundOpen, RefundTooLate, WrongState
from marketplace.orders.jobs import pick_up_strays
from marketplace.orders.models import Order
from marketplace.orders.rules import RefundReason, Way
from marketplace.payments.models import PaymentIntent
from marketplace.payments.queries import open_cases, transfers_of
from marketplace.produce.models import Lot, Product
from tests.make.fake_gateway import FakeGateway
from tests.make.orders import ask, make_order
from tests.make.payments import pay, use_fake_gateway
from tests.make.people import make_person
from tests.make.produce import make_product, make_seller

BAD = RefundReason.not_good


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def again(order: Order) -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Order, order.id)


def paid(order: Order, gateway: FakeGateway) -> Order:
    pay(db.session.get_one(PaymentIntent, order.payment_id), gateway)
    run_due()
    return again(order)


def packed(order: Order) -> Order:
    with transaction():
        moves.pack(order.number, {line.seller_id for line in order.lines})
    return again(order)


def received(order: Order) -> Order:
    packed(order)
    with transaction():
        moves.hand_over(order.number, order.pickup_code)
    return again(order)


def asked(order: Order, line_id: int | None = None) -> int:
    with transaction() as session:
        back = refunds.ask_refund(order.number, order.person_id, BAD, "烂了两个", line_id)
        session.flush()
        return back.id


def agree(order: Order, refund_id: int) -> None:
    with transaction():
        refunds.agree(order.number, refund_id, order.person_id)
    run_due()


def two_sellers(first: Product, second: Product) -> Order:
    """An order of two eggs boxes of one seller and one of another's."""
    with transaction():
        buyer, one = make_person(), ask(first, quantity=2)
        goods_fen = first.lots[0].price_fen * 2 + second.lots[0].price_fen
        wanted = {**one.wanted, second.lots[0].id: 1}
        new = NewOrder(
            one.village_code, wanted, goods_fen, one.handover, one.method, "two-sellers-" + "x" * 12
        )
        return place_order(buyer.id, new)


def test_the_seller_has_the_money_a_day_after_the_buyer_has_the_goods(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    order = received(paid(make_order(quantity=2), gateway))
    clock.move(hours=23)
    run_due()
    assert again(order).state == "received"
    clock.move(hours=2)
    for _ in range(2):
        run_due()
        with transaction():
            moves.settle(order.number)

    seller = order.lines[0].seller_id
    assert again(order).state == "settled"
    assert balance_fen(f"seller_payable:{seller}", livemode=False) == 2910
    assert len(transfers_of(order.payment_id)) == 1
    assert list(all_faults()) == []


def test_each_seller_gets_the_own_lines_less_what_went_back(gateway: FakeGateway, clock: FrozenClock) -> None:
    eggs = make_product(price_fen=1500)
    lotus = make_product(seller=make_seller(public_name="藕塘"), name="粉藕", price_fen=650)
    order = paid(two_sellers(eggs, lotus), gateway)
    line = next(each for each in order.lines if each.name == "粉藕")
    received(order)
    agree(order, asked(order, line.id))
    clock.move(hours=25)
    run_due()

    shared = {each.seller: each.gross_fen for each in transfers_of(order.payment_id)}
    assert again(order).state == "settled"
    assert shared == {str(eggs.seller_id): 3000}
    assert gateway.received_fen() == 3000
    assert list(all_faults()) == []


def test_an_open_request_stops_the_clock_and_a_refusal_lets_it_run_again(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    order = received(paid(make_order(), gateway))
    refund_id = asked(order)
    clock.move(days=3)
    run_due()
    assert again(order).state == "received"

    with transaction():
        refunds.refuse(order.number, refund_id, order.person_id, "照片看不清")
    clock.move(hours=25)
    run_due()
    assert again(order).state == "settled"
    assert [back.answer for back in again(order).refunds] == ["照片看不清"]


def test_all_of_an_unpacked_order_goes_back_and_so_do_the_goods(gateway: FakeGateway) -> None:
    product = make_product(stock=5)
    order = paid(make_order(product=product, quantity=2), gateway)
    agree(order, asked(order))

    assert again(order).state == "refunded"
    assert db.session.get_one(Lot, product.lots[0].id).stock_left == 5
    assert gateway.received_fen() == 0
    assert list(all_faults()) == []


def test_what_is_packed_does_not_come_back_into_stock(gateway: FakeGateway) -> None:
    product = make_product(stock=5)
    order = packed(paid(make_order(product=product, quantity=2), gateway))
    agree(order, asked(order))

    assert again(order).state == "refunded"
    assert db.session.get_one(Lot, product.lots[0].id).stock_left == 3


def test_money_back_after_the_seller_was_paid_comes_from_the_seller(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    order = received(paid(make_order(), gateway))
    clock.move(hours=25)
    run_due()
    agree(order, asked(again(order), order.lines[0].id))

    assert again(order).state == "refunded"
    assert balance_fen(f"seller_payable:{order.lines[0].seller_id}", livemode=False) == 0
    assert list(all_faults()) == []


def test_one_request_at_a_time_and_never_more_than_was_paid(gateway: FakeGateway) -> None:
    order = paid(make_order(), gateway)
    refund_id = asked(order)
    with pytest.raises(RefundOpen):
        asked(order)
    agree(order, refund_id)
    with pytest.raises(WrongState):
        asked(order)


def test_a_line_goes_back_once(gateway: FakeGateway) -> None:
    eggs, lotus = make_product(), make_product(name="粉藕", price_fen=650)
    order = paid(two_sellers(eggs, lotus), gateway)
    line_id = order.lines[0].id
    agree(order, asked(order, line_id))
    with pytest.raises(NothingToRefund):
        asked(order, line_id)
    with pytest.raises(Missing):
        asked(order, 10**6)


def test_nothing_is_asked_for_that_was_not_paid_or_was_received_long_ago(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    order = make_order()
    with pytest.raises(WrongState):
        asked(order)
    order = received(paid(order, gateway))
    clock.move(days=8)
    with pytest.raises(RefundTooLate):
        asked(order)


def test_a_refund_that_alipay_refuses_can_be_tried_again(gateway: FakeGateway) -> None:
    order = paid(make_order(), gateway)
    refund_id = asked(order)
    gateway.refusal = "ACQ.SELLER_BALANCE_NOT_ENOUGH"
    agree(order, refund_id)
    states = {again(order).refunds[0].state}
    gateway.refusal = ""
    agree(order, refund_id)

    assert states <= {"failed", "agreed"}
    assert [back.state for back in again(order).refunds] in (["done"], ["agreed"])


def test_a_parcel_that_nobody_complains_about_counts_as_received(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    order = packed(paid(make_order(way=Way.delivery), gateway))
    with transaction():
        moves.ship(order.number, "邮政 1234567890")
    clock.move(days=6, hours=23)
    run_due()
    assert again(order).state == "shipped"
    clock.move(hours=2)
    run_due()
    assert again(order).state == "received"
    clock.move(hours=25)
    run_due()

    assert again(order).state == "settled"
    assert {each.seller for each in transfers_of(order.payment_id)} == {
        str(order.lines[0].seller_id), f"village-{order.village_code}"
    }  # fmt: skip
    assert balance_fen(f"buyer_escrow:{order.payment_id}", livemode=False) == 0


def test_an_open_request_stops_the_parcels_clock_too(gateway: FakeGateway, clock: FrozenClock) -> None:
    order = packed(paid(make_order(way=Way.delivery), gateway))
    with transaction():
        moves.ship(order.number, "邮政 1234567890")
    refund_id = asked(order)
    clock.move(days=9)
    run_due()
    assert again(order).state == "shipped"
    with transaction():
        refunds.refuse(order.number, refund_id, order.person_id, "还在路上")
    run_due()
    assert again(order).state == "shipped"
    clock.move(days=7, hours=1)
    run_due()
    assert again(order).state == "received"


def test_what_nobody_packed_is_given_back_by_itself(gateway: FakeGateway, clock: FrozenClock) -> None:
    product = make_product(stock=5)
    order = paid(make_order(product=product), gateway)
    clock.move(days=7)
    with transaction():
        tick()
    run_due()

    assert again(order).state == "refunded"
    assert again(order).refunds[0].reason == "cannot_supply"
    assert db.session.get_one(Lot, product.lots[0].id).stock_left == 5


def test_nothing_is_packed_while_all_the_money_goes_back(gateway: FakeGateway) -> None:
    order = paid(make_order(), gateway)
    refund_id = asked(order)
    with transaction():
        refunds.agree(order.number, refund_id, order.person_id)
    with pytest.raises(WrongState):
        packed(order)


def swept(order: Order) -> Order:
    pick_up_strays()
    run_due()
    return again(order)


def parcel(gateway: FakeGateway) -> Order:
    return packed(paid(make_order(way=Way.delivery), gateway))


def test_a_parcel_that_nobody_sends_is_given_back_by_itself(gateway: FakeGateway, clock: FrozenClock) -> None:
    order = parcel(gateway)
    clock.move(days=2, hours=23)
    assert swept(order).state == "packed"
    clock.move(hours=2)

    assert swept(order).state == "refunded"
    assert [(back.reason, back.amount_fen) for back in order.refunds] == [("not_sent", order.total_fen)]
    assert balance_fen(f"buyer_escrow:{order.payment_id}", livemode=False) == 0
    assert not list(all_faults())


def test_a_parcel_of_which_somebody_must_decide_is_left_alone(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    order = parcel(gateway)
    refund_id = asked(order)
    clock.move(days=4)
    assert swept(order).state == "packed"
    with transaction():
        refunds.refuse(order.number, refund_id, order.person_id, "明天就寄")
    assert swept(order).state == "refunded"


def test_goods_that_nobody_fetches_are_shown_to_a_person_once(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    order = packed(paid(make_order(), gateway))
    clock.move(days=6)
    swept(order)
    assert not open_cases()
    clock.move(days=9)
    swept(order)
    swept(order)

    assert [(case.kind, case.intent_id) for case in open_cases()] == [("not_fetched", order.payment_id)]
    assert not queries.never_fetched(the_clock.now(), 9)
    with transaction():
        moves.hand_over(order.number, order.pickup_code)
    assert again(order).state == "received"


def test_a_buyer_may_take_longer_once(gateway: FakeGateway, clock: FrozenClock) -> None:
    order = parcel(gateway)
    with pytest.raises(WrongState), transaction():
        moves.extend(order.number)
    with transaction():
        moves.ship(order.number, "邮政 1234567890")
    clock.move(days=6)
    for _twice in range(2):
        with transaction():
            moves.extend(order.number)
    clock.move(days=2)
    assert swept(order).state == "shipped"
    with transaction():
        moves.extend(order.number)
    clock.move(days=2, hours=1)

    assert swept(order).state == "received"
    with pytest.raises(WrongState), transaction():
        moves.extend(order.number)
