"""The sender of demonstrations and of a machine of one's own: nothing leaves, the page /demo/messages shows what was sent."""

from __future__ import annotations

from commons.messaging.protocol import Message


class DemonstrationSender:
    """Takes every message and leaves it where it is."""

    keeps_words = True

    def deliver(self, message: Message) -> None:
        """Do nothing: the stored message is the message."""
