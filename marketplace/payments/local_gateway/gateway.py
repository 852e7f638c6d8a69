"""What every part of the gateway shares: the file, the keys, the clock and the address."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marketplace.payments.alipay.amounts import BEIJING, beijing_text
from marketplace.payments.local_gateway.keys_on_disk import Keys
from marketplace.payments.local_gateway.store import Store


@dataclass
class Gateway:
    """
    One running gateway. *pace* stretches or shrinks the waits between deliveries (1.0 is Alipay's own).

    *wake* is called whenever something may have become due, so that the courier need not poll.
    """

    store: Store
    keys: Keys
    base_url: str
    pace: float = 1.0
    wake: Callable[[], None] = field(default=lambda: None)

    def now(self) -> float:
        """Return the gateway's clock in seconds."""
        return self.store.now()


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that was let in: its signature, application and time were right."""

    method: str
    params: dict[str, str]
    biz: dict[str, Any]

    def text(self, name: str) -> str:
        """Return one business field as text, empty where it is absent."""
        value = self.biz.get(name, "")
        return "" if value is None else str(value)

    @property
    def numbers(self) -> frozenset[str]:
        """All numbers by which a fault may name this request's trade, refund or transfer."""
        names = ("out_trade_no", "trade_no", "out_request_no", "out_biz_no", "certify_id")
        return frozenset(self.text(name) for name in names if self.text(name))


def money(fen: int) -> str:
    """Write fen as yuan, zero and negatives included."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def moment_text(at: float | None) -> str:
    """Write a moment in Beijing time, or nothing."""
    return "" if at is None else beijing_text(datetime.fromtimestamp(at, BEIJING))


def new_number(now: float) -> str:
    """Return a number like Alipay's: the day, then twenty digits."""
    return f"{datetime.fromtimestamp(now, BEIJING):%Y%m%d}{secrets.randbelow(10**20):020d}"
