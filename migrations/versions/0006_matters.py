"""To be filled."""

from __future__ import annotations

revision = "0006_matters"
down_revision = "0005_notices"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
