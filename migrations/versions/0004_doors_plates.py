"""Doors, the sheets they came from, plates and their lives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import JSON, Code, UtcDateTime
from migrations.spatial import add_point, drop_geometry

revision = "0004_doors_plates"
down_revision = "0003_divisions_grids"

TABLES = ("plate_event", "plate", "plate_batch", "door", "door_import", "door_counter")


def upgrade() -> None:
    op.create_table(
        "door_counter",
        sa.Column("village_code", Code(12), sa.ForeignKey("village.code"), primary_key=True),
        sa.Column("last_no", sa.Integer, nullable=False),
        sa.Column("last_batch", sa.Integer, nullable=False),
    )
    _door_import()
    _door()
    _plate_batch()
    _plate()


def _door_import() -> None:
    op.create_table(
        "door_import",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("village_code", Code(12), sa.ForeignKey("village.code"), nullable=False),
        sa.Column("file_name", sa.String(100), nullable=False),
        sa.Column("sha256", Code(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("sheet", sa.LargeBinary),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("default_frame", sa.String(8), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("made_by", sa.Integer),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("stored_at", UtcDateTime),
        sa.Column("undone_at", UtcDateTime),
    )
    op.create_index("ix_door_import_village_code", "door_import", ["village_code"])


def _door() -> None:
    op.create_table(
        "door",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("village_code", Code(12), sa.ForeignKey("village.code"), nullable=False),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("group_no", sa.Integer, nullable=False),
        sa.Column("hamlet", sa.String(30), nullable=False),
        sa.Column("door_no", sa.Integer, nullable=False),
        sa.Column("room_no", sa.Integer, nullable=False),
        sa.Column("address_code", Code(23), nullable=False, unique=True),
        sa.Column("label", sa.String(12), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("lng", sa.Float, nullable=False),
        sa.Column("height_m", sa.Float),
        sa.Column("coord_source", sa.String(8), nullable=False),
        sa.Column("accuracy_m", sa.Float),
        sa.Column("beidou_code", Code(16), nullable=False),
        sa.Column("h3_cell", sa.BigInteger, nullable=False),
        sa.Column("h3_near", sa.BigInteger, nullable=False),
        sa.Column("police_address_code", Code(40), unique=True),
        sa.Column("police_code_scheme", sa.String(40)),
        sa.Column("police_code_verified_at", UtcDateTime),
        sa.Column("grid_id", sa.Integer, sa.ForeignKey("grid.id")),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("door_import.id")),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("village_code", "door_no", "room_no"),
        sa.UniqueConstraint("village_code", "group_no", "hamlet", "label", "room_no"),
    )
    for column in ("h3_cell", "h3_near", "grid_id", "import_id"):
        op.create_index(f"ix_door_{column}", "door", [column])
    add_point("door", "place")


def _plate_batch() -> None:
    op.create_table(
        "plate_batch",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("village_code", Code(12), sa.ForeignKey("village.code"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("public_base_url", sa.String(200), nullable=False),
        sa.Column("public_host", Code(80), nullable=False),
        sa.Column("is_demonstration", sa.Boolean, nullable=False),
        sa.Column("layout", sa.String(10), nullable=False),
        sa.Column("plates", sa.Integer, nullable=False),
        sa.Column("faces", JSON, nullable=False),
        sa.Column("manifest", sa.LargeBinary),
        sa.Column("manifest_digest", Code(64)),
        sa.Column("pdf_sha256", Code(64)),
        sa.Column("made_by", sa.Integer),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("printed_at", UtcDateTime),
        sa.UniqueConstraint("village_code", "number"),
    )


def _plate() -> None:
    op.create_table(
        "plate",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", Code(10), nullable=False, unique=True),
        sa.Column("door_id", sa.Integer, sa.ForeignKey("door.id"), nullable=False),
        sa.Column("current_door_id", sa.Integer, unique=True),
        sa.Column("village_code", Code(12), nullable=False),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("plate_batch.id"), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("replaces_id", sa.Integer, sa.ForeignKey("plate.id")),
        sa.Column("mounted_at", UtcDateTime),
        sa.Column("seen_at", UtcDateTime),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_plate_door_id", "plate", ["door_id"])
    op.create_index("ix_plate_batch_id", "plate", ["batch_id"])
    op.create_index("ix_plate_village_code_state", "plate", ["village_code", "state"])
    op.create_table(
        "plate_event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plate_id", sa.Integer, sa.ForeignKey("plate.id"), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("person_id", sa.Integer),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_plate_event_plate_id", "plate_event", ["plate_id"])


def downgrade() -> None:
    drop_geometry("door", "place")
    for table in TABLES:
        op.drop_table(table)
