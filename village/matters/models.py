"""
Matters as they are stored: what was said, where it lies now, every step, and, apart from it all, who said it.

A matter about the village's own cadres carries no ``village_code``, no ``grid_area``, no door and no person: every scope of a
village looks for what is not there. The database itself refuses a row that has both or neither.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import Code, UtcDateTime
from commons.db import Base

ONE_OR_THE_OTHER = (
    "(village_code IS NOT NULL AND discipline_area IS NULL AND sealed_village_code IS NULL) OR "
    "(village_code IS NULL AND discipline_area IS NOT NULL AND sealed_village_code IS NOT NULL "
    "AND grid_area IS NULL AND door_id IS NULL AND person_id IS NULL)"
)


class Matter(Base):
    """Something that needs an official's attention."""

    __tablename__ = "matter"
    __table_args__ = (
        CheckConstraint(ONE_OR_THE_OTHER, name="village_or_discipline"),
        Index("ix_matter_village_code_state", "village_code", "state"),
        Index("ix_matter_desk_area_state", "desk_area", "state"),
        Index("ix_matter_discipline_area", "discipline_area"),
        Index("ix_matter_person_id", "person_id"),
        Index("ix_matter_due_on", "due_on"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(Code(12), unique=True)
    code_hash: Mapped[str] = mapped_column(Code(64))
    # Made when the empty form is shown; the owner's hash tells a second press of the button from somebody else's.
    form_key: Mapped[str] = mapped_column(Code(40), unique=True)
    owner_hash: Mapped[str] = mapped_column(Code(64))

    village_code: Mapped[str | None] = mapped_column(Code(12))
    grid_area: Mapped[str | None] = mapped_column(Code(20))
    discipline_area: Mapped[str | None] = mapped_column(Code(9))
    sealed_village_code: Mapped[str | None] = mapped_column(Code(12))
    county_code: Mapped[str] = mapped_column(Code(6))
    door_id: Mapped[int | None] = mapped_column(ForeignKey("door.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    category: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(120))
    taken_down_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    state: Mapped[str] = mapped_column(String(10))
    desk: Mapped[str] = mapped_column(String(12))
    desk_area: Mapped[str] = mapped_column(Code(20))
    came_from_desk: Mapped[str | None] = mapped_column(String(12))
    came_from_area: Mapped[str | None] = mapped_column(Code(20))
    was_answered: Mapped[bool] = mapped_column(Boolean, default=False)

    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # On the desk where it lies now: when it arrived, and when somebody there took it.
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The first time anybody took it: from then on it counts as accepted for good.
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_on: Mapped[date] = mapped_column(Date)


class MatterStep(Base):
    """One thing that happened to a matter, as its reporter sees it. Never changed."""

    __tablename__ = "matter_step"
    __table_args__ = (UniqueConstraint("matter_id", "form_key"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    act: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    desk: Mapped[str] = mapped_column(String(12))
    desk_area: Mapped[str] = mapped_column(Code(20))
    words: Mapped[str] = mapped_column(Text)
    target_desk: Mapped[str | None] = mapped_column(String(12))
    target_area: Mapped[str | None] = mapped_column(Code(20))
    form_key: Mapped[str | None] = mapped_column(Code(40))


class MatterReporter(Base):
    """Who said it, sealed and apart from what was said: there is no row where nobody left anything."""

    __tablename__ = "matter_reporter"

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # For whom an official reported.
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class MatterFile(Base):
    """A recording or photo, first of a form that is still being filled in, then of its matter."""

    __tablename__ = "matter_file"

    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    matter_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"), index=True)
    owner_hash: Mapped[str] = mapped_column(Code(64))
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
