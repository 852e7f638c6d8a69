"""To be filled."""

from __future__ import annotations

revision = "0011_payments_ledger"
down_revision = "0010_orders"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
