"""
How many calls a key may make: Stripe's own limits, counted for all processes together.

Every process draws permits from the shared count in handfuls, so that a call does not cost a write of its own; what a
process has drawn and not used lapses with the window.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from commons import clock
from commons.errors import TooMany
from commons.throttle import hit
from marketplace.payments.api.errors import too_many
from marketplace.payments.api.keys import Caller

HANDFUL = 20
WINDOW = timedelta(seconds=10)
# Per ten seconds: 100 a second with a live key, as Stripe allows. A test key may do the same, for it is measured with.
MOST = 1000


@dataclass(slots=True)
class _Hand:
    left: int
    ends_at: datetime


class Permits:
    """What this process has drawn."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._hands: dict[str, _Hand] = {}
        self._lock = threading.Lock()

    def take(self, caller: Caller) -> None:
        """
        Use one permit of *caller*; called outside ``transaction()``.

        Raises:
            ApiError: 429, there are none left in this window.
        """
        now = clock.now()
        if self._taken(caller.key_id, now):
            return
        handful = min(HANDFUL, self.most)
        try:
            hit(
                "payments-api",
                caller.key_id,
                f"{self.most}/{int(WINDOW.total_seconds())}second",
                cost=handful,
            )
        except TooMany as refusal:
            if self._taken(caller.key_id, now):  # another thread drew the last handful meanwhile
                return
            raise too_many() from refusal
        self._put(caller.key_id, handful - 1, now)

    def _taken(self, key: str, now: datetime) -> bool:
        with self._lock:
            hand = self._hands.get(key)
            if hand is None or hand.left == 0 or hand.ends_at <= now:
                return False
            hand.left -= 1
            return True

    def _put(self, key: str, drawn: int, now: datetime) -> None:
        """Keep what was drawn, together with what other threads drew in the same moment."""
        with self._lock:
            hand = self._hands.get(key)
            if hand is not None and hand.ends_at > now:
                hand.left += drawn
                return
            if len(self._hands) > 1000:
                self._hands = {each: known for each, known in self._hands.items() if known.ends_at > now}
            self._hands[key] = _Hand(drawn, now + WINDOW)


def take_permit(caller: Caller) -> None:
    """Use one permit of *caller* in the running application."""
    permits: Permits = current_app.extensions["payments_api_permits"]
    permits.take(caller)
