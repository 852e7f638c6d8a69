"""Notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import Code, UtcDateTime

revision = "0005_notices"
down_revision = "0004_doors_plates"


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("area", Code(12), nullable=False),
        sa.Column("affair", sa.String(12), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("signed_by", sa.String(40), nullable=False),
        sa.Column("leaf_day", sa.Date, nullable=False),
        sa.Column("leaf_meaning", sa.String(8), nullable=False),
        sa.Column("is_urgent", sa.Boolean, nullable=False),
        sa.Column("from_at", UtcDateTime, nullable=False),
        sa.Column("until_at", UtcDateTime),
        sa.Column("voice_id", sa.Integer, sa.ForeignKey("upload.id", name="fk_notice_voice_id")),
        sa.Column("form_key", Code(40), nullable=False, unique=True),
        sa.Column(
            "posted_by", sa.Integer, sa.ForeignKey("person.id", name="fk_notice_posted_by"), nullable=False
        ),
        sa.Column("posted_at", UtcDateTime, nullable=False),
        sa.Column("withdrawn_at", UtcDateTime),
        sa.Column("withdrawn_by", sa.Integer, sa.ForeignKey("person.id", name="fk_notice_withdrawn_by")),
    )
    op.create_index("ix_notice_area_from_at", "notice", ["area", "from_at"])


def downgrade() -> None:
    op.drop_table("notice")
