"""The pure rules of checkout sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SHORTEST = timedelta(minutes=30)
LONGEST = timedelta(hours=24)
MOST_ITEMS = 100
PERSONAL_KEPT_FOR = timedelta(days=30)  # after the end of a session
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"
REFERENCE = "checkout:"


class SessionStatus(StrEnum):
    """How a session stands."""

    open = "open"
    complete = "complete"
    expired = "expired"


class PaymentStatus(StrEnum):
    """Whether its money has come."""

    unpaid = "unpaid"
    paid = "paid"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the basket: so many of a thing at so much each."""

    name: str
    unit_fen: int
    quantity: int
    description: str = ""

    @property
    def total_fen(self) -> int:
        """What the line comes to."""
        return self.unit_fen * self.quantity


def success_address(template: str, session_id: str) -> str:
    """
    Return where the buyer is led after paying.

    >>> success_address("https://shop.example/thanks?s={CHECKOUT_SESSION_ID}", "cs_test_1")
    'https://shop.example/thanks?s=cs_test_1'
    """
    return template.replace(PLACEHOLDER, session_id)


def reference_of(session_id: str) -> str:
    """Return the word by which the payment of a session names it."""
    return f"{REFERENCE}{session_id}"


def session_of(reference: str) -> str:
    """Return the session that a payment's reference names; empty when it names none."""
    return reference.removeprefix(REFERENCE) if reference.startswith(REFERENCE) else ""


def language_of(locale: str | None) -> str:
    """Return ``zh`` or ``en`` where the shop chose the page's language; empty leaves it to the reader."""
    if locale is None or locale == "auto":
        return ""
    return "zh" if locale.startswith("zh") else "en"


def subject_of(items: Sequence[Item]) -> str:
    """
    Return what the buyer reads at the cashier.

    >>> subject_of([Item("蜜橘", 100, 2), Item("土鸡蛋", 150, 1)])
    '蜜橘等 2 种'
    """
    first = items[0].name[:100]
    return first if len(items) == 1 else f"{first}等 {len(items)} 种"
