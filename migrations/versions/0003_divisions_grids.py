"""To be filled."""

from __future__ import annotations

revision = "0003_divisions_grids"
down_revision = "0002_accounts"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
