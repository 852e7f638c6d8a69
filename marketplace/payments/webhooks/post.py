"""
The letters of this process that are under way, over all its rounds: who may be sent more, and who is waited for.

A letter is brought home by the thread that carried it, which writes down what came of it. So a round waits for nobody who is
slow: it leaves such a letter to itself, and the address that holds it is given no second one meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from flask import Flask

from marketplace.payments.webhooks.claiming import Parcel, Shares
from marketplace.payments.webhooks.courier import Courier, Receipt
from marketplace.payments.webhooks.rules import Trouble

log = structlog.get_logger(__name__)

AT_ONCE = 32  # letters under way side by side
TO_ONE = 16  # of these, to one address that answers promptly
TO_SLOW = 16  # of these, to all addresses together that do not
PROMPT_S = 3.0  # whoever takes longer is not waited for


@dataclass(frozen=True, slots=True)
class BroughtHome:
    """What came of one letter. *was_left*: the round that sent it may have ended, so another has to go on from here."""

    parcel: Parcel
    receipt: Receipt
    was_left: bool


WriteDown = Callable[[Sequence[BroughtHome]], None]


@dataclass(slots=True, eq=False)
class _Errand:
    parcel: Parcel
    began: float
    is_home: bool = False
    was_left: bool = False


class Post:
    """Safe to share between threads, as everything in it happens in one of them at a time."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._changed = threading.Condition()  # its lock may be taken again by its holder
        self._errands: list[_Errand] = []
        self._pace: dict[str, int] = {}
        self._slow: set[str] = set()
        self._brought: list[BroughtHome] = []
        self._writing = threading.Lock()
        self.came_home = 0

    def shares(self) -> Shares:
        """Return how many letters may be handed out now."""
        with self._changed:
            under_way = Counter(each.parcel.endpoint_id for each in self._errands)
            late = {each.parcel.endpoint_id for each in self._errands if not self._is_prompt(each)}
            slow = self._slow | late
            to_slow = sum(under_way[each] for each in slow)
            free = AT_ONCE - len(self._errands)
            return Shares(free, max(min(free, TO_SLOW - to_slow), 0), slow, dict(self._pace), under_way)

    def send(self, app: Flask, courier: Courier, parcels: Sequence[Parcel], write_down: WriteDown) -> None:
        """Send *parcels* side by side; *write_down* is called in a context of *app*, once for what came home together."""
        with self._changed:
            errands = [_Errand(parcel, time.monotonic()) for parcel in parcels]
            self._errands += errands
            if self._pool is None:
                self._pool = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="courier")
            pool = self._pool
        for errand in errands:
            pool.submit(self._carry, app, courier, errand, write_down)

    def wait(self, since: int) -> None:
        """Wait until a letter has come home after *since* had, but for nobody who is slow."""
        with self._changed:
            now = time.monotonic()
            left = [
                PROMPT_S if each.is_home else each.began + PROMPT_S - now
                for each in self._errands
                if self._is_awaited(each)
            ]
            self._changed.wait_for(lambda: self.came_home != since, max(left, default=0))

    def is_done_with(self, since: int) -> bool:
        """Say whether nothing has come home after *since* and nobody is waited for; then what is out is left to itself."""
        with self._changed:
            if self.came_home != since or any(self._is_awaited(each) for each in self._errands):
                return False
            self.leave()
            return True

    def leave(self) -> None:
        """Leave what is out to itself: whoever of it comes home starts a new round."""
        with self._changed:
            for each in self._errands:
                each.was_left = True

    def settle(self, at_most_s: float = 30.0) -> None:
        """Wait until nothing is under way."""
        with self._changed:
            self._changed.wait_for(lambda: not self._errands, at_most_s)

    def _is_prompt(self, errand: _Errand) -> bool:
        return errand.is_home or time.monotonic() - errand.began < PROMPT_S

    def _is_awaited(self, errand: _Errand) -> bool:
        if errand.is_home:  # it is being written down
            return True
        return self._is_prompt(errand) and errand.parcel.endpoint_id not in self._slow

    def _carry(self, app: Flask, courier: Courier, errand: _Errand, write_down: WriteDown) -> None:
        try:
            letter = errand.parcel.letter
            receipt = courier.carry(letter) if letter else Receipt(Trouble.cannot_sign, 0)
            self._bring_home(app, errand, receipt, write_down)
        except Exception:  # nothing is written down, so its claim ends and it goes out again
            log.exception("webhook_receipt_lost", delivery_id=errand.parcel.delivery_id)
        finally:
            with self._changed:
                self._errands.remove(errand)
                self.came_home += 1
                self._changed.notify_all()

    def _bring_home(self, app: Flask, errand: _Errand, receipt: Receipt, write_down: WriteDown) -> None:
        with self._changed:
            errand.is_home = True
            self._learn(errand, receipt)
            self._brought.append(BroughtHome(errand.parcel, receipt, errand.was_left))
        # One writes for all who came home while it waited for its turn: they would only queue at the database.
        with self._writing:
            with self._changed:
                brought, self._brought = self._brought, []
            if brought:
                with app.app_context():
                    write_down(brought)

    def _learn(self, errand: _Errand, receipt: Receipt) -> None:
        """Whoever answers promptly is sent twice as many at once, whoever does not one at a time."""
        key = errand.parcel.endpoint_id
        is_slow = receipt.took_ms >= PROMPT_S * 1000
        (self._slow.add if is_slow else self._slow.discard)(key)
        if is_slow or receipt.trouble.is_silence:
            self._pace.pop(key, None)
        else:
            self._pace[key] = min(2 * self._pace.get(key, 1), TO_ONE)
