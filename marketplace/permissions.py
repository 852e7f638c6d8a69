"""Who may do what in the market: one table of (role, action, scope)."""

from __future__ import annotations

from commons.accounts import permissions

GRANTS = (
    # payments
    ("anyone", "pay", "all"),
    ("operator", "see-payments", "all"),
    ("operator", "handle-payments", "all"),
    # sellers and their stalls
    ("person", "sell", "own"),
    ("clerk", "verify-sellers", "village"),
    ("town", "verify-sellers", "town"),
    # artisans
    ("person", "withdraw-own-entry", "own"),
    ("officer", "keep-artisans", "village"),
    ("clerk", "keep-artisans", "village"),
    ("clerk", "verify-artisans", "village"),
    ("town", "verify-artisans", "town"),
)


def grant_all() -> None:
    """Write the table into the permissions of the process; repeating it changes nothing."""
    for role, action, scope in GRANTS:
        permissions.grant(role, action, scope)
