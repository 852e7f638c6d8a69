"""Every decision about the platform's share is kept: an order keeps the one under which it was placed."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from commons.columns import Code, UtcDateTime

revision = "0019_share_decided"
down_revision = "0018_longer_receipt"

# Since when what is decided today holds was not written down; orders under way were told this share.
ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    share = op.create_table(
        "payment_share",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("area", Code(12), nullable=False),
        sa.Column("share_points", sa.Integer, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payment_share"),
    )
    op.create_index("ix_payment_share_area_decided_at", "payment_share", ["area", "decided_at"])
    terms = sa.table("payment_terms", sa.column("area"), sa.column("share_points"))
    known = sa.select(terms.c.area, terms.c.share_points, sa.literal(ALWAYS, UtcDateTime))
    op.execute(share.insert().from_select(["area", "share_points", "decided_at"], known))


def downgrade() -> None:
    op.drop_table("payment_share")
