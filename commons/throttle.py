"""
How often the same thing may be tried: in Redis where there is one, else in a table of the database.

Written only for what may be abused (wrong codes, sign-in, messages), never for a good scan: on the embedded database every write
takes the one lock. Keys are stored hashed. An address is a loose key at most, since a whole village sits behind one carrier's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import request
from limits import RateLimitItem, parse_many
from sqlalchemy import Integer, bindparam, delete, text
from sqlalchemy.orm import Mapped, mapped_column

from commons import clock
from commons.columns import Code, UtcDateTime
from commons.db import Base, NestedTransaction, db, in_transaction, transaction
from commons.errors import TooMany
from commons.outbox import job
from commons.security import keyed_hash
from commons.settings import current

if TYPE_CHECKING:
    import redis


class ThrottleCount(Base):
    """How often one key was hit in the window that ends at ``ends_at``."""

    __tablename__ = "throttle_count"

    key: Mapped[str] = mapped_column(Code(64), primary_key=True)
    hits: Mapped[int] = mapped_column(Integer)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


@dataclass(frozen=True, slots=True)
class Count:
    """The hits in the present window, this one included, and how long the window still lasts."""

    hits: int
    seconds_left: int


# Both databases speak this; the window begins with its first hit, so "1/minute" means sixty seconds from then.
_HIT = text(
    "INSERT INTO throttle_count (key, hits, ends_at) VALUES (:key, :cost, :ends_at) "
    "ON CONFLICT (key) DO UPDATE SET "
    "hits = CASE WHEN throttle_count.ends_at <= :now THEN :cost ELSE throttle_count.hits + :cost END, "
    "ends_at = CASE WHEN throttle_count.ends_at <= :now THEN :ends_at ELSE throttle_count.ends_at END "
    "RETURNING hits, ends_at"
).bindparams(
    bindparam("now", type_=UtcDateTime()),
    bindparam("ends_at", type_=UtcDateTime()),
    bindparam("cost", type_=Integer),
)
_HIT_ROW = _HIT.columns(hits=Integer, ends_at=UtcDateTime())


def hit(name: str, key: str, limits: str = "5/10minute", sentence: str = "", *, cost: int = 1) -> None:
    """
    Count one try of *name* by *key*, and refuse if it is one too many.

    *limits* is one limit or several, ``"1/minute;10/day"``, the shortest first: a try that the first refuses does not count for the
    second. *key* is a phone, an account or a code, and is stored hashed. *cost* counts several tries at once.

    Raises:
        TooMany: with ``retry_after`` in seconds.
        NestedTransaction: called inside ``transaction()``: a refusal would undo the count with everything else.
    """
    if in_transaction():
        raise NestedTransaction("a throttle is asked before transaction() begins")
    for limit in parse_many(limits):
        count = _count(_key(name, key, limit), limit.get_expiry(), cost)
        if count.hits > limit.amount:
            raise (
                TooMany(sentence, retry_after=count.seconds_left)
                if sentence
                else TooMany(retry_after=count.seconds_left)
            )


def clear(name: str, key: str, limits: str = "5/10minute") -> None:
    """Forget the tries of *name* by *key* under *limits*: the right password was given."""
    keys = [_key(name, key, limit) for limit in parse_many(limits)]
    if current().redis_url:
        _redis(current().redis_url).delete(*(f"throttle:{each}" for each in keys))
        return
    with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection, connection.begin():
        connection.execute(delete(ThrottleCount).where(ThrottleCount.key.in_(keys)))


def client_address() -> str:
    """
    Return the address the request came from, as far as it can be known.

    Behind ``TRUSTED_PROXIES`` proxies the last that many entries of X-Forwarded-For were written by them and the first of these is
    the client; whatever stands before may be invented. Without proxies the header is not looked at.
    """
    remote = request.remote_addr or ""
    proxies = current().trusted_proxies
    if proxies == 0:
        return remote
    forwarded = [part.strip() for part in ",".join(request.headers.getlist("X-Forwarded-For")).split(",")]
    return forwarded[-proxies] if len(forwarded) >= proxies and forwarded[-proxies] else remote


def _key(name: str, key: str, limit: RateLimitItem) -> str:
    return keyed_hash("throttle", f"{name}|{limit}|{key}")


def _count(key: str, seconds: int, cost: int) -> Count:
    if current().redis_url:
        return _count_in_redis(key, seconds, cost)
    now = clock.now()
    values = {"key": key, "now": now, "ends_at": now + timedelta(seconds=seconds), "cost": cost}
    # A connection of its own: the count must stay whatever becomes of the caller's work.
    with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection, connection.begin():
        hits, ends_at = connection.execute(_HIT_ROW, values).one()
    return Count(hits, int((ends_at - now).total_seconds()) + 1)


@lru_cache(maxsize=4)
def _redis(url: str) -> redis.Redis:
    import redis  # 14 MB that most deployments never use

    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def _count_in_redis(key: str, seconds: int, cost: int) -> Count:
    pipe = _redis(current().redis_url).pipeline(transaction=True)
    name = f"throttle:{key}"
    pipe.set(name, 0, ex=seconds, nx=True)
    pipe.incr(name, cost)
    pipe.ttl(name)
    _, hits, left = pipe.execute()
    return Count(int(hits), max(1, int(left)))


@job("throttle.sweep", every=timedelta(hours=1))
def sweep() -> None:
    """Remove windows that have ended. Safe to repeat: an ended window counts for nothing."""
    with transaction() as writing:
        writing.execute(delete(ThrottleCount).where(ThrottleCount.ends_at < clock.now()))
