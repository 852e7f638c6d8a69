"""To be filled."""

from __future__ import annotations

revision = "0010_orders"
down_revision = "0009_produce"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
