"""Refuse another ledger account of the same code, too, where a replacement asks no other trigger."""

from __future__ import annotations

from alembic import op

from migrations.spatial import is_sqlite

revision = "0016_account_not_replaced"
down_revision = "0015_buyer_of_unpaid_orders"

SAME_NUMBER = "id = NEW.id"
SAME_CODE = f"{SAME_NUMBER} OR (livemode = NEW.livemode AND code = NEW.code)"


def upgrade() -> None:
    _refuse(SAME_CODE)


def downgrade() -> None:
    _refuse(SAME_NUMBER)


def _refuse(known: str) -> None:
    """PostgreSQL has no INSERT OR REPLACE: its unique constraint refuses, and an update is refused by its own trigger."""
    if not is_sqlite():
        return
    op.execute("DROP TRIGGER IF EXISTS ledger_account_not_replaced")
    op.execute(
        "CREATE TRIGGER ledger_account_not_replaced BEFORE INSERT ON ledger_account "  # noqa: S608 - ours alone
        f"WHEN EXISTS (SELECT 1 FROM ledger_account WHERE {known}) "
        "BEGIN SELECT RAISE(ABORT, 'ledger_account is append-only'); END"
    )
