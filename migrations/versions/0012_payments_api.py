"""What the programs' interface to payments keeps: keys, first answers, customers, payment methods."""

from __future__ import annotations

revision = "0012_payments_api"
down_revision = "0011_payments_ledger"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
