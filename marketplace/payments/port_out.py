"""
What settlement needs of a gateway: paying sellers, letting sub-merchants have their money, bills, and who somebody is.

Like the port for being paid, every question is answered by it is so, it is definitely not so, or unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from marketplace.payments.alipay.bill import Movement, TradeLine
from marketplace.payments.port import Answer, NoWord


@dataclass(frozen=True, slots=True)
class PayoutRequest:
    """One transfer to a seller. *number* is its own for ever: sent again, it pays nothing twice."""

    number: str
    amount_fen: int
    title: str
    account: str
    account_type: str
    holder: str


@dataclass(frozen=True, slots=True)
class DayBill:
    """Everything the gateway says about one day."""

    trades: tuple[TradeLine, ...]
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """A check of who somebody is: its name at the gateway, and the page on which the person proves it."""

    certify_id: str
    page: str


class MoneyOut(Protocol):
    """One application at one gateway, for money that leaves it."""

    def pay_out(self, request: PayoutRequest) -> Answer:
        """Pay a seller; the same number again pays nothing twice. ``words`` of a done one is the gateway's number."""

    def ask_payout(self, number: str) -> Answer:
        """Was it paid? ``later`` says: there is no such transfer, so the identical request may be sent again."""

    def confirm(self, number: str, trade_no: str, amount_fen: int) -> Answer:
        """Let the sub-merchant of a direct-pay trade have its money."""

    def share(self, number: str, trade_no: str, amount_fen: int) -> Answer:
        """Take the platform's share out of a settled direct-pay trade; the same number takes nothing twice."""

    def allow_sharing(self, number: str) -> Answer:
        """Let our own account receive shares of sub-merchants' trades; doing it twice changes nothing."""

    def day_bill(self, day: date) -> DayBill | NoWord:
        """Fetch the bill of a day that is over."""

    def begin_check(self, number: str, name: str, id_number: str, back: str) -> Check | NoWord:
        """Begin to check who somebody is. The ID number is passed on and kept nowhere."""

    def ask_check(self, certify_id: str) -> bool | NoWord:
        """Did the person prove it?"""
