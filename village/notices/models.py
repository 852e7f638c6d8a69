"""Notices as they are stored: never rewritten once shown, only withdrawn."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import Code, UtcDateTime
from commons.db import Base


class Notice(Base):
    """Something officials tell the people of an area; ``area`` is a village, town or county code."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_area_from_at", "area", "from_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    area: Mapped[str] = mapped_column(Code(12))
    affair: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(60))
    words: Mapped[str] = mapped_column(Text)
    signed_by: Mapped[str] = mapped_column(String(40))
    leaf_day: Mapped[date] = mapped_column(Date)
    leaf_meaning: Mapped[str] = mapped_column(String(8))
    is_urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    voice_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"))
    # Made when the empty form is shown: a form posted twice finds its first notice.
    form_key: Mapped[str] = mapped_column(Code(40), unique=True)
    posted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
