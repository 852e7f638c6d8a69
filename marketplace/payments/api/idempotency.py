"""
The same POST twice is done once: the first answer is kept for a day and given again.

Where a call is one transaction, its answer is kept in that transaction: both are there or neither. Where it speaks
with a gateway, a row that says "under way" is committed first; if whoever wrote it dies, its lease ends and the next
repetition does the work, which is safe to repeat.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select

from commons import clock
from commons.db import db, locked, transaction
from commons.outbox import job
from commons.prepared import Prepared
from commons.security import open_text, seal_text
from marketplace.payments.api.errors import bad_parameter, in_flight, other_parameters
from marketplace.payments.api.keys import Caller
from marketplace.payments.api.models import FirstAnswer

KEPT = timedelta(hours=25)
LEASE = timedelta(seconds=60)
LONGEST_KEY = 255
HANDFUL = 1000

# Only a courtesy: within one process a repetition is told at once that the first is under way, instead of waiting for
# it. That the work is done once depends on the row alone.
_here: set[str] = set()
_here_lock = threading.Lock()

_TABLE = FirstAnswer.metadata.tables[FirstAnswer.__tablename__]
# On the way of every POST.
_OF_ID = Prepared(
    select(_TABLE.c.fingerprint, _TABLE.c.status, _TABLE.c.body, _TABLE.c.request_id, _TABLE.c.locked_until)
    .where(_TABLE.c.id == bindparam("id"))
)  # fmt: skip
_KEEP = Prepared(
    insert(_TABLE), ("id", "fingerprint", "request_id", "status", "body", "locked_until", "created_at")
)


class _Found(NamedTuple):
    """What is kept under a key, as far as a repetition has to know it."""

    fingerprint: str
    status: int | None
    body: bytes | None
    request_id: str
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given the first time."""

    status: int
    body: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Once:
    """One idempotency key of one caller, and the request that it stands for."""

    id: str
    key: str
    fingerprint: str
    request_id: str

    def first_answer(self) -> Kept | None:
        """
        Return the kept answer, None if there is none.

        Raises:
            ApiError: the key stands for another request, or the first is under way.
        """
        found = _OF_ID.run(db.session(), {"id": self.id})
        return self._read(_Found(*found[0]) if found else None)

    def _read(self, row: _Found | FirstAnswer | None) -> Kept | None:
        if row is None:
            return None
        if row.fingerprint != self.fingerprint:
            raise other_parameters(self.key)
        if row.status is not None:
            return Kept(row.status, open_text(row.body or b""), row.request_id)
        if row.locked_until is not None and row.locked_until > clock.now():
            raise in_flight()
        return None

    def keep(self, status: int, body: str) -> None:
        """
        Keep the answer, inside the transaction that made it true, which has looked for an earlier one before.

        Two processes may both have found none; then the second insert fails, and with it all that was done twice.
        """
        _KEEP.run(db.session(), self._values() | {"status": status, "body": seal_text(body)})

    def finish(self, status: int, body: str) -> None:
        """Keep the answer of work that :meth:`begin` wrote down."""
        row = locked(FirstAnswer, self.id)
        if row is not None and row.status is None:
            row.status, row.body, row.locked_until = status, seal_text(body), None

    def begin(self) -> Kept | bool:
        """
        Write down, in a transaction of its own, that the work is under way.

        Return the answer if there is one, else whether somebody had begun and died over it.
        """
        with transaction():
            row = locked(FirstAnswer, self.id)
            known = self._read(row)
            if known is not None:
                return known
            if row is None:
                row = FirstAnswer(**self._values())
                db.session.add(row)
            was_begun = row.locked_until is not None
            row.locked_until = clock.now() + LEASE
        return was_begun

    def give_up(self) -> None:
        """Forget that the work is under way: nothing began that could be repeated wrongly."""
        with transaction():
            row = locked(FirstAnswer, self.id)
            if row is not None and row.status is None:
                db.session.delete(row)

    def _values(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "fingerprint": self.fingerprint,
            "request_id": self.request_id,
            "status": None,
            "body": None,
            "locked_until": None,
            "created_at": clock.now(),
        }


def once(caller: Caller, key: str, fingerprint: str, request_id: str) -> Once:
    """
    Return the idempotency key *key* of *caller*.

    Raises:
        ApiError: the key is too long.
    """
    if len(key) > LONGEST_KEY:
        raise bad_parameter("Idempotency-Key", f"Idempotency keys may have at most {LONGEST_KEY} characters.")
    words = f"{caller.account}\n{caller.livemode}\n{key}"
    return Once(hashlib.sha256(words.encode()).hexdigest(), key, fingerprint, request_id)


@contextmanager
def alone(once: Once) -> Iterator[None]:
    """Refuse a repetition that arrives in this process while the first is under way."""
    with _here_lock:
        if once.id in _here:
            raise in_flight()
        _here.add(once.id)
    try:
        yield
    finally:
        with _here_lock:
            _here.discard(once.id)


@job("api.forget-answers", every=timedelta(hours=1))
def forget_old_answers() -> None:
    """Safe to repeat: it removes answers that are older than a day, which nobody may rely on."""
    before = clock.now() - KEPT
    old = select(_TABLE.c.id).where(_TABLE.c.created_at < before).limit(HANDFUL)
    removed = HANDFUL
    while removed == HANDFUL:  # in handfuls, so that nobody waits long for the one write lock
        with transaction():
            removed = db.session.connection().execute(delete(_TABLE).where(_TABLE.c.id.in_(old))).rowcount
