"""A plate is a random code on metal for a door. Codes issued stay valid for ever; a door may have many over time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base


class PlateBatch(Base):
    """
    Plates that were printed together. Everything that stands on them is frozen here, so that the file can be made again.

    ``state`` is ``making`` until every code was read back from the finished file, then ``printed``.
    """

    __tablename__ = "plate_batch"
    __table_args__ = (UniqueConstraint("village_code", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(8))
    public_base_url: Mapped[str] = mapped_column(String(200))
    public_host: Mapped[str] = mapped_column(Code(80))
    is_demonstration: Mapped[bool] = mapped_column(Boolean)
    layout: Mapped[str] = mapped_column(String(10))
    plates: Mapped[int] = mapped_column(Integer)
    faces: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    manifest: Mapped[bytes | None] = mapped_column(LargeBinary)
    manifest_digest: Mapped[str | None] = mapped_column(Code(64))
    pdf_sha256: Mapped[str | None] = mapped_column(Code(64))
    made_by: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    printed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Plate(Base):
    """
    One plate. What each state allows and opens stands in ``rules.py``.

    ``current_door_id`` repeats the door while this is the door's present plate and is empty afterwards; being unique, it keeps
    a door from having two, whoever prints at the same moment.
    """

    __tablename__ = "plate"
    __table_args__ = (
        Index("ix_plate_door_id", "door_id"),
        Index("ix_plate_batch_id", "batch_id"),
        Index("ix_plate_village_code_state", "village_code", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(Code(10), unique=True)
    door_id: Mapped[int] = mapped_column(ForeignKey("door.id"))
    current_door_id: Mapped[int | None] = mapped_column(Integer, unique=True)
    village_code: Mapped[str] = mapped_column(Code(12))
    county_code: Mapped[str] = mapped_column(Code(6))
    batch_id: Mapped[int] = mapped_column(ForeignKey("plate_batch.id"))
    state: Mapped[str] = mapped_column(String(10))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("plate.id"))
    mounted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlateEvent(Base):
    """One step in a plate's life: who saw or did what, when, in which words."""

    __tablename__ = "plate_event"
    __table_args__ = (Index("ix_plate_event_plate_id", "plate_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    plate_id: Mapped[int] = mapped_column(ForeignKey("plate.id"))
    state: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(200), default="")
    person_id: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
