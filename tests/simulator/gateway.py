"""The local gateway in this process, its courier, and the ways in which a line to it fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from commons import clock
from commons.db import in_transaction
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import read_merchant_file
from marketplace.payments.alipay.transport import NoAnswerError, NotSentError
from marketplace.payments.alipay_driver import AlipayGateway
from marketplace.payments.local_gateway.direct import BASE_URL, DirectTransport, gateway_over
from marketplace.payments.local_gateway.faults import FaultKind, FaultOrder, order_fault
from marketplace.payments.local_gateway.keys_on_disk import write_merchant_file
from marketplace.payments.local_gateway.store import Store

FAULTS = (
    FaultKind.drop_request,
    FaultKind.drop_after,
    FaultKind.http_502,
    FaultKind.http_502_after,
    FaultKind.system_error,
    FaultKind.system_error_after,
    FaultKind.code_20000,
    FaultKind.code_20000_after,
    FaultKind.bad_signature,
)
# What Alipay may say to what moves money: for ever, or for now.
REFUSALS = {
    "alipay.trade.refund": ("ACQ.TRADE_NOT_ALLOW_REFUND", "ACQ.SELLER_BALANCE_NOT_ENOUGH"),
    "alipay.fund.trans.uni.transfer": ("PAYEE_NOT_EXIST", "PAYER_BALANCE_NOT_ENOUGH", "MONEY_PAY_CLOSED"),
    "alipay.trade.settle.confirm": ("ACQ.TRADE_SETTLE_ERROR",),
    "alipay.trade.order.settle": ("ACQ.ALLOC_AMOUNT_VALIDATE_ERROR",),
}


class Line(DirectTransport):
    """
    The line to the gateway. *trouble* is how often something goes wrong on it, from 0 to 1.

    *point* is told before a request goes out and before its answer is heard: a process can die, or another be faster, at both.
    """

    def __init__(self, here: LocalAlipay, point: Callable[[str, str], None]) -> None:
        super().__init__(here.gateway, here.now)
        self._store = here.gateway.store
        self._point = point
        self.dice = Random(0)
        self.trouble = 0.0

    def post(self, url: str, body: str, timeout_s: float) -> bytes:
        if in_transaction():
            raise AssertionError("the gateway was asked inside a transaction")
        method = url.partition("method=")[2].partition("&")[0]
        self._point("asks", method)
        self._misbehave(method)
        try:
            return super().post(url, body, timeout_s)
        finally:
            self._store.rows("UPDATE fault SET times_left = 0")
            self._point("answered", method)

    def get(self, url: str, timeout_s: float) -> bytes:
        self._point("asks", "bill")
        try:
            if self.dice.random() < self.trouble:
                raise NoAnswerError("the bill was cut short, as drawn")
            return super().get(url, timeout_s)
        finally:
            self._point("answered", "bill")

    def _misbehave(self, method: str) -> None:
        if self.dice.random() >= self.trouble:
            return
        refusing = ["refuse"] * (6 if method in REFUSALS else 1)
        what = self.dice.choice([*FAULTS, "unreachable", *refusing])
        if what == "unreachable":
            raise NotSentError("no connection, as drawn")
        if what != "refuse":
            order_fault(self._store, FaultOrder(FaultKind(what), method))
        elif method in REFUSALS:
            order_fault(
                self._store, FaultOrder(FaultKind.refuse, method, sub_code=self.dice.choice(REFUSALS[method]))
            )
        else:
            raise NoAnswerError("too slow, as drawn")


class LocalAlipay:
    """
    One local gateway with its file and keys, and the product's own client in front of it.

    *skew_s* is by how much our clock is wrong; the gateway's is right.
    """

    def __init__(self, folder: Path, point: Callable[[str, str], None]) -> None:
        self.skew_s = 0.0
        self.gateway = gateway_over(Store(folder / "gateway.sqlite3", self.now))
        write_merchant_file(self.gateway.keys, BASE_URL, folder / "merchant.json")
        self.line = Line(self, point)
        client = AlipayClient(
            read_merchant_file(folder / "merchant.json"),
            transport=self.line,
            now=lambda: clock.to_beijing(clock.now()),
        )
        self.driver = AlipayGateway(client, livemode=False)

    def now(self) -> float:
        """The right time in seconds."""
        return clock.now().timestamp() - self.skew_s

    def begin(self, seed: int) -> None:
        """Forget every trade and draw troubles from *seed*."""
        self.gateway.store.forget_everything()
        self.line.dice = Random(f"line {seed}")
        self.line.trouble = 0.0
        self.skew_s = 0.0
