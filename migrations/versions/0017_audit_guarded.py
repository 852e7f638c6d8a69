"""The audit keeps its lines: none is replaced by another of the same number, and the table is not emptied."""

from __future__ import annotations

from migrations.spatial import drop_guard, guard_append_only

revision = "0017_audit_guarded"
down_revision = "0016_account_not_replaced"


def upgrade() -> None:
    guard_append_only("audit_line")


def downgrade() -> None:
    drop_guard("audit_line")
