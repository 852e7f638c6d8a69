"""People, sign-ins, officials, consents; throttles, drafts, messages, uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from commons.columns import Code, UtcDateTime

revision = "0002_accounts"
down_revision = "0001_ground"


def upgrade() -> None:
    _people()
    _sign_ins()
    _around_them()


def _person(*, nullable: bool = False, primary_key: bool = False) -> sa.Column[int]:
    link = sa.ForeignKey("person.id")
    return sa.Column("person_id", sa.Integer, link, nullable=nullable, primary_key=primary_key)


def _people() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("phone_sealed", sa.LargeBinary),
        sa.Column("phone_hash", Code(64), unique=True),
        sa.Column("phone_confirmed_at", UtcDateTime),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime),
    )
    op.create_table(
        "official",
        _person(primary_key=True),
        sa.Column("sign_in_name", Code(30), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("must_change_password", sa.Boolean, nullable=False),
        sa.Column("pin_hash", sa.String(200)),
        sa.Column("second_factor", sa.String(10), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary),
        sa.Column("totp_last_step", sa.BigInteger, nullable=False),
        sa.Column("organisation", sa.String(60), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("disabled_at", UtcDateTime),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer, primary_key=True),
        _person(),
        sa.Column("code_hash", Code(64), nullable=False),
        sa.Column("used_at", UtcDateTime),
    )
    op.create_index("ix_recovery_code_person_id", "recovery_code", ["person_id"])
    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer, primary_key=True),
        _person(),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("area", Code(20), nullable=False),
        sa.Column("from_at", UtcDateTime, nullable=False),
        sa.Column("until_at", UtcDateTime),
        sa.Column("appointed_by", sa.Integer),
    )
    op.create_index("ix_appointment_person_id", "appointment", ["person_id"])
    op.create_index("ix_appointment_role_area", "appointment", ["role", "area"])
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, primary_key=True),
        _person(),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("given_at", UtcDateTime, nullable=False),
        sa.Column("withdrawn_at", UtcDateTime),
    )
    op.create_index("ix_consent_person_id", "consent", ["person_id"])


def _sign_ins() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("phone_hash", Code(64), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("code_hash", Code(64), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("used_at", UtcDateTime),
        sa.Column("made_by", sa.Integer),
    )
    op.create_index("ix_one_time_code_phone_hash", "one_time_code", ["phone_hash", "purpose"])
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token_hash", Code(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(10), nullable=False),
        _person(nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary),
        sa.Column("one_visit", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        sa.Column("locked_at", UtcDateTime),
        sa.Column("ended_at", UtcDateTime),
    )
    op.create_index("ix_sign_in_person_id", "sign_in", ["person_id"])


def _around_them() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", Code(43), nullable=False, unique=True),
        _person(nullable=True),
        sa.Column("form", sa.String(300), nullable=False),
        sa.Column("page", sa.String(2000), nullable=False),
        sa.Column("fields_sealed", sa.LargeBinary, nullable=False),
        sa.Column("saved_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_draft_person_id", "draft", ["person_id", "form"])
    op.create_table(
        "throttle_count",
        sa.Column("key", Code(64), primary_key=True),
        sa.Column("hits", sa.Integer, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_throttle_count_ends_at", "throttle_count", ["ends_at"])
    op.create_table(
        "outgoing_message",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", Code(32), nullable=False, unique=True),
        sa.Column("phone_hash", Code(64), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("values_sealed", sa.LargeBinary),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("sent_at", UtcDateTime),
    )
    op.create_index("ix_outgoing_message_phone_hash", "outgoing_message", ["phone_hash"])
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", Code(32), nullable=False, unique=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("visibility", sa.String(30), nullable=False),
        sa.Column("path", sa.String(120), nullable=False),
        sa.Column("mime", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", Code(64), nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        _person(nullable=True),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("removed_at", UtcDateTime),
    )
    op.create_index("ix_upload_removed_at", "upload", ["removed_at"])


def downgrade() -> None:
    tables = (
        "upload", "outgoing_message", "throttle_count", "draft", "sign_in", "one_time_code", "consent", "appointment",
        "recovery_code", "official", "person",
    )  # fmt: skip
    for table in tables:
        op.drop_table(table)
