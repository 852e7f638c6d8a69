"""Where goods can be fetched, and on which terms they are sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import Code, UtcDateTime
from commons.db import Base


class PickupPoint(Base):
    """A place where the goods of one village are handed over, once a week; days count from 1, Monday."""

    __tablename__ = "pickup_point"
    __table_args__ = (
        CheckConstraint("from_minute < until_minute", name="window"),
        Index("ix_pickup_point_village_code", "village_code"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    village_code: Mapped[str] = mapped_column(Code(12))
    county_code: Mapped[str] = mapped_column(Code(6))
    name: Mapped[str] = mapped_column(String(30))
    address: Mapped[str] = mapped_column(String(80))
    cutoff_day: Mapped[int] = mapped_column(Integer)
    cutoff_minute: Mapped[int] = mapped_column(Integer)
    pickup_day: Mapped[int] = mapped_column(Integer)
    from_minute: Mapped[int] = mapped_column(Integer)
    until_minute: Mapped[int] = mapped_column(Integer)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form_key: Mapped[str] = mapped_column(Code(40), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeliveryTerms(Base):
    """Whether a village sends parcels, for how much, and from which sum on for nothing."""

    __tablename__ = "delivery_terms"
    __table_args__ = (CheckConstraint("fee_fen >= 0", name="fee_fen"),)

    village_code: Mapped[str] = mapped_column(Code(12), primary_key=True)
    fee_fen: Mapped[int] = mapped_column(Integer)
    free_from_fen: Mapped[int | None] = mapped_column(Integer)
    is_offered: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
