"""What a schedule is about, drawn from its seed: the shop, paying sellers, or sellers whose money Alipay holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from random import Random

from marketplace.payments.connect.rules import Means

MORNING = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
# Twenty minutes before midnight in China: what belongs together falls into two bills.
LATE_EVENING = datetime(2026, 11, 22, 15, 40, tzinfo=UTC)


class Subject(StrEnum):
    """What most of a schedule's deeds are about."""

    shop = "shop"
    payouts = "payouts"
    direct = "direct"


@dataclass(frozen=True, slots=True)
class Story:
    """
    One schedule's frame.

    *has_bills*: each day is held against the gateway's bill. *is_honest*: nothing fails and nobody dies, so that no bill may show a
    difference. *is_mute*: the gateway's letters are lost for good. *means* is how each seller is paid.
    """

    subject: Subject
    has_bills: bool
    is_honest: bool
    is_mute: bool
    begins_at: datetime
    means: tuple[Means, ...]

    @property
    def has_orders(self) -> bool:
        """Whether buyers order in the shop."""
        return self.subject is not Subject.payouts


def drawn(seed: int, sellers: int) -> Story:
    """Return the story of *seed*."""
    dice = Random(f"story {seed}")
    subject = dice.choices(list(Subject), [72, 17, 11])[0]
    has_bills = dice.random() < {Subject.shop: 0.07, Subject.payouts: 0.25, Subject.direct: 0.25}[subject]
    is_honest = has_bills and dice.random() < 0.35
    return Story(
        subject,
        has_bills,
        is_honest,
        is_mute=has_bills and not is_honest and dice.random() < 0.25,
        begins_at=LATE_EVENING if has_bills and dice.random() < 0.4 else MORNING,
        means=tuple(
            dice.choices([Means.alipay, Means.bank, Means.cash], [64, 18, 18])[0] for _ in range(sellers)
        ),
    )
