"""What a sender of messages must be able to do, and what it raises when it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message on its way: *number* is the same at every attempt, so that a provider can refuse a double."""

    number: str
    phone: str
    template: str
    values: dict[str, str]
    words: str


class SendFailed(RuntimeError):
    """The provider did not take the message; it is tried again later. Says nothing personal."""


class Sender(Protocol):
    """One way to reach a telephone."""

    # Whether the words stay readable here after sending; only where the sender is a page, not a network.
    keeps_words: bool

    def deliver(self, message: Message) -> None:
        """
        Send *message*; returning means that it was taken.

        Raises:
            SendFailed: it was not taken, or nobody knows.
        """
