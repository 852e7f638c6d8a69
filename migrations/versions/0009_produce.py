"""Sellers, products and lots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import Code, UtcDateTime

revision = "0009_produce"
down_revision = "0008_artisans"


def upgrade() -> None:
    op.create_table(
        "seller",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("village_code", Code(12), nullable=False),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("public_name", sa.String(30), nullable=False),
        sa.Column("group_words", sa.String(20), nullable=False),
        sa.Column("licence_no", sa.String(18), nullable=False),
        sa.Column("supplier_group", sa.String(60), nullable=False),
        sa.Column("entered_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("verified_at", UtcDateTime),
        sa.Column("verified_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("form_key", Code(40), nullable=False, unique=True),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_seller_village_code", "seller", ["village_code"])
    op.create_index("ix_seller_person_id", "seller", ["person_id"])
    op.create_table(
        "product",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seller_id", sa.Integer, sa.ForeignKey("seller.id"), nullable=False),
        sa.Column("village_code", Code(12), nullable=False),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("category", sa.String(12), nullable=False),
        sa.Column("note", sa.String(60), nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("certificate", sa.String(80), nullable=False),
        sa.Column("origin_code", Code(12), nullable=False),
        sa.Column("has_origin_consent", sa.Boolean, nullable=False),
        sa.Column("picture_id", sa.Integer, sa.ForeignKey("upload.id")),
        sa.Column("published_at", UtcDateTime, nullable=False),
        sa.Column("withdrawn_at", UtcDateTime),
        sa.Column("form_key", Code(40), nullable=False, unique=True),
    )
    op.create_index("ix_product_village_code", "product", ["village_code", "withdrawn_at"])
    op.create_index("ix_product_category", "product", ["category", "withdrawn_at"])
    op.create_table(
        "lot",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("product_id", sa.Integer, sa.ForeignKey("product.id"), nullable=False),
        sa.Column("harvest_on", sa.Date, nullable=False),
        sa.Column("unit", sa.String(12), nullable=False),
        sa.Column("price_fen", sa.Integer, nullable=False),
        sa.Column("stock_left", sa.Integer, nullable=False),
        sa.Column("stock_first", sa.Integer, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("stock_left >= 0", name="ck_lot_stock_left"),
        sa.CheckConstraint("price_fen > 0", name="ck_lot_price_fen"),
    )
    op.create_index("ix_lot_product_id", "lot", ["product_id"])


def downgrade() -> None:
    for table in ("lot", "product", "seller"):
        op.drop_table(table)
