"""The ledger with its triggers, and payments: intents, attempts, charges, refunds, releases and their records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons import clock
from commons.columns import JSON, Code, UtcDateTime
from migrations.ledger_triggers import add_ledger_triggers, drop_ledger_triggers

revision = "0011_payments_ledger"
down_revision = "0010_orders"

BIG_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# The accounts that belong to nobody in particular exist from the start, in both worlds:
# (code, side, is_hot).
STANDING = (
    ("alipay_clearing", "debit", True),
    ("alipay_fee", "debit", True),
    ("cash:office", "debit", False),
    ("cash_difference", "debit", False),
    ("platform_fee", "credit", True),
    ("refund_in_flight", "credit", True),
    ("payout_in_flight", "credit", True),
    ("suspense", "credit", True),
)


def upgrade() -> None:
    _make_ledger()
    _make_payments()
    _make_money_moves()
    _make_records()


def downgrade() -> None:
    for table in (
        "payment_event", "payment_case", "payment_notification", "payment_gateway_op", "payment_terms",
        "payment_transfer", "payment_refund", "payment_charge", "payment_attempt", "payment_intent",
    ):  # fmt: skip
        op.drop_table(table)
    drop_ledger_triggers()
    for table in ("ledger_balance", "ledger_transfer", "ledger_account"):
        op.drop_table(table)


def _make_ledger() -> None:
    account = op.create_table(
        "ledger_account",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("code", Code(80), nullable=False),
        sa.Column("side", sa.String(6), nullable=False),
        sa.Column("is_hot", sa.Boolean, nullable=False),
        sa.Column("may_go_below", sa.Boolean, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("livemode", "code"),
    )
    op.create_table(
        "ledger_transfer",
        sa.Column("id", BIG_ID, primary_key=True),
        sa.Column("debit_account", BIG_ID, sa.ForeignKey("ledger_account.id"), nullable=False),
        sa.Column("credit_account", BIG_ID, sa.ForeignKey("ledger_account.id"), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("kind", Code(40), nullable=False),
        sa.Column("ref", Code(120), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("kind", "ref"),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.CheckConstraint("debit_account <> credit_account", name="two_accounts"),
    )
    op.create_index("ix_ledger_transfer_debit_account_id", "ledger_transfer", ["debit_account", "id"])
    op.create_index("ix_ledger_transfer_credit_account_id", "ledger_transfer", ["credit_account", "id"])
    op.create_table(
        "ledger_balance",
        sa.Column(
            "account_id", BIG_ID, sa.ForeignKey("ledger_account.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("through_id", sa.BigInteger, nullable=False),
        sa.Column("debits_fen", sa.BigInteger, nullable=False),
        sa.Column("credits_fen", sa.BigInteger, nullable=False),
    )
    add_ledger_triggers()
    now = clock.now()
    rows = [
        {"livemode": live, "code": code, "side": side, "is_hot": hot, "may_go_below": True, "opened_at": now}
        for live in (False, True)
        for code, side, hot in STANDING
    ]
    op.bulk_insert(account, rows)


def _make_payments() -> None:
    op.create_table(
        "payment_intent",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("account", Code(32), nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("currency", Code(3), nullable=False),
        sa.Column("status", Code(24), nullable=False),
        sa.Column("method", Code(10), nullable=False),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("reference", Code(120), nullable=False),
        sa.Column("metadata", JSON, nullable=False),
        sa.Column("area", Code(12), nullable=False),
        sa.Column("return_url", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("canceled_at", UtcDateTime),
        sa.Column("cancel_asked_at", UtcDateTime),
        sa.Column("cancel_reason", Code(40), nullable=False),
        sa.Column("last_error", Code(80), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.CheckConstraint("currency = 'cny'", name="only_cny"),
    )
    op.create_index("ix_payment_intent_reference", "payment_intent", ["reference"])
    op.create_index("ix_payment_intent_created_at_id", "payment_intent", ["created_at", "id"])
    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("intent_id", Code(32), sa.ForeignKey("payment_intent.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("out_trade_no", Code(64), nullable=False, unique=True),
        sa.Column("product", Code(10), nullable=False),
        sa.Column("app_id", Code(32), nullable=False),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("state", Code(10), nullable=False),
        sa.Column("time_expire", UtcDateTime, nullable=False),
        sa.Column("trade_no", Code(64), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("ask_at", UtcDateTime),
        sa.UniqueConstraint("intent_id", "number"),
    )
    op.create_index("ix_payment_attempt_state_ask_at", "payment_attempt", ["state", "ask_at"])
    op.create_table(
        "payment_terms",
        sa.Column("area", Code(12), primary_key=True),
        sa.Column("share_points", sa.Integer, nullable=False),
        sa.Column("offline_limit_fen", sa.BigInteger, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )


def _make_money_moves() -> None:
    op.create_table(
        "payment_charge",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("intent_id", Code(32), sa.ForeignKey("payment_intent.id"), nullable=False),
        sa.Column("attempt_id", sa.Integer, sa.ForeignKey("payment_attempt.id"), nullable=False, unique=True),
        sa.Column("settles", Code(32), sa.ForeignKey("payment_intent.id"), unique=True),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("refunded_fen", sa.BigInteger, nullable=False),
        sa.Column("method", Code(10), nullable=False),
        sa.Column("trade_no", Code(64), nullable=False),
        sa.Column("buyer_id", Code(128), nullable=False),
        sa.Column("keeper", Code(40), nullable=False),
        sa.Column("is_refundable", sa.Boolean, nullable=False),
        sa.Column("paid_at", UtcDateTime, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
        sa.CheckConstraint("refunded_fen >= 0 AND refunded_fen <= amount_fen", name="refunded_in_bounds"),
    )
    op.create_index("ix_payment_charge_intent_id", "payment_charge", ["intent_id"])
    op.create_table(
        "payment_refund",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("intent_id", Code(32), sa.ForeignKey("payment_intent.id"), nullable=False),
        sa.Column("charge_id", Code(32), sa.ForeignKey("payment_charge.id"), nullable=False),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("amount_fen", sa.BigInteger, nullable=False),
        sa.Column("status", Code(16), nullable=False),
        sa.Column("reason", sa.String(120), nullable=False),
        sa.Column("reference", Code(120)),
        sa.Column("sources", JSON, nullable=False),
        sa.Column("takes", JSON, nullable=False),
        sa.Column("failure", Code(80), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("done_at", UtcDateTime),
        sa.UniqueConstraint("charge_id", "reference"),
        sa.CheckConstraint("amount_fen > 0", name="amount_positive"),
    )
    op.create_index("ix_payment_refund_intent_id", "payment_refund", ["intent_id"])
    op.create_index("ix_payment_refund_status", "payment_refund", ["status"])
    op.create_table(
        "payment_transfer",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("intent_id", Code(32), sa.ForeignKey("payment_intent.id"), nullable=False),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("seller", Code(60), nullable=False),
        sa.Column("reference", Code(120), nullable=False),
        sa.Column("gross_fen", sa.BigInteger, nullable=False),
        sa.Column("net_fen", sa.BigInteger, nullable=False),
        sa.Column("taken_back_fen", sa.BigInteger, nullable=False),
        sa.Column("seller_back_fen", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("intent_id", "reference"),
        sa.CheckConstraint("gross_fen > 0 AND net_fen >= 0 AND net_fen <= gross_fen", name="net_in_gross"),
        sa.CheckConstraint("taken_back_fen >= 0 AND taken_back_fen <= gross_fen", name="taken_in_gross"),
    )


def _make_records() -> None:
    op.create_table(
        "payment_gateway_op",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", Code(16), nullable=False),
        sa.Column("out_no", Code(64), nullable=False),
        sa.Column("out_trade_no", Code(64), nullable=False),
        sa.Column("app_id", Code(32), nullable=False),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("state", Code(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_words", sa.String(200), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("ended_at", UtcDateTime),
        sa.UniqueConstraint("kind", "out_no"),
    )
    op.create_index("ix_payment_gateway_op_state", "payment_gateway_op", ["state"])
    op.create_table(
        "payment_notification",
        sa.Column("notify_id", Code(128), primary_key=True),
        sa.Column("out_trade_no", Code(64), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("first_at", UtcDateTime, nullable=False),
        sa.Column("applied_at", UtcDateTime),
    )
    op.create_index("ix_payment_notification_out_trade_no", "payment_notification", ["out_trade_no"])
    op.create_table(
        "payment_case",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", Code(24), nullable=False),
        sa.Column("unique_key", Code(160), nullable=False, unique=True),
        sa.Column("intent_id", Code(32), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("closed_by", sa.Integer),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("ix_payment_case_is_open_id", "payment_case", ["is_open", "id"])
    op.create_table(
        "payment_event",
        sa.Column("id", Code(32), primary_key=True),
        sa.Column("type", Code(60), nullable=False),
        sa.Column("livemode", sa.Boolean, nullable=False),
        sa.Column("account", Code(32), nullable=False),
        sa.Column("object_id", Code(32), nullable=False),
        sa.Column("data", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_payment_event_object_id", "payment_event", ["object_id"])
    op.create_index("ix_payment_event_created_at_id", "payment_event", ["created_at", "id"])
