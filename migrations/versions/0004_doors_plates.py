"""To be filled."""

from __future__ import annotations

revision = "0004_doors_plates"
down_revision = "0003_divisions_grids"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
