"""To be filled."""

from __future__ import annotations

revision = "0008_artisans"
down_revision = "0007_households"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
