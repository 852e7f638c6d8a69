"""Checkout sessions, webhook endpoints and every attempt to deliver an event; what a gateway gave for an attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import JSON, Code, UtcDateTime

revision = "0013_sessions_webhooks"
down_revision = "0012_payments_api"


def upgrade() -> None:
    # The text of a QR code, or the gateway's number of a trade that it opened for us.
    op.add_column("payment_attempt", sa.Column("handle", sa.Text))
    _make_endpoints()
    _make_deliveries()
    _make_sessions()


def downgrade() -> None:
    for table in (
        "checkout_session", "webhook_attempt", "webhook_delivery", "webhook_secret", "webhook_endpoint",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_column("payment_attempt", "handle")


def _make_endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("account", Code(32), nullable=False),
        sa.Column("hears_accounts", sa.Boolean, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("enabled_events", JSON, nullable=False),
        sa.Column("api_version", Code(40)),
        sa.Column("description", sa.Text),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("is_enabled", sa.Boolean, nullable=False),
        sa.Column("silences", sa.Integer, nullable=False),
        sa.Column("rests_until", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("deleted_at", UtcDateTime),
    )
    op.create_index("ix_webhook_endpoint_created_at_id", "webhook_endpoint", ["created_at", "id"])
    op.create_table(
        "webhook_secret",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("endpoint_id", Code(32), sa.ForeignKey("webhook_endpoint.id"), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime),
    )
    op.create_index("ix_webhook_secret_endpoint_id", "webhook_secret", ["endpoint_id"])


def _make_deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("endpoint_id", Code(32), sa.ForeignKey("webhook_endpoint.id"), nullable=False),
        sa.Column("event_id", Code(32), sa.ForeignKey("payment_event.id"), nullable=False),
        sa.Column("state", Code(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("leased_until", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.UniqueConstraint("endpoint_id", "event_id"),
    )
    op.create_index("ix_webhook_delivery_event_id", "webhook_delivery", ["event_id"])
    op.create_index("ix_webhook_delivery_state_due_at", "webhook_delivery", ["state", "due_at"])
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("delivery_id", sa.Integer, sa.ForeignKey("webhook_delivery.id"), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("took_ms", sa.Integer, nullable=False),
        sa.Column("status_code", sa.Integer),
        sa.Column("trouble", Code(20), nullable=False),
        sa.Column("answer", sa.String(500), nullable=False),
    )
    op.create_index("ix_webhook_attempt_delivery_id", "webhook_attempt", ["delivery_id"])


def _make_sessions() -> None:
    op.create_table(
        "checkout_session",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("account", Code(32), nullable=False),
        sa.Column("status", Code(10), nullable=False),
        sa.Column("payment_status", Code(20), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("items", JSON, nullable=False),
        sa.Column("intent_id", Code(32), sa.ForeignKey("payment_intent.id"), unique=True),
        sa.Column("intent_details", JSON, nullable=False),
        sa.Column("success_url", sa.Text, nullable=False),
        sa.Column("cancel_url", sa.Text),
        sa.Column("client_reference_id", sa.Text),
        sa.Column("customer", Code(32)),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("locale", Code(10)),
        sa.Column("submit_type", Code(10)),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
    )
    op.create_index("ix_checkout_session_created_at_id", "checkout_session", ["created_at", "id"])
