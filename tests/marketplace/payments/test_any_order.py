"""
Whatever buyers, keepers, the gateway and the clock do, in whatever order: no fen is lost and nothing is paid for twice.

Hypothesis thinks up the orders. After every step the books have to be right; at the end, once the gateway answers again
and enough time has passed, nothing may be left in the air.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from commons.clock import FrozenClock
from commons.db import transaction
from commons.errors import Refusal
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import cancel_payment, release_to_seller, request_refund, settle_payment
from marketplace.payments.flows import ask_now, refund_now
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.port import TradeReport
from marketplace.payments.queries import (
    attempts_of,
    charges_of,
    open_ops,
    refunds_of,
    the_payment,
    transfers_of,
)
from marketplace.payments.rules import Product, Standing
from tests.make.fake_gateway import FakeGateway, Trouble
from tests.make.payments import make_attempt, make_payment, use_fake_gateway

TROUBLES = st.lists(st.sampled_from(list(Trouble)), max_size=4)
AMOUNTS = st.integers(1, 50_000)
PART = st.sampled_from([1, 33, 50, 100])
PICK = st.integers(0, 5)


class Died(BaseException):
    """The process ended here; not an Exception, so that nobody catches it."""


class Market(RuleBasedStateMachine):
    """A few payments at one gateway."""

    app: Flask
    clock: FrozenClock
    patch: pytest.MonkeyPatch

    def __init__(self) -> None:
        super().__init__()
        self.gateway: FakeGateway = use_fake_gateway()
        self.payments: list[str] = []
        self.start = balance_fen("alipay_clearing", livemode=False)

    def numbers(self) -> list[PaymentAttempt]:
        return [attempt for payment in self.payments for attempt in attempts_of(payment)]

    def attempt(self, pick: int) -> PaymentAttempt:
        numbers = self.numbers()
        return numbers[pick % len(numbers)]

    def payment(self, pick: int) -> str:
        return self.payments[pick % len(self.payments)]

    @initialize(amounts=st.lists(AMOUNTS, min_size=2, max_size=3))
    def ask_for_money(self, amounts: list[int]) -> None:
        for amount in amounts:
            payment = make_payment(amount_fen=amount, reference=f"order:{amount}", minutes=120)
            number = make_attempt(payment).out_trade_no
            self.payments.append(payment.id)
        self.gateway.buyer_pays(number, amounts[-1])  # one is paid from the start, or refunds would be rare
        ask_now(number)

    @rule(pick=PICK, product=st.sampled_from([Product.wap, Product.page]))
    def click(self, pick: int, product: Product) -> None:
        try:
            make_attempt(the_payment(self.payment(pick)), product=product)
        except Refusal:
            return

    @rule(pick=PICK)
    def open_the_cashier(self, pick: int) -> None:
        attempt = self.attempt(pick)
        if self.clock.at < attempt.time_expire:
            self.gateway.buyer_opens(attempt.out_trade_no, attempt.amount_fen)

    @rule(pick=PICK)
    def pay(self, pick: int) -> None:
        attempt = self.attempt(pick)
        if self.clock.at < attempt.time_expire:
            self.gateway.buyer_pays(attempt.out_trade_no, attempt.amount_fen)

    @rule(pick=PICK, times=st.integers(1, 3))
    def hear_of_it(self, pick: int, times: int) -> None:
        attempt = self.attempt(pick)
        trade = self.gateway.trades.get(attempt.out_trade_no)
        if trade is None or trade.standing is Standing.waiting:
            return
        report = TradeReport(
            attempt.out_trade_no, trade.standing, trade.total_fen, "T1", "buyer", trade.paid_at,
            trade.refunded_fen, "notify",
        )  # fmt: skip
        for _ in range(times):
            with transaction():
                settle_payment(report)

    @rule(pick=PICK, amount=AMOUNTS)
    def hear_of_another_amount(self, pick: int, amount: int) -> None:
        attempt = self.attempt(pick)
        if amount == attempt.amount_fen:
            return
        before = the_payment(attempt.intent_id).status
        report = TradeReport(attempt.out_trade_no, Standing.paid, amount, heard_by="notify")
        with transaction():
            settle_payment(report)
        assert the_payment(attempt.intent_id).status == before

    @rule(pick=PICK)
    def ask(self, pick: int) -> None:
        ask_now(self.attempt(pick).out_trade_no)

    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        self._try(lambda: cancel_payment(self.payment(pick)))

    @rule(pick=PICK, part=PART)
    def refund(self, pick: int, part: int) -> None:
        payment = self.payment(pick)
        amount = max(1, the_payment(payment).amount_fen * part // 100)
        self._try(lambda: request_refund(payment, amount))

    @rule(pick=PICK, part=PART, seller=st.sampled_from(["coop", "farmer"]))
    def release(self, pick: int, part: int, seller: str) -> None:
        payment = self.payment(pick)
        amount = max(1, the_payment(payment).amount_fen * part // 100)
        reference = f"line:{len(transfers_of(payment))}"
        self._try(lambda: release_to_seller(payment, seller, amount, reference))

    @rule(troubles=TROUBLES)
    def the_line_is_bad(self, troubles: list[Trouble]) -> None:
        self.gateway.troubles.extend(troubles)

    @rule(seconds=st.sampled_from([1, 10, 60, 600, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)
        self._expire()
        run_due()

    @precondition(lambda self: bool(open_ops()))
    @rule(before_answer=st.booleans())
    def the_worker_dies(self, before_answer: bool) -> None:
        refunds = [op.out_no for op in open_ops() if op.kind == "refund"]
        if not refunds:
            return

        def die(*_: object) -> None:
            raise Died

        place = "send_op" if before_answer else "_apply_refund"
        with self.patch.context() as dying, pytest.raises(Died):
            dying.setattr(f"marketplace.payments.flows.{place}", die)
            refund_now(refunds[0])

    @invariant()
    def the_books_are_right(self) -> None:
        assert list(all_faults()) == []
        for payment in self.payments:
            main = [charge for charge in charges_of(payment) if charge.is_main]
            assert len(main) == (1 if the_payment(payment).status == "succeeded" else 0)

    def teardown(self) -> None:
        """The line is good again and a day goes by."""
        self.gateway.troubles.clear()
        for _ in range(6):
            self.clock.move(hours=4)
            self._expire()
            run_due()
        self.the_books_are_right()
        held = balance_fen("alipay_clearing", livemode=False) - self.start
        assert held == self.gateway.received_fen()
        assert balance_fen("suspense", livemode=False) == 0
        assert balance_fen("refund_in_flight", livemode=False) == 0
        assert open_ops() == []
        for payment in self.payments:
            assert the_payment(payment).status in {"succeeded", "canceled"}
            assert {each.status for each in refunds_of(payment)} <= {"succeeded"}
            assert all(
                charge.is_main or charge.refunded_fen == charge.amount_fen for charge in charges_of(payment)
            )

    def _expire(self) -> None:
        for attempt in self.numbers():
            trade = self.gateway.trades.get(attempt.out_trade_no)
            if trade and trade.standing is Standing.waiting and self.clock.at >= attempt.time_expire:
                trade.standing = Standing.closed

    def _try(self, deed: Any) -> None:
        try:
            with transaction():
                deed()
        except Refusal:
            return


def test_no_order_of_events_loses_a_fen(
    app: Flask, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Market.app, Market.clock, Market.patch = app, clock, monkeypatch
    wanted = settings(
        max_examples=20,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Market, settings=wanted)
