"""Who may do what in the village: (role, action, scope), one line each."""

from __future__ import annotations

from commons.accounts.permissions import grant

TABLE = (
    # divisions: opening a village to the system
    ("clerk", "enable-village", "village"),
    ("town", "enable-village", "town"),
    ("county", "enable-village", "county"),
    # grids: drawing them and naming their officers
    ("clerk", "draw-grids", "village"),
    ("town", "draw-grids", "town"),
    ("county", "draw-grids", "county"),
    # doors
    ("officer", "see-doors", "grid"),
    ("clerk", "see-doors", "village"),
    ("town", "see-doors", "town"),
    ("county", "see-doors", "county"),
    ("clerk", "import-doors", "village"),
    ("county", "import-doors", "county"),
    # plates: printing and revoking belong to the village's clerk, looking after them to whoever stands there
    ("officer", "tend-plates", "grid"),
    ("clerk", "tend-plates", "village"),
    ("county", "tend-plates", "county"),
    ("clerk", "print-plates", "village"),
    ("county", "print-plates", "county"),
    # households: the own one for whoever signed in, and at the desk the officer's grid and the clerk's village alone
    ("person", "see-own-household", "household"),
    ("officer", "keep-households", "grid"),
    ("clerk", "keep-households", "village"),
    # what anyone may see
    ("anyone", "scan", "all"),
    # notices
    ("officer", "post-notice", "village"),
    ("clerk", "post-notice", "village"),
    ("town", "post-notice", "town"),
    ("county", "post-notice", "county"),
    # an officer speaks to the whole village, and takes back what they said themselves; the clerk answers for all that is posted there
    ("officer", "withdraw-notice", "own"),
    ("clerk", "withdraw-notice", "village"),
    ("town", "withdraw-notice", "town"),
    ("county", "withdraw-notice", "county"),
    # matters: reported and followed by anyone, handled by place; those about cadres by the discipline office alone
    ("anyone", "report-matter", "all"),
    ("anyone", "follow-matter", "all"),
    ("officer", "handle-matters", "grid"),
    ("clerk", "handle-matters", "village"),
    ("town", "handle-matters", "town"),
    ("county", "handle-matters", "county"),
    ("discipline", "handle-discipline-matters", "town"),
    ("officer", "work-on-matters", "grid"),
    ("clerk", "work-on-matters", "village"),
    ("town", "work-on-matters", "town"),
    ("county", "work-on-matters", "county"),
    ("discipline", "work-on-matters", "town"),
)


def grant_all() -> None:
    """Write every line into the table of permissions."""
    for role, action, scope in TABLE:
        grant(role, action, scope)
