"""Artisans and their trades."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import Code, UtcDateTime

revision = "0008_artisans"
down_revision = "0007_households"


def upgrade() -> None:
    op.create_table(
        "artisan",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("village_code", Code(12), nullable=False),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("public_name", sa.String(20), nullable=False),
        sa.Column("price_guide", sa.String(80), nullable=False),
        sa.Column("contact", sa.String(10), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary, nullable=False),
        sa.Column("phone_hash", Code(64), nullable=False),
        sa.Column("h3_near", sa.BigInteger, nullable=False),
        sa.Column("lot", sa.Integer, nullable=False),
        sa.Column("consent_at", UtcDateTime, nullable=False),
        sa.Column("consent_way", sa.String(12), nullable=False),
        sa.Column("consent_recorded_by", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("certificate", sa.String(60), nullable=False),
        sa.Column("certificate_until", sa.Date),
        sa.Column("verified_at", UtcDateTime),
        sa.Column("verified_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("withdrawn_at", UtcDateTime),
        sa.Column("form_key", Code(40), nullable=False, unique=True),
        sa.Column("created_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_artisan_h3_near", "artisan", ["h3_near"])
    op.create_index("ix_artisan_village_code", "artisan", ["village_code"])
    op.create_index("ix_artisan_phone_hash", "artisan", ["phone_hash"])
    op.create_table(
        "artisan_trade",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("artisan_id", sa.Integer, sa.ForeignKey("artisan.id"), nullable=False),
        sa.Column("trade", sa.String(20), nullable=False),
    )
    op.create_index("ix_artisan_trade_trade", "artisan_trade", ["trade", "artisan_id"])


def downgrade() -> None:
    op.drop_table("artisan_trade")
    op.drop_table("artisan")
