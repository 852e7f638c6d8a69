"""Who may do what in the market: one table of (role, action, scope)."""

from __future__ import annotations

from commons.accounts import permissions

GRANTS = (
    # payments
    ("anyone", "pay", "all"),
    ("anyone", "call-payments-api", "all"),  # the key in the header says who calls
    ("operator", "see-payments", "all"),
    ("operator", "handle-payments", "all"),
    # sellers and their stalls
    ("person", "sell", "own"),
    ("clerk", "verify-sellers", "village"),
    ("town", "verify-sellers", "town"),
    # orders: whose page it is, the query says
    ("anyone", "see-order-page", "all"),
    ("person", "order", "own"),
    # the counter: handing over, taking money by hand, sending
    ("keeper", "see-orders", "village"),
    ("clerk", "see-orders", "village"),
    ("town", "see-orders", "town"),
    ("keeper", "hand-over", "village"),
    ("clerk", "hand-over", "village"),
    ("clerk", "decide-refunds", "village"),
    ("town", "decide-refunds", "town"),
    ("clerk", "keep-pickup-points", "village"),
    ("town", "keep-pickup-points", "town"),
    # artisans
    ("person", "withdraw-own-entry", "own"),
    ("officer", "keep-artisans", "village"),
    ("clerk", "keep-artisans", "village"),
    # whom an officer entered may tell that officer; the clerk hears everybody, and the person's own telephone needs neither
    ("officer", "withdraw-artisans", "own"),
    ("clerk", "withdraw-artisans", "village"),
    ("clerk", "verify-artisans", "village"),
    ("town", "verify-artisans", "town"),
)


def grant_all() -> None:
    """Write the table into the permissions of the process; repeating it changes nothing."""
    for role, action, scope in GRANTS:
        permissions.grant(role, action, scope)
