"""
What payments need of a gateway, whichever it is. Alipay is behind it today; WeChat Pay would be a second driver.

Every question has three kinds of answers: it is so, it is definitely not so, and unknown. Unknown is a value here and not
an exception, because the caller has to do something about it: ask again, under the same number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from marketplace.payments.rules import Product, Standing


@dataclass(frozen=True, slots=True)
class PayRequest:
    """What the cashier is told: one attempt, signed at the moment of the click."""

    out_trade_no: str
    amount_fen: int
    subject: str
    expires_at: datetime
    product: Product
    notify_url: str
    return_url: str
    quit_url: str
    sub_merchant: str = ""


@dataclass(frozen=True, slots=True)
class TradeReport:
    """
    What a gateway says of one attempt, however we came to hear it (``notify``, ``query`` or ``bill``).

    *refunded_fen* is the sum of all refunds so far, None where the source does not say.
    """

    out_trade_no: str
    standing: Standing
    total_fen: int = 0
    trade_no: str = ""
    buyer_id: str = ""
    paid_at: datetime | None = None
    refunded_fen: int | None = None
    heard_by: str = "query"


@dataclass(frozen=True, slots=True)
class NoWord:
    """The gateway did not say; *needs_settings* when a key, certificate or address of ours is wrong."""

    reason: str
    needs_settings: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The gateway has prepared an attempt; *handle* is the text of its QR code, or its number of the trade."""

    handle: str


class Verdict(StrEnum):
    """What became of something the gateway was asked to do."""

    done = "done"
    refused = "refused"  # definitely not, and it never will be
    later = "later"  # definitely not yet; the same number may be sent again
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict, and the gateway's code for it."""

    verdict: Verdict
    words: str = ""
    needs_settings: bool = False


class Closing(StrEnum):
    """What became of closing an attempt."""

    closed = "closed"
    never_opened = "never_opened"  # so it can still be opened, and paid, until its time is over
    paid = "paid"
    unknown = "unknown"


class Gateway(Protocol):
    """One application at one gateway, in one world."""

    @property
    def app_id(self) -> str:
        """The application's number, stored with every attempt."""

    @property
    def livemode(self) -> bool:
        """Whether its money is real."""

    @property
    def origin(self) -> str:
        """Scheme and host of the cashier."""

    def pay_address(self, request: PayRequest) -> str:
        """Sign the cashier's address; no network."""

    def app_order(self, request: PayRequest) -> str:
        """Sign the order that an app of the shop's own hands to the payer's app; no network."""

    def open_trade(self, request: PayRequest, buyer: str) -> Opened | NoWord:
        """
        Prepare an attempt through ``qr``, or through ``jsapi`` for one *buyer*; the same number again is the same trade.
        """

    def ask(self, out_trade_no: str) -> TradeReport | NoWord:
        """What became of an attempt?"""

    def close(self, out_trade_no: str) -> Closing:
        """Close an attempt that is not paid."""

    def refund(
        self, out_trade_no: str, refund_id: str, amount_fen: int, reason: str, share_back_fen: int = 0
    ) -> Answer:
        """
        Give back so much; the same *refund_id* again gives nothing twice.

        *share_back_fen* of it was our share of a sub-merchant's trade, and is taken back from us.
        """

    def ask_refund(self, out_trade_no: str, refund_id: str) -> Answer:
        """Was it given back? ``later`` says: no, so it may be sent again."""
