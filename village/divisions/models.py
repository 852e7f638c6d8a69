"""Divisions as the statistics office numbers them, the villages that were opened here, and what has changed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base


class Division(Base):
    """One row of the division table. Level and kind are the words of ``geocode.division_codes``."""

    __tablename__ = "division"
    __table_args__ = (Index("ix_division_parent_code", "parent_code"), Index("ix_division_name", "name"))

    code: Mapped[str] = mapped_column(Code(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(30))
    as_of: Mapped[date | None] = mapped_column(Date)
    parent_code: Mapped[str | None] = mapped_column(Code(12))


class DivisionHistory(Base):
    """
    One change of one division. ``what`` is ``renamed``, ``kind``, ``enabled``, ``changed`` or ``merged``.

    Codes that were issued stay: a merger is a row here that names the successor, never a new code on old doors.
    """

    __tablename__ = "division_history"
    __table_args__ = (Index("ix_division_history_code", "code"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(Code(12))
    what: Mapped[str] = mapped_column(String(12))
    old: Mapped[str] = mapped_column(String(200), default="")
    new: Mapped[str] = mapped_column(String(200), default="")
    successor_code: Mapped[str | None] = mapped_column(Code(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CountyOutline(Base):
    """The H3 cells (resolution 8) that a county touches, if somebody gave us its outline: doors outside are refused."""

    __tablename__ = "county_outline"

    county_code: Mapped[str] = mapped_column(Code(6), primary_key=True)
    cells: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Village(Base):
    """
    A village that works with this system. Its names are copied, so that a door's page needs no second table.

    ``page_version`` rises whenever something shown on the village's door pages changes.
    """

    __tablename__ = "village"
    __table_args__ = (Index("ix_village_county_code", "county_code"),)

    code: Mapped[str] = mapped_column(ForeignKey("division.code"), primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    town_name: Mapped[str] = mapped_column(String(30))
    county_name: Mapped[str] = mapped_column(String(30))
    county_code: Mapped[str] = mapped_column(Code(6))
    duty_phone: Mapped[str] = mapped_column(String(20), default="")
    seal_path: Mapped[str] = mapped_column(Text, default="")
    page_version: Mapped[int] = mapped_column(Integer, default=1)
    enabled_at: Mapped[datetime] = mapped_column(UtcDateTime)

    division: Mapped[Division] = relationship()
