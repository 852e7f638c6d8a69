"""To be filled."""

from __future__ import annotations

revision = "0009_produce"
down_revision = "0008_artisans"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
