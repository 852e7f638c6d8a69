"""The division table, the villages opened here, and their grids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import JSON, Code, UtcDateTime
from migrations.spatial import add_polygon, drop_geometry

revision = "0003_divisions_grids"
down_revision = "0002_accounts"


def upgrade() -> None:
    _divisions()
    op.create_table(
        "village",
        sa.Column("code", Code(12), sa.ForeignKey("division.code"), primary_key=True),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("town_name", sa.String(30), nullable=False),
        sa.Column("county_name", sa.String(30), nullable=False),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("duty_phone", sa.String(20), nullable=False),
        sa.Column("seal_path", sa.Text, nullable=False),
        sa.Column("page_version", sa.Integer, nullable=False),
        sa.Column("enabled_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_village_county_code", "village", ["county_code"])
    op.create_table(
        "grid",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("village_code", Code(12), sa.ForeignKey("village.code"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("area", Code(20), nullable=False, unique=True),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("groups", JSON, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("removed_at", UtcDateTime),
        sa.UniqueConstraint("village_code", "number"),
    )
    add_polygon("grid", "outline")


def _divisions() -> None:
    op.create_table(
        "division",
        sa.Column("code", Code(12), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("level", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("as_of", sa.Date),
        sa.Column("parent_code", Code(12)),
    )
    op.create_index("ix_division_parent_code", "division", ["parent_code"])
    op.create_index("ix_division_name", "division", ["name"])
    op.create_table(
        "division_history",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", Code(12), nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("old", sa.String(200), nullable=False),
        sa.Column("new", sa.String(200), nullable=False),
        sa.Column("successor_code", Code(12)),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_division_history_code", "division_history", ["code"])
    op.create_table(
        "county_outline",
        sa.Column("county_code", Code(6), primary_key=True),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    drop_geometry("grid", "outline")
    for table in ("grid", "village", "county_outline", "division_history", "division"):
        op.drop_table(table)
