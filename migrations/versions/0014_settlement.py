"""Sellers' accounts, payouts, daily bills and what was found in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import JSON, Code, UtcDateTime

revision = "0014_settlement"
down_revision = "0013_sessions_webhooks"

TABLES = (
    "payment_bill_line", "payment_bill", "payment_transfer_reversal", "payment_payout", "payment_bank_list",
    "payment_account_link", "payment_account",
)  # fmt: skip


def upgrade() -> None:
    _make_accounts()
    _make_payouts()
    _make_bills()
    op.add_column("payment_attempt", sa.Column("smid", Code(64), nullable=False, server_default=""))
    op.add_column("payment_transfer", sa.Column("account_id", Code(32), nullable=False, server_default=""))
    op.add_column("payment_transfer", sa.Column("said", JSON))
    op.create_index("ix_payment_transfer_created_at_id", "payment_transfer", ["created_at", "id"])
    op.create_index("ix_payment_transfer_seller", "payment_transfer", ["seller"])


def downgrade() -> None:
    op.drop_index("ix_payment_transfer_seller", "payment_transfer")
    op.drop_index("ix_payment_transfer_created_at_id", "payment_transfer")
    for name in ("said", "account_id"):
        op.drop_column("payment_transfer", name)
    op.drop_column("payment_attempt", "smid")
    for table in TABLES:
        op.drop_table(table)


def _make_accounts() -> None:
    op.create_table(
        "payment_account",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("seller", Code(60), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("area", Code(12), nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("settlement", Code(8), nullable=False),
        sa.Column("smid", Code(64), nullable=False),
        sa.Column("means", Code(8), nullable=False),
        sa.Column("payee_sealed", sa.LargeBinary),
        sa.Column("payee_hint", sa.String(40), nullable=False),
        sa.Column("certify_no", Code(32), nullable=False),
        sa.Column("certify_id", Code(64), nullable=False),
        sa.Column("verified_at", UtcDateTime),
        sa.Column("verified_by", Code(24), nullable=False),
        sa.Column("blocked_for", sa.String(120), nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("livemode", "seller"),
    )
    op.create_index("ix_payment_account_created_at_id", "payment_account", ["created_at", "id"])
    op.create_index("ix_payment_account_person_id", "payment_account", ["person_id"])
    op.create_table(
        "payment_account_link",
        sa.Column("key_hash", Code(64), primary_key=True),
        sa.Column("account_id", Code(32), sa.ForeignKey("payment_account.id"), nullable=False),
        sa.Column("return_url", sa.Text, nullable=False),
        sa.Column("refresh_url", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
    )


def _make_payouts() -> None:
    op.create_table(
        "payment_bank_list",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("payouts", sa.Integer, nullable=False),
        sa.Column("total_fen", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.Integer),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
    )
    op.create_table(
        "payment_payout",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("account_id", Code(32), sa.ForeignKey("payment_account.id"), nullable=False),
        sa.Column("seller", Code(60), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("means", Code(8), nullable=False),
        sa.Column("status", Code(12), nullable=False),
        sa.Column("payee_sealed", sa.LargeBinary),
        sa.Column("payee_hint", sa.String(40), nullable=False),
        sa.Column("reference", Code(120)),
        sa.Column("description", sa.String(120), nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("list_id", sa.Integer, sa.ForeignKey("payment_bank_list.id")),
        sa.Column("paid_from", Code(80), nullable=False),
        sa.Column("trace", Code(64), nullable=False),
        sa.Column("failure", sa.String(120), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("done_at", UtcDateTime),
        sa.UniqueConstraint("account_id", "reference"),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
    )
    op.create_index("ix_payment_payout_status_means", "payment_payout", ["status", "means"])
    op.create_index("ix_payment_payout_list_id", "payment_payout", ["list_id"])
    op.create_index("ix_payment_payout_created_at_id", "payment_payout", ["created_at", "id"])
    op.create_table(
        "payment_transfer_reversal",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("transfer_id", Code(32), sa.ForeignKey("payment_transfer.id"), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("gross_fen", sa.BigInteger, nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("amount_fen > 0 AND gross_fen >= amount_fen", name="amounts"),
    )
    op.create_index("ix_payment_transfer_reversal_transfer_id", "payment_transfer_reversal", ["transfer_id"])


def _make_bills() -> None:
    op.create_table(
        "payment_bill",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("app_id", Code(32), nullable=False),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("state", Code(10), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("last_words", sa.String(200), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("fee_fen", sa.BigInteger, nullable=False),
        sa.Column("moved_fen", sa.BigInteger, nullable=False),
        sa.Column("booked_fen", sa.BigInteger, nullable=False),
        sa.Column("closing_fen", sa.BigInteger),
        sa.Column("fetched_at", UtcDateTime),
        sa.Column("done_at", UtcDateTime),
        sa.UniqueConstraint("app_id", "livemode", "day"),
    )
    op.create_table(
        "payment_bill_line",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("bill_id", sa.Integer, sa.ForeignKey("payment_bill.id"), nullable=False),
        sa.Column("sheet", Code(8), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("out_trade_no", sa.String(64), nullable=False),
        sa.Column("kind_words", sa.String(40), nullable=False),
        sa.Column("out_request_no", sa.String(128), nullable=False),
        sa.Column("trade_no", sa.String(64), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("fee_fen", sa.BigInteger, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("verdict", Code(16), nullable=False),
        sa.Column("posting", sa.String(180), nullable=False),
        sa.UniqueConstraint("bill_id", "sheet", "position"),
    )
    op.create_index("ix_payment_bill_line_out_trade_no", "payment_bill_line", ["out_trade_no"])
    op.create_index("ix_payment_bill_line_posting", "payment_bill_line", ["posting"])
