"""Whose telephone an unpaid order waits for, as a keyed hash: a new account of the same buyer counts on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import Code

revision = "0015_buyer_of_unpaid_orders"
down_revision = "0014_settlement"


def upgrade() -> None:
    op.add_column("shop_order", sa.Column("buyer_hash", Code(64)))
    op.create_index("ix_shop_order_buyer_hash", "shop_order", ["buyer_hash"])


def downgrade() -> None:
    op.drop_index("ix_shop_order_buyer_hash", "shop_order")
    op.drop_column("shop_order", "buyer_hash")
