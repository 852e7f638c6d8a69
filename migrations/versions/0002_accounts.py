"""To be filled."""

from __future__ import annotations

revision = "0002_accounts"
down_revision = "0001_ground"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
