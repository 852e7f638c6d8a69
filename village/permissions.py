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
    # what anyone may see
    ("anyone", "scan", "all"),
    # notices
    ("officer", "post-notice", "village"),
    ("clerk", "post-notice", "village"),
    ("town", "post-notice", "town"),
    ("county", "post-notice", "county"),
)


def grant_all() -> None:
    """Write every line into the table of permissions."""
    for role, action, scope in TABLE:
        grant(role, action, scope)
