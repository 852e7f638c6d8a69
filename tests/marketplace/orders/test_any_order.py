"""
Whatever buyers, farmers, keepers, the gateway and the clock do, in whatever order: no box is sold twice or lost.

Hypothesis thinks up the orders of events. After every step stock and holds have to add up; at the end, when the gateway answers
and time has passed, every fen has an owner.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Missing, Refusal
from commons.outbox import tick
from commons.worker import run_due
from marketplace.fulfilment.queries import points_of
from marketplace.ledger.proofs import all_faults
from marketplace.orders import moves, refunds
from marketplace.orders.actions import cancel_order, locked_order, mark_paid, place_order
from marketplace.orders.models import Order, StockHold
from marketplace.orders.rules import RefundReason
from marketplace.payments.actions import begin_attempt, confirm_offline
from marketplace.payments.queries import attempts_of
from marketplace.payments.rules import Method
from marketplace.payments.rules import Product as Door
from marketplace.produce.models import Lot
from tests.make.fake_gateway import FakeGateway, Trouble
from tests.make.orders import ask, make_pickup_point
from tests.make.payments import use_fake_gateway
from tests.make.people import make_person
from tests.make.produce import make_product

STOCK = 6
PICK = st.integers(0, 4)


class Market(RuleBasedStateMachine):
    """One lot of six boxes, and people who want them."""

    clock: FrozenClock

    def __init__(self) -> None:
        super().__init__()
        self.gateway: FakeGateway = use_fake_gateway()
        product = make_product(stock=STOCK)
        if not points_of(product.village_code):
            make_pickup_point()
        self.product, self.lot_id = product, product.lots[0].id
        self.numbers: list[str] = []

    def _try(self, deed: Callable[[], object]) -> None:
        try:
            with transaction():
                deed()
        except (Refusal, Missing):
            return

    def number(self, pick: int) -> str:
        return self.numbers[pick % len(self.numbers)]

    def order(self, pick: int) -> Order:
        db.session.rollback()
        db.session.expire_all()
        return db.session.scalars(select(Order).where(Order.number == self.number(pick))).one()

    @rule(quantity=st.integers(1, 3), method=st.sampled_from(list(Method)))
    def somebody_orders(self, quantity: int, method: Method) -> None:
        def place() -> None:
            order = place_order(make_person().id, ask(self.product, quantity=quantity, method=method))
            self.numbers.append(order.number)

        self._try(place)

    @precondition(lambda self: self.numbers)
    @rule(pick=PICK, pays=st.booleans())
    def the_buyer_goes_to_the_cashier(self, pick: int, pays: bool) -> None:
        order = self.order(pick)
        payment_id, total_fen = order.payment_id, order.total_fen
        self._try(lambda: begin_attempt(payment_id, Door.wap))
        for attempt in attempts_of(payment_id):
            if pays and attempt.product == Door.wap:
                self.gateway.buyer_pays(attempt.out_trade_no, total_fen)

    @precondition(lambda self: self.numbers)
    @rule(pick=PICK)
    def the_buyer_gives_up(self, pick: int) -> None:
        self._try(lambda: cancel_order(self.number(pick)))

    @precondition(lambda self: self.numbers)
    @rule(pick=PICK)
    def the_keeper_takes_the_money(self, pick: int) -> None:
        order = self.order(pick)
        number, payment_id = order.number, order.payment_id

        def take() -> None:
            locked_order(number)
            confirm_offline(payment_id, "7")
            mark_paid(number)

        self._try(take)

    @precondition(lambda self: self.numbers)
    @rule(pick=PICK)
    def the_farmer_packs(self, pick: int) -> None:
        self._try(lambda: moves.pack(self.number(pick), {self.product.seller_id}))

    @precondition(lambda self: self.numbers)
    @rule(pick=PICK)
    def the_keeper_hands_over(self, pick: int) -> None:
        order = self.order(pick)
        number, code = order.number, order.pickup_code
        self._try(lambda: moves.hand_over(number, code))

    @precondition(lambda self: self.numbers)
    @rule(pick=PICK, whole=st.booleans())
    def the_buyer_wants_money_back(self, pick: int, whole: bool) -> None:
        order = self.order(pick)
        number, person_id, line_id = order.number, order.person_id, None if whole else order.lines[0].id
        self._try(lambda: refunds.ask_refund(number, person_id, RefundReason.not_good, "", line_id))

    @precondition(lambda self: self.numbers)
    @rule(pick=PICK, agrees=st.booleans())
    def the_farmer_answers(self, pick: int, agrees: bool) -> None:
        order = self.order(pick)
        number, person_id = order.number, order.person_id
        for refund_id in [back.id for back in order.refunds]:
            if agrees:
                self._try(lambda back=refund_id: refunds.agree(number, back, person_id))  # type: ignore[misc]
            else:
                self._try(lambda back=refund_id: refunds.refuse(number, back, person_id, "不行"))  # type: ignore[misc]

    @rule(minutes=st.sampled_from([1, 16, 40, 60 * 26, 60 * 24 * 8]), works=st.booleans())
    def time_passes(self, minutes: int, works: bool) -> None:
        self.clock.move(minutes=minutes)
        if works:
            self.the_worker_works()

    @rule()
    def the_worker_works(self) -> None:
        with transaction():
            tick()
        run_due(limit=200)

    @rule(troubles=st.lists(st.sampled_from(list(Trouble)), max_size=4))
    def the_gateway_has_troubles(self, troubles: list[Trouble]) -> None:
        self.gateway.troubles.extend(troubles)

    @invariant()
    def every_box_is_in_stock_or_in_one_order(self) -> None:
        db.session.rollback()
        db.session.expire_all()
        lot = db.session.get_one(Lot, self.lot_id)
        out = (StockHold.lot_id == self.lot_id, StockHold.state != "released")
        held = db.session.scalar(select(func.coalesce(func.sum(StockHold.quantity), 0)).where(*out))
        assert lot.stock_left >= 0
        assert lot.stock_left + (held or 0) == STOCK

    def teardown(self) -> None:
        self.gateway.troubles.clear()
        for _ in range(4):
            self.clock.move(hours=30)
            self.the_worker_works()
        db.session.expire_all()
        wanted = select(Order).where(Order.number.in_(self.numbers))
        for order in db.session.scalars(wanted):
            assert order.is_paid or order.state not in {"paid", "shipped", "received", "settled", "refunded"}
            assert {hold.state for hold in order.holds} <= {"taken", "released", "held"}
            if order.state == "cancelled":
                assert {hold.state for hold in order.holds} == {"released"}
            if order.state in {"paid", "received", "settled"}:
                assert {hold.state for hold in order.holds} == {"taken"}
            assert order.state != "pending_payment"
        assert list(all_faults()) == []


def test_no_order_of_events_loses_a_box_or_a_fen(app: Flask, clock: FrozenClock) -> None:
    Market.clock = clock
    wanted = settings(
        max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Market, settings=wanted)
