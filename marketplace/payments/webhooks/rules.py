"""The pure rules of webhooks: signatures, waits, and which event goes where."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from marketplace.payments.rules import ALPHABET

SECRET_LETTERS = 32
EVERYTHING = "*"

# How long an event is tried for, and the waits between tries; the last one repeats until then.
PATIENCE = timedelta(days=3)
WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200))

# An address that does not answer makes others wait; it rests for so long after each silence in a row.
RESTS = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 900))

# The claim on a delivery under way; a worker that died with it lets it go.
LEASE = timedelta(minutes=2)

# An old secret signs beside the new one for at most so long.
LONGEST_OVERLAP = timedelta(hours=24)

KEPT_FOR = timedelta(days=30)


class DeliveryState(StrEnum):
    """How a delivery stands."""

    waiting = "waiting"
    delivered = "delivered"
    given_up = "given_up"  # three days went by
    dropped = "dropped"  # the endpoint was disabled or deleted


class Trouble(StrEnum):
    """Why an attempt failed; the words for a person stand in ``words.py``."""

    none = ""
    refused_address = "refused_address"  # loopback, private or otherwise not for the public
    no_such_host = "no_such_host"
    no_connection = "no_connection"
    bad_certificate = "bad_certificate"
    too_slow = "too_slow"
    broken_answer = "broken_answer"
    redirected = "redirected"
    cannot_sign = "cannot_sign"  # our own secret cannot be opened
    not_accepted = "not_accepted"  # answered, and not with 2xx

    @property
    def is_silence(self) -> bool:
        """Nothing answered, so that every further attempt would cost its full patience."""
        return self in {Trouble.no_such_host, Trouble.no_connection, Trouble.too_slow}


def new_secret() -> str:
    """Return a fresh signing secret; it is used as it stands, not decoded."""
    return "whsec_" + "".join(secrets.choice(ALPHABET) for _ in range(SECRET_LETTERS))


def signature_header(body: bytes, signing: Sequence[str], at: datetime) -> str:
    """
    Return the ``Stripe-Signature`` header over the very bytes of *body*, one ``v1`` for each secret.

    >>> from datetime import UTC
    >>> signature_header(b"{}", ["whsec_a"], datetime(2026, 11, 22, tzinfo=UTC))[:20]
    't=1795305600,v1=b1a3'
    """
    moment = str(int(at.timestamp()))
    content = moment.encode() + b"." + body
    signed = [hmac.new(secret.encode(), content, hashlib.sha256).hexdigest() for secret in signing]
    return ",".join([f"t={moment}", *(f"v1={each}" for each in signed)])


def next_try(attempts: int, created_at: datetime, now: datetime) -> datetime | None:
    """
    Return when a delivery that failed *attempts* times is tried next; None when three days have gone by.

    The last try falls on the end of the third day, however long the wait would have been.
    """
    last = created_at + PATIENCE
    if now >= last:
        return None
    return min(now + WAITS[min(max(attempts, 1), len(WAITS)) - 1], last)


def rest_after(silences: int) -> timedelta:
    """Return how long an address is left alone after so many silences in a row."""
    return RESTS[min(max(silences, 1), len(RESTS)) - 1]


def wants(enabled_events: Collection[str], kind: str) -> bool:
    """Say whether an endpoint with *enabled_events* hears of events of this *kind*."""
    return EVERYTHING in enabled_events or kind in enabled_events


@cache
def known_event_types() -> frozenset[str]:
    """Return every name that Stripe's API takes in ``enabled_events``, so that a slip of the pen is refused."""
    lines = Path(__file__).with_name("event_types.txt").read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
