"""Households behind doors, their members, the ways to join one, and how each changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import Code, UtcDateTime

revision = "0007_households"
down_revision = "0006_matters"


def upgrade() -> None:
    _households()
    _ways_in()


def _link(table: str, name: str = "", *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name or f"{table}_id", sa.Integer, sa.ForeignKey(f"{table}.id"), nullable=nullable)


def _households() -> None:
    op.create_table(
        "household",
        sa.Column("id", sa.Integer, primary_key=True),
        _link("door"),
        sa.Column("village_code", Code(12), nullable=False),
        sa.Column("county_code", Code(6), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("occupancy", sa.String(10), nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
        sa.UniqueConstraint("door_id", "number"),
    )
    op.create_index("ix_household_village_code", "household", ["village_code"])
    op.create_table(
        "household_change",
        sa.Column("id", sa.Integer, primary_key=True),
        _link("household"),
        sa.Column("before", sa.String(10), nullable=False),
        sa.Column("after", sa.String(10), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        _link("person", "by", nullable=True),
    )
    op.create_index("ix_household_change_household_id", "household_change", ["household_id"])
    op.create_table(
        "household_member",
        sa.Column("id", sa.Integer, primary_key=True),
        _link("household"),
        sa.Column("name_sealed", sa.LargeBinary),
        sa.Column("phone_sealed", sa.LargeBinary),
        sa.Column("phone_hash", Code(64)),
        sa.Column("claim_until", UtcDateTime),
        _link("person", nullable=True),
        sa.Column("is_away", sa.Boolean, nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        _link("person", "confirmed_by", nullable=True),
        sa.Column("left_at", UtcDateTime),
        sa.Column("left_reason", sa.String(16), nullable=False),
        sa.Column("living_key", Code(40), unique=True),
    )
    for column in ("household_id", "person_id", "phone_hash"):
        op.create_index(f"ix_household_member_{column}", "household_member", [column])


def _ways_in() -> None:
    op.create_table(
        "household_slip",
        sa.Column("id", sa.Integer, primary_key=True),
        _link("household"),
        sa.Column("code_hash", Code(64), nullable=False, unique=True),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        _link("person", "issued_by"),
        sa.Column("used_at", UtcDateTime),
        _link("household_member", "member_id", nullable=True),
        sa.Column("withdrawn_at", UtcDateTime),
    )
    op.create_index("ix_household_slip_household_id", "household_slip", ["household_id"])
    op.create_table(
        "household_request",
        sa.Column("id", sa.Integer, primary_key=True),
        _link("door"),
        _link("person"),
        sa.Column("name_sealed", sa.LargeBinary),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("answer", sa.String(10), nullable=False),
        sa.Column("answered_at", UtcDateTime),
        _link("person", "answered_by", nullable=True),
        _link("household", nullable=True),
        sa.Column("waiting_key", Code(40), unique=True),
    )
    op.create_index("ix_household_request_door_id", "household_request", ["door_id"])
    op.create_index("ix_household_request_person_id", "household_request", ["person_id"])


def downgrade() -> None:
    for table in ("household_request", "household_slip", "household_member", "household_change", "household"):
        op.drop_table(table)
