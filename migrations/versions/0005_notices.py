"""To be filled."""

from __future__ import annotations

revision = "0005_notices"
down_revision = "0004_doors_plates"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
