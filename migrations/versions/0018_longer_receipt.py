"""A buyer may ask once for more time before a parcel counts as received."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import UtcDateTime

revision = "0018_longer_receipt"
down_revision = "0017_audit_guarded"


def upgrade() -> None:
    op.add_column("shop_order", sa.Column("extended_at", UtcDateTime))


def downgrade() -> None:
    op.drop_column("shop_order", "extended_at")
