"""What the programs' interface to payments keeps: keys, first answers, customers, payment methods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import JSON, Code, UtcDateTime

revision = "0012_payments_api"
down_revision = "0011_payments_ledger"

ID = Code(32)


def upgrade() -> None:
    _make_keys()
    _make_people()
    _widen_payments()


def downgrade() -> None:
    op.drop_index("ix_payment_refund_created_at_id", "payment_refund")
    op.drop_index("ix_payment_charge_created_at_id", "payment_charge")
    op.drop_index("ix_payment_event_account", "payment_event")
    for column in ("account", "customer"):
        op.drop_index(f"ix_payment_intent_{column}", "payment_intent")
    for name in ("idempotency_key", "request_id"):
        op.drop_column("payment_event", name)
    op.drop_column("payment_refund", "metadata")
    for name in ("sealed", "said", "payment_method", "customer"):
        op.drop_column("payment_intent", name)
    for table in ("api_payment_method", "api_customer", "api_first_answer", "api_key"):
        op.drop_table(table)


def _make_keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", ID, primary_key=True),
        sa.Column("hash", Code(64), nullable=False, unique=True),
        sa.Column("kind", Code(2), nullable=False),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("hint", Code(4), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime),
    )
    op.create_table(
        "api_first_answer",
        sa.Column("id", Code(64), primary_key=True),
        sa.Column("fingerprint", Code(64), nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("body", sa.LargeBinary),
        sa.Column("locked_until", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_api_first_answer_created_at", "api_first_answer", ["created_at"])


def _make_people() -> None:
    op.create_table(
        "api_customer",
        sa.Column("id", ID, primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("email_hash", Code(64), nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("deleted_at", UtcDateTime),
    )
    op.create_index("ix_api_customer_created_at_id", "api_customer", ["created_at", "id"])
    op.create_index("ix_api_customer_email_hash", "api_customer", ["email_hash"])
    op.create_table(
        "api_payment_method",
        sa.Column("id", ID, primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("account", ID, nullable=False),
        sa.Column("kind", Code(10), nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_api_payment_method_created_at_id", "api_payment_method", ["created_at", "id"])


def _widen_payments() -> None:
    for name in ("customer", "payment_method"):
        op.add_column("payment_intent", sa.Column(name, ID, nullable=False, server_default=""))
    op.add_column("payment_intent", sa.Column("said", JSON, nullable=False, server_default="{}"))
    op.add_column("payment_intent", sa.Column("sealed", sa.LargeBinary))
    op.add_column("payment_refund", sa.Column("metadata", JSON, nullable=False, server_default="{}"))
    for name, length in (("request_id", 32), ("idempotency_key", 255)):
        op.add_column("payment_event", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    # Few payments have a customer or an account of their own, so these indexes hold only those; the others pay nothing.
    for table, column in (
        ("payment_intent", "customer"),
        ("payment_intent", "account"),
        ("payment_event", "account"),
    ):
        only = sa.text(f"{column} <> ''")
        columns = [column, "created_at", "id"]
        op.create_index(f"ix_{table}_{column}", table, columns, postgresql_where=only, sqlite_where=only)
    op.create_index("ix_payment_charge_created_at_id", "payment_charge", ["created_at", "id"])
    op.create_index("ix_payment_refund_created_at_id", "payment_refund", ["created_at", "id"])
