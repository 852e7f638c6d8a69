"""Orders, their lines, what they hold of the stock, refunds; pickup points and delivery."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import Code, UtcDateTime

revision = "0010_orders"
down_revision = "0009_produce"


def upgrade() -> None:
    _add_places()
    _add_orders()
    _add_lines()
    _add_refunds()


def _add_places() -> None:
    op.create_table(
        "pickup_point",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("village_code", Code(12), nullable=False),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("address", sa.String(80), nullable=False),
        sa.Column("cutoff_day", sa.Integer, nullable=False),
        sa.Column("cutoff_minute", sa.Integer, nullable=False),
        sa.Column("pickup_day", sa.Integer, nullable=False),
        sa.Column("from_minute", sa.Integer, nullable=False),
        sa.Column("until_minute", sa.Integer, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("form_key", Code(40), nullable=False, unique=True),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("from_minute < until_minute", name="ck_pickup_point_window"),
    )
    op.create_index("ix_pickup_point_village_code", "pickup_point", ["village_code"])
    op.create_table(
        "delivery_terms",
        sa.Column("village_code", Code(12), primary_key=True),
        sa.Column("fee_fen", sa.Integer, nullable=False),
        sa.Column("free_from_fen", sa.Integer),
        sa.Column("is_offered", sa.Boolean, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("fee_fen >= 0", name="ck_delivery_terms_fee_fen"),
    )


def _add_orders() -> None:
    op.create_table(
        "shop_order",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", Code(16), nullable=False, unique=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("village_code", Code(12), nullable=False),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("state", Code(20), nullable=False),
        sa.Column("method", Code(10), nullable=False),
        sa.Column("way", Code(10), nullable=False),
        sa.Column("goods_fen", sa.Integer, nullable=False),
        sa.Column("delivery_fen", sa.Integer, nullable=False),
        sa.Column("total_fen", sa.Integer, nullable=False),
        sa.Column("place_key", Code(20), nullable=False),
        sa.Column("place_words", sa.String(120), nullable=False),
        sa.Column("ready_from", UtcDateTime),
        sa.Column("ready_until", UtcDateTime),
        sa.Column("address_sealed", sa.LargeBinary),
        sa.Column("parcel", sa.String(60), nullable=False),
        sa.Column("pickup_code", Code(6), nullable=False),
        sa.Column("payment_id", Code(40), nullable=False),
        sa.Column("form_key", Code(40), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("hold_until", UtcDateTime, nullable=False),
        sa.Column("paid_at", UtcDateTime),
        sa.Column("packed_at", UtcDateTime),
        sa.Column("shipped_at", UtcDateTime),
        sa.Column("received_at", UtcDateTime),
        sa.Column("settled_at", UtcDateTime),
        sa.Column("cancelled_at", UtcDateTime),
        sa.Column("cancel_reason", Code(20), nullable=False),
        sa.UniqueConstraint("person_id", "form_key", name="uq_shop_order_person_id_form_key"),
        sa.CheckConstraint("total_fen = goods_fen + delivery_fen", name="ck_shop_order_adds_up"),
        sa.CheckConstraint("total_fen > 0", name="ck_shop_order_total_fen"),
    )
    op.create_index("ix_shop_order_person_id", "shop_order", ["person_id", "state"])
    op.create_index("ix_shop_order_village_code", "shop_order", ["village_code", "state"])
    op.create_index("ix_shop_order_state", "shop_order", ["state", "hold_until"])
    op.create_index("ix_shop_order_payment_id", "shop_order", ["payment_id"])


def _add_lines() -> None:
    op.create_table(
        "order_line",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("order_id", sa.Integer, sa.ForeignKey("shop_order.id"), nullable=False),
        sa.Column("lot_id", sa.Integer, sa.ForeignKey("lot.id"), nullable=False),
        sa.Column("seller_id", sa.Integer, sa.ForeignKey("seller.id"), nullable=False),
        sa.Column("seller_words", sa.String(160), nullable=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("unit", sa.String(12), nullable=False),
        sa.Column("harvest_on", sa.Date, nullable=False),
        sa.Column("origin_code", Code(12), nullable=False),
        sa.Column("price_fen", sa.Integer, nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("amount_fen", sa.Integer, nullable=False),
        sa.Column("refunded_fen", sa.Integer, nullable=False),
        sa.Column("packed_at", UtcDateTime),
        sa.UniqueConstraint("order_id", "lot_id", name="uq_order_line_order_id_lot_id"),
        sa.CheckConstraint("quantity > 0", name="ck_order_line_quantity"),
        sa.CheckConstraint("amount_fen = price_fen * quantity", name="ck_order_line_amount_fen"),
        sa.CheckConstraint(
            "refunded_fen >= 0 AND refunded_fen <= amount_fen", name="ck_order_line_refunded_fen"
        ),
    )
    op.create_index("ix_order_line_seller_id", "order_line", ["seller_id", "packed_at"])
    op.create_table(
        "stock_hold",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("order_id", sa.Integer, sa.ForeignKey("shop_order.id"), nullable=False),
        sa.Column("lot_id", sa.Integer, sa.ForeignKey("lot.id"), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("state", Code(10), nullable=False),
        sa.UniqueConstraint("order_id", "lot_id", name="uq_stock_hold_order_id_lot_id"),
        sa.CheckConstraint("quantity > 0", name="ck_stock_hold_quantity"),
    )
    op.create_index("ix_stock_hold_lot_id", "stock_hold", ["lot_id", "state"])


def _add_refunds() -> None:
    op.create_table(
        "order_refund",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("order_id", sa.Integer, sa.ForeignKey("shop_order.id"), nullable=False),
        sa.Column("line_id", sa.Integer, sa.ForeignKey("order_line.id")),
        sa.Column("amount_fen", sa.Integer, nullable=False),
        sa.Column("reason", Code(20), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", Code(10), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("payment_refund_id", Code(40), unique=True),
        sa.Column("asked_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("decided_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("done_at", UtcDateTime),
        sa.CheckConstraint("amount_fen > 0", name="ck_order_refund_amount_fen"),
    )
    op.create_index("ix_order_refund_order_id", "order_refund", ["order_id", "state"])


def downgrade() -> None:
    for table in ("order_refund", "stock_hold", "order_line", "shop_order", "delivery_terms", "pickup_point"):
        op.drop_table(table)
