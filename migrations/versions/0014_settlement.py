"""Sellers' accounts, payouts, daily bills and what was found in them."""

from __future__ import annotations

revision = "0014_settlement"
down_revision = "0013_sessions_webhooks"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
