"""Who may do what on the ground itself: one table of (role, action, scope)."""

from __future__ import annotations

from flask import Flask

from commons.accounts.permissions import cover, grant
from commons.accounts.rules import ROLES

GRANTS = (
    ("anyone", "see-health", "all"),
    ("anyone", "see-static-files", "all"),
    ("anyone", "see-public-pages", "all"),
    ("anyone", "sign-in", "all"),
    ("anyone", "see-files", "all"),
    ("anyone", "see-demonstration-messages", "all"),
    ("person", "keep-own-account", "own"),
    # Nobody must agree to anything to take the own data along and be erased.
    ("account", "leave", "own"),
    # Read out to somebody who stands before the desk; the phone is told, the audit keeps it.
    ("officer", "read-out-code", "grid"),
    ("clerk", "read-out-code", "village"),
    ("town", "read-out-code", "town"),
    # Appointing: each level names those beneath it.
    ("clerk", "see-officials", "village"),
    ("town", "see-officials", "town"),
    ("county", "see-officials", "county"),
    ("operator", "see-officials", "all"),
    ("town", "appoint-officials", "town"),
    ("county", "appoint-officials", "county"),
    ("operator", "appoint-officials", "all"),
    # Work belongs to no village: what was given up is for whoever keeps the system.
    ("operator", "tend-jobs", "all"),
)


def grant_all(app: Flask) -> None:
    """Write the table, and name the actions of endpoints that carry no mark; repeating it changes nothing."""
    for role, action, scope in GRANTS:
        grant(role, action, scope)
    for role in ROLES:
        grant(role, "keep-own-desk", "own")
    for endpoint in ("static", "assets.style", "assets.script"):
        cover(app, endpoint, "see-static-files")
