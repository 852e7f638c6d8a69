"""A program may say what a payee reads of a payout and why a release is taken back; waiting letters are found by their address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_words_of_payouts"
down_revision = "0019_share_decided"


def upgrade() -> None:
    op.add_column("payment_payout", sa.Column("statement_descriptor", sa.String(22)))
    op.add_column("payment_transfer_reversal", sa.Column("description", sa.String(500)))
    op.create_index(
        "ix_webhook_delivery_endpoint_id_due_at",
        "webhook_delivery",
        ["endpoint_id", "due_at"],
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_webhook_delivery_endpoint_id_due_at", "webhook_delivery")
    op.drop_column("payment_transfer_reversal", "description")
    op.drop_column("payment_payout", "statement_descriptor")
