"""Who calls: the key in the header, the account that the call is restricted to, the version that is spoken."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from datetime import date

from flask import request

from commons import clock
from marketplace.payments.api.errors import ApiError, forbidden, unauthorised
from marketplace.payments.api.keys import Caller, caller_of
from marketplace.payments.objects import API_VERSION

# Stripe's named releases began on this day; before it a version was a date alone.
NAMED_SINCE = date(2024, 9, 30)
NAMES = {"acacia", "basil", "clover", "dahlia", "endive"}
OLDEST = date(2011, 1, 1)

AccountIsKnown = Callable[[str, bool], bool]
_account_checks: list[AccountIsKnown] = []


def accounts_known_by(check: AccountIsKnown) -> AccountIsKnown:
    """Register who knows whether an account exists: ``check(account, livemode)``."""
    if check not in _account_checks:
        _account_checks.append(check)
    return check


def account_is_known(account: str, *, livemode: bool) -> bool:
    """Say whether *account* exists in its world."""
    return any(check(account, livemode) for check in _account_checks)


def who_calls() -> Caller:
    """
    Return who calls.

    Raises:
        ApiError: 401 without a good key, 403 for an account that is not the key's.
    """
    key = _key()
    caller = caller_of(key, clock.now())
    if caller is None:
        raise unauthorised(f"Invalid API Key provided: {masked(key)}")
    return _for_account(caller, key, request.headers.get("Stripe-Account", ""))


def _key() -> str:
    header = request.headers.get("Authorization", "")
    way, _, rest = header.partition(" ")
    if way.lower() == "bearer" and rest.strip():
        return rest.strip()
    if way.lower() == "basic":
        try:
            key = b64decode(rest.strip(), validate=True).decode("ascii").partition(":")[0]
        except (NotBase64, ValueError):
            key = ""
        if key:
            return key
    raise unauthorised(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer "
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
    )


def masked(key: str) -> str:
    """Return *key* so that its owner knows it and nobody else can use it."""
    head = re.match(r"(sk|pk)_(test|live)_", key)
    begin = head.group() if head else ""
    rest = key[len(begin) :]
    return begin + "*" * max(len(rest) - 4, 4) + (rest[-4:] if len(rest) > 12 else "")


def _for_account(caller: Caller, key: str, account: str) -> Caller:
    if not account or account == caller.account:
        return caller
    if caller.account or not account_is_known(account, livemode=caller.livemode):
        raise forbidden(
            f"The provided key '{masked(key)}' does not have access to account '{account}' (or that account does not "
            "exist). Application access may have been revoked.",
            code="account_invalid",
        )
    return Caller(caller.key_id, caller.livemode, account, caller.is_publishable)


def version_spoken() -> str:
    """
    Return the version to be echoed. Objects always have the present version's shape.

    It is judged by its look: on which days Stripe released something, we do not keep.

    Raises:
        ApiError: it does not look like a version up to the present one.
    """
    version = request.headers.get("Stripe-Version", "") or API_VERSION
    if version == API_VERSION or _looks_released(version):
        return version
    error = ApiError(f"Invalid Stripe API version: {version[:40]}")
    error.is_kept = False
    raise error


def _looks_released(version: str) -> bool:
    day, _, name = version.partition(".")
    try:
        released = date.fromisoformat(day)
    except ValueError:
        return False
    newest = date.fromisoformat(API_VERSION.partition(".")[0])
    named_well = name in NAMES if released >= NAMED_SINCE else not name
    return OLDEST <= released <= newest and len(day) == 10 and named_well
