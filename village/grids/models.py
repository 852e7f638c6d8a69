"""A grid is a set of H3 cells, or of villagers' groups, or both; its outline is the cells dissolved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, UtcDateTime
from commons.db import SRID, Base
from commons.geometry import Geometry


class Grid(Base):
    """
    One grid of a village. Its number is never given to another one, because officers are appointed by it.

    ``cells`` are H3 cells of resolution 10 as text, ``groups`` numbers of villagers' groups; a door belongs by its cell, and
    only where no grid has that cell by its group. A removed grid stays, without either.
    """

    __tablename__ = "grid"
    __table_args__ = (UniqueConstraint("village_code", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    village_code: Mapped[str] = mapped_column(ForeignKey("village.code"))
    number: Mapped[int] = mapped_column(Integer)
    # What its officer is appointed to, "420199104207-03"; stored, so that queries can keep to a scope.
    area: Mapped[str] = mapped_column(Code(20), unique=True)
    name: Mapped[str] = mapped_column(String(30), default="")
    outline: Mapped[Any | None] = mapped_column(Geometry("MULTIPOLYGON", srid=SRID, spatial_index=True))
    cells: Mapped[list[str]] = mapped_column(JSON)
    groups: Mapped[list[int]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
