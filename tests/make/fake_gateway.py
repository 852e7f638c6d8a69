"""
A gateway in memory: keeps trades as Alipay does, and loses answers when it is told to.

It stands at the port of payments, not at the protocol; the local gateway of the repository speaks the protocol. An answer
that is lost was still carried out: that is the case that matters.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import rsa

from commons import clock
from marketplace.payments.alipay.notifications import Recipient
from marketplace.payments.alipay_money_out import NO_BILL
from marketplace.payments.port import Answer, Closing, NoWord, Opened, PayRequest, TradeReport, Verdict
from marketplace.payments.port_out import DayBill, PayoutRequest
from marketplace.payments.rules import Product, Standing


class Trouble(StrEnum):
    """What goes wrong with one call."""

    none = "none"
    lost_answer = "lost_answer"  # carried out, but nobody hears of it
    not_sent = "not_sent"  # never arrived, and we know it
    vanished = "vanished"  # never arrived, and nobody knows it


@dataclass
class FakeTrade:
    """What the gateway knows of one attempt."""

    total_fen: int
    standing: Standing
    paid_at: datetime | None = None
    refunds: dict[str, int] = field(default_factory=dict)

    @property
    def refunded_fen(self) -> int:
        return sum(self.refunds.values())


@dataclass
class FakeGateway:
    """See the module. *troubles* are used up by calls in their order; then all goes well."""

    app_id: str = "9021000100000001"
    livemode: bool = False
    origin: str = "http://gateway.test"
    trades: dict[str, FakeTrade] = field(default_factory=dict)
    troubles: deque[Trouble] = field(default_factory=deque)
    calls: list[tuple[str, str]] = field(default_factory=list)
    refusal: str = ""
    payouts: dict[str, int] = field(default_factory=dict)
    payees: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    payout_answers: deque[Answer] = field(default_factory=deque)
    moved_on: set[date] = field(default_factory=set)

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        """The key by which this gateway signs its notifications."""
        return rsa.generate_private_key(65537, 2048)

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.app_id, "2088900000000008", self.livemode, self.key.public_key())

    # -- what people do there -----------------------------------------------------------------------------

    def buyer_opens(self, out_trade_no: str, total_fen: int) -> None:
        """The buyer has opened the cashier and not paid yet."""
        self.trades.setdefault(out_trade_no, FakeTrade(total_fen, Standing.waiting))

    def buyer_pays(self, out_trade_no: str, total_fen: int) -> bool:
        """The buyer pays, unless the trade is closed; say whether the money moved."""
        trade = self.trades.setdefault(out_trade_no, FakeTrade(total_fen, Standing.waiting))
        if trade.standing is not Standing.waiting:
            return False
        trade.standing, trade.paid_at = Standing.paid, clock.now()
        self._note_the_day()
        return True

    def received_fen(self) -> int:
        """Everything that was paid here, less everything that went back."""
        return sum(each.total_fen - each.refunded_fen for each in self.trades.values() if each.paid_at)

    # -- the port ----------------------------------------------------------------------------------------------

    def pay_address(self, request: PayRequest) -> str:
        self.calls.append(("pay", request.out_trade_no))
        return f"{self.origin}/pay?{request.product}={request.out_trade_no}"

    def app_order(self, request: PayRequest) -> str:
        self.calls.append(("app", request.out_trade_no))
        return f"out_trade_no={request.out_trade_no}&sign=x"

    def open_trade(self, request: PayRequest, buyer: str) -> Opened | NoWord:
        trouble = self._trouble("open", request.out_trade_no)
        if trouble is not Trouble.not_sent and request.product is Product.jsapi:
            self.buyer_opens(request.out_trade_no, request.amount_fen)
        if trouble is not Trouble.none:
            return NoWord("lost")
        return Opened(f"{request.product}:{request.out_trade_no}")

    def ask(self, out_trade_no: str) -> TradeReport | NoWord:
        if self._trouble("ask", out_trade_no) is not Trouble.none:
            return NoWord("lost")
        trade = self.trades.get(out_trade_no)
        if trade is None:
            return TradeReport(out_trade_no, Standing.unknown_there)
        return TradeReport(
            out_trade_no=out_trade_no,
            standing=trade.standing,
            total_fen=trade.total_fen,
            trade_no=f"T{out_trade_no}"[:64],
            buyer_id="2088900000000016",
            paid_at=trade.paid_at,
            refunded_fen=trade.refunded_fen,
        )

    def close(self, out_trade_no: str) -> Closing:
        trouble = self._trouble("close", out_trade_no)
        trade = self.trades.get(out_trade_no)
        if trade is not None and trade.standing is Standing.waiting and trouble is not Trouble.not_sent:
            trade.standing = Standing.closed
            answer = Closing.closed
        else:
            answer = Closing.never_opened if trade is None else self._of(trade)
        return answer if trouble is Trouble.none else Closing.unknown

    @staticmethod
    def _of(trade: FakeTrade) -> Closing:
        return Closing.paid if trade.paid_at else Closing.closed

    def refund(
        self, out_trade_no: str, refund_id: str, amount_fen: int, reason: str, share_back_fen: int = 0
    ) -> Answer:
        trouble = self._trouble("refund", refund_id)
        if trouble is Trouble.not_sent:
            return Answer(Verdict.later, "not-sent")
        if trouble is Trouble.vanished:
            return Answer(Verdict.unknown, "lost")
        if self.refusal:
            return Answer(Verdict.refused, self.refusal)
        trade = self.trades[out_trade_no]
        again = refund_id in trade.refunds
        if not again:
            assert trade.paid_at and trade.refunded_fen + amount_fen <= trade.total_fen, "refunded too much"
            trade.refunds[refund_id] = amount_fen
            self._note_the_day()
            if trade.refunded_fen == trade.total_fen:
                trade.standing = Standing.closed
        if trouble is Trouble.lost_answer:
            return Answer(Verdict.unknown, "lost")
        return Answer(Verdict.unknown, "fund_change N") if again else Answer(Verdict.done)

    def ask_refund(self, out_trade_no: str, refund_id: str) -> Answer:
        if self._trouble("ask_refund", refund_id) is not Trouble.none:
            return Answer(Verdict.unknown, "lost")
        happened = refund_id in self.trades[out_trade_no].refunds
        return Answer(Verdict.done) if happened else Answer(Verdict.later, "not refunded")

    def pay_out(self, request: PayoutRequest) -> Answer:
        trouble = self._trouble("pay_out", request.number)
        if self.payout_answers:
            return self.payout_answers.popleft()
        if trouble is Trouble.not_sent:
            return Answer(Verdict.later, "not-sent")
        if self.refusal:
            return Answer(Verdict.refused, self.refusal)
        assert self.payouts.setdefault(request.number, request.amount_fen) == request.amount_fen
        self.payees[request.number], self.titles[request.number] = request.account, request.title
        self._note_the_day()
        return (
            Answer(Verdict.unknown, "lost") if trouble is Trouble.lost_answer else Answer(Verdict.done, "T1")
        )

    def ask_payout(self, number: str) -> Answer:
        if self._trouble("ask_payout", number) is not Trouble.none:
            return Answer(Verdict.unknown, "lost")
        if self.payout_answers:
            return self.payout_answers.popleft()
        return (
            Answer(Verdict.done, "T1") if number in self.payouts else Answer(Verdict.later, "ORDER_NOT_EXIST")
        )

    def day_bill(self, day: date) -> DayBill | NoWord:
        """There is no bill of a day on which nothing moved, and that of any other is not written yet; tests that need one put it here."""
        return NoWord("later" if day in self.moved_on else NO_BILL)

    def _note_the_day(self) -> None:
        self.moved_on.add(clock.to_beijing(clock.now()).date())

    def _trouble(self, what: str, number: str) -> Trouble:
        self.calls.append((what, number))
        return self.troubles.popleft() if self.troubles else Trouble.none
