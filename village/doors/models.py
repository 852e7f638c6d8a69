"""A door has one place, one address and one address code for ever; plates come and go (see village.plates)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, PointColumn, UtcDateTime
from commons.db import Base


class DoorCounter(Base):
    """The last door number issued in a village. Its row is locked while doors or plates of the village are made."""

    __tablename__ = "door_counter"

    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"), primary_key=True)
    last_no: Mapped[int] = mapped_column(Integer, default=0)
    last_batch: Mapped[int] = mapped_column(Integer, default=0)


class Door(Base):
    """
    A door. ``label`` is the number as it is written on the plate, ``door_no`` the one in its address code.

    ``address_code`` never changes, even when group or village do; nothing is read from it. All places are CGCS2000/WGS-84;
    ``coord_source`` says in which frame they were given.
    """

    __tablename__ = "door"
    __table_args__ = (
        UniqueConstraint("village_code", "door_no", "room_no"),
        UniqueConstraint("village_code", "group_no", "hamlet", "label", "room_no"),
        Index("ix_door_h3_cell", "h3_cell"),
        Index("ix_door_h3_near", "h3_near"),
        Index("ix_door_grid_id", "grid_id"),
        Index("ix_door_import_id", "import_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"))
    county_code: Mapped[str] = mapped_column(Code(6))
    group_no: Mapped[int] = mapped_column(Integer, default=0)
    hamlet: Mapped[str] = mapped_column(String(30), default="")
    door_no: Mapped[int] = mapped_column(Integer)
    room_no: Mapped[int] = mapped_column(Integer, default=0)
    address_code: Mapped[str] = mapped_column(Code(23), unique=True)
    label: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(200))
    place: Mapped[Any] = mapped_column(PointColumn(), nullable=False)
    lat: Mapped[float] = mapped_column(Float)
    lng: Mapped[float] = mapped_column(Float)
    height_m: Mapped[float | None] = mapped_column(Float)
    coord_source: Mapped[str] = mapped_column(String(8), default="wgs84")
    accuracy_m: Mapped[float | None] = mapped_column(Float)
    beidou_code: Mapped[str] = mapped_column(Code(16))
    h3_cell: Mapped[int] = mapped_column(BigInteger)
    h3_near: Mapped[int] = mapped_column(BigInteger)
    police_address_code: Mapped[str | None] = mapped_column(Code(40), unique=True)
    police_code_scheme: Mapped[str | None] = mapped_column(String(40))
    police_code_verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("door_import.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DoorImport(Base):
    """
    One sheet of doors on its way in: ``checked`` (a preview), ``stored``, ``undone``.

    ``sheet`` keeps the cells between preview and confirmation, packed; ``before`` what changed doors were like, for undoing.
    """

    __tablename__ = "door_import"
    __table_args__ = (Index("ix_door_import_village_code", "village_code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"))
    file_name: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(Code(64))
    state: Mapped[str] = mapped_column(String(10))
    sheet: Mapped[bytes | None] = mapped_column(LargeBinary)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
    default_frame: Mapped[str] = mapped_column(String(8))
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    before: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_by: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
