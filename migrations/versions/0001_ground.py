"""The ground: spatial registers, jobs, the worker's heartbeat, marks, the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import JSON, Code, UtcDateTime
from migrations.spatial import drop_append_only, is_sqlite, make_append_only

revision = "0001_ground"
down_revision = None


def upgrade() -> None:
    if is_sqlite():
        # Only the two reference systems that we use: a tenth of a second instead of half a minute.
        op.execute("SELECT InitSpatialMetaData(0, 'NONE')")
        op.execute("SELECT InsertEpsgSrid(4490)")
        op.execute("SELECT InsertEpsgSrid(4326)")
    else:
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.create_table(
        "job",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("handler", sa.String(160), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("unique_key", sa.String(200), unique=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("leased_until", UtcDateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("done_at", UtcDateTime),
    )
    op.create_index("ix_job_state_due_at", "job", ["state", "due_at"])
    op.create_table(
        "worker_heartbeat",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "mark",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("set_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "audit_line",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("on_behalf_of", sa.Integer),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("subject", Code(80), nullable=False),
        sa.Column("area", Code(20), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("detail", JSON, nullable=False),
    )
    op.create_index("ix_audit_line_subject", "audit_line", ["subject"])
    op.create_index("ix_audit_line_area", "audit_line", ["area"])
    make_append_only("audit_line")


def downgrade() -> None:
    drop_append_only("audit_line")
    for table in ("audit_line", "mark", "worker_heartbeat", "job"):
        op.drop_table(table)
