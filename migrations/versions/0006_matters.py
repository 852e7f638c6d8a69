"""Matters, their steps, their reporters apart, and their files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import Code, UtcDateTime

revision = "0006_matters"
down_revision = "0005_notices"

# A matter about cadres bears nothing by which a village's scope could find it.
ONE_OR_THE_OTHER = (
    "(village_code IS NOT NULL AND discipline_area IS NULL AND sealed_village_code IS NULL) OR "
    "(village_code IS NULL AND discipline_area IS NOT NULL AND sealed_village_code IS NOT NULL "
    "AND grid_area IS NULL AND door_id IS NULL AND person_id IS NULL)"
)


def upgrade() -> None:
    op.create_table(
        "matter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", Code(12), nullable=False, unique=True),
        sa.Column("code_hash", Code(64), nullable=False),
        sa.Column("form_key", Code(40), nullable=False, unique=True),
        sa.Column("owner_hash", Code(64), nullable=False),
        sa.Column("village_code", Code(12)),
        sa.Column("grid_area", Code(20)),
        sa.Column("discipline_area", Code(9)),
        sa.Column("sealed_village_code", Code(12)),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("door_id", sa.Integer, sa.ForeignKey("door.id")),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("taken_down_by", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("desk", sa.String(12), nullable=False),
        sa.Column("desk_area", Code(20), nullable=False),
        sa.Column("came_from_desk", sa.String(12)),
        sa.Column("came_from_area", Code(20)),
        sa.Column("was_answered", sa.Boolean, nullable=False),
        sa.Column("reported_at", UtcDateTime, nullable=False),
        sa.Column("arrived_at", UtcDateTime, nullable=False),
        sa.Column("received_at", UtcDateTime),
        sa.Column("accepted_at", UtcDateTime),
        sa.Column("refused_at", UtcDateTime),
        sa.Column("closed_at", UtcDateTime),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.CheckConstraint(ONE_OR_THE_OTHER, name="village_or_discipline"),
    )
    op.create_index("ix_matter_village_code_state", "matter", ["village_code", "state"])
    op.create_index("ix_matter_desk_area_state", "matter", ["desk_area", "state"])
    for column in ("discipline_area", "person_id", "due_on"):
        op.create_index(f"ix_matter_{column}", "matter", [column])
    _create_parts()


def _create_parts() -> None:
    op.create_table(
        "matter_step",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("matter_id", sa.Integer, sa.ForeignKey("matter.id"), nullable=False),
        sa.Column("act", sa.String(12), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("desk", sa.String(12), nullable=False),
        sa.Column("desk_area", Code(20), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("target_desk", sa.String(12)),
        sa.Column("target_area", Code(20)),
        sa.Column("form_key", Code(40)),
        sa.UniqueConstraint("matter_id", "form_key"),
    )
    op.create_index("ix_matter_step_matter_id", "matter_step", ["matter_id"])
    op.create_table(
        "matter_reporter",
        sa.Column("matter_id", sa.Integer, sa.ForeignKey("matter.id"), primary_key=True),
        sa.Column("phone_sealed", sa.LargeBinary),
        sa.Column("name_sealed", sa.LargeBinary),
    )
    op.create_table(
        "matter_file",
        sa.Column("upload_id", sa.Integer, sa.ForeignKey("upload.id"), primary_key=True),
        sa.Column("matter_id", sa.Integer, sa.ForeignKey("matter.id")),
        sa.Column("owner_hash", Code(64), nullable=False),
        sa.Column("kept_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_matter_file_matter_id", "matter_file", ["matter_id"])
    op.create_index("ix_matter_file_kept_at", "matter_file", ["kept_at"])


def downgrade() -> None:
    for table in ("matter_file", "matter_reporter", "matter_step", "matter"):
        op.drop_table(table)
