"""Checkout sessions, webhook endpoints and every attempt to deliver an event."""

from __future__ import annotations

revision = "0013_sessions_webhooks"
down_revision = "0012_payments_api"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
