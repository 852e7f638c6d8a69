"""To be filled."""

from __future__ import annotations

revision = "0007_households"
down_revision = "0006_matters"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
