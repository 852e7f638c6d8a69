"""Keys to the interface: made, shown once, kept as a keyed hash, rolled; and who calls by one."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy import or_, select

from commons import clock
from commons.db import db
from commons.direct_reader import DirectReader
from commons.errors import Missing, Refusal
from commons.marks import is_demonstration
from commons.security import keyed_hash
from marketplace.payments.api.models import ApiKey
from marketplace.payments.rules import new_id

LETTERS = string.ascii_letters + string.digits
SECRET_LETTERS = 48
PURPOSE = "api-key"

READER = "payments_api_keys"


def key_reader() -> DirectReader:
    """
    Return what asks of whom a key is, with every call: straight through the driver, and beside the session.

    So a stranger's call takes no lock, and a good one begins no transaction before its own.
    """
    columns = (ApiKey.id, ApiKey.livemode, ApiKey.account, ApiKey.kind, ApiKey.ends_at)
    return DirectReader(lambda: db.engine, lambda: select(*columns).where(ApiKey.hash == "?"))


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Who calls: in which world, for which account, by which kind of key.

    *account* is what the call is restricted to: the key's own account, or the one that ``Stripe-Account`` names;
    empty is the platform. Every query of the interface keeps to (*livemode*, *account*).
    """

    key_id: str
    livemode: bool
    account: str
    is_publishable: bool = False


class NoLiveKeys(Refusal):
    """A demonstration has no live keys."""

    code = "no_live_keys"

    def __init__(self) -> None:
        super().__init__("这是演示数据库，不发正式密钥")


def make_key(kind: str, *, livemode: bool, account: str = "", name: str = "") -> tuple[ApiKey, str]:
    """
    Make a key of *kind* ``sk`` or ``pk`` inside the caller's transaction; return its row and, this once, the key.

    Raises:
        NoLiveKeys: *livemode* in a demonstration.
    """
    if livemode and is_demonstration():
        raise NoLiveKeys()
    word = "".join(secrets.choice(LETTERS) for _ in range(SECRET_LETTERS))
    key = f"{kind}_{'live' if livemode else 'test'}_{word}"
    row = ApiKey(
        id=new_id("key"),
        hash=keyed_hash(PURPOSE, key),
        kind=kind,
        livemode=livemode,
        account=account,
        name=name[:80],
        hint=key[-4:],
        created_at=clock.now(),
        ends_at=None,
    )
    db.session.add(row)
    return row, key


def roll_key(key_id: str, hours: float = 0) -> tuple[ApiKey, str]:
    """
    Put a new key in the place of *key_id*, which works for *hours* more; return the new row and, this once, the key.

    A key that is ending already ends no later for it.

    Raises:
        Missing: there is no such key, or it has ended.
    """
    old = end_key(key_id, hours)
    return make_key(old.kind, livemode=old.livemode, account=old.account, name=old.name)


def end_key(key_id: str, hours: float = 0) -> ApiKey:
    """
    Let *key_id* work for *hours* more and then no longer; by itself at once, for a key that got into the wrong hands.

    Raises:
        Missing: there is no such key, or it has ended.
    """
    key = db.session.get(ApiKey, key_id)
    if key is None or (key.ends_at is not None and key.ends_at <= clock.now()):
        raise Missing()
    ends_at = clock.now() + timedelta(hours=hours)
    key.ends_at = ends_at if key.ends_at is None else min(key.ends_at, ends_at)
    return key


def keys() -> list[ApiKey]:
    """Return every key that works, oldest first."""
    works = or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > clock.now())
    return list(db.session.scalars(select(ApiKey).where(works).order_by(ApiKey.created_at, ApiKey.id)))


def caller_of(key: str, now: datetime) -> Caller | None:
    """Return who calls by *key*, None if no key that works is this one."""
    reader: DirectReader = current_app.extensions[READER]
    row = reader.row(keyed_hash(PURPOSE, key))
    if row is None:
        return None
    key_id, livemode, account, kind, ends_at = row
    if ends_at is not None and _moment(ends_at) <= now:
        return None
    return Caller(key_id, bool(livemode), account, is_publishable=kind == "pk")


def _moment(told: datetime | str) -> datetime:
    """Return a moment as the driver tells it: the embedded database keeps texts in UTC."""
    moment = datetime.fromisoformat(told) if isinstance(told, str) else told
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
