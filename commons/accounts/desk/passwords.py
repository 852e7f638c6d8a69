"""Hashing passwords and PINs with argon2; checking takes the same time whether or not there is anything to check."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from commons.settings import current


@cache
def _hasher(testing: bool) -> PasswordHasher:
    # 19 MiB and two rounds: the lighter of the settings that OWASP's password storage cheat sheet names, since small machines serve
    # whole counties. Tests take the cheapest that the library allows.
    if testing:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys(testing: bool) -> str:
    return _hasher(testing).hash("nobody has this password")


def hashed(secret: str) -> str:
    """Return the hash of a password or PIN."""
    return _hasher(current().testing).hash(secret)


def is_right(secret: str, kept: str | None) -> bool:
    """Say whether *secret* is what *kept* was made from; without *kept*, take as long and say no."""
    testing = current().testing
    try:
        return _hasher(testing).verify(kept or _nobodys(testing), secret) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Say whether *kept* was made with weaker settings than today's."""
    return _hasher(current().testing).check_needs_rehash(kept)
