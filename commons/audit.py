"""The append-only record of who did what; triggers on both databases refuse to change or remove a line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g, has_request_context
from sqlalchemy import Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

from commons import clock
from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base, db


class AuditLine(Base):
    """One act. Holds codes and ids, never a name, telephone or ID digit."""

    __tablename__ = "audit_line"
    __table_args__ = (Index("ix_audit_line_subject", "subject"), Index("ix_audit_line_area", "area"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(Integer)
    on_behalf_of: Mapped[int | None] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(Code(80), default="")
    area: Mapped[str] = mapped_column(Code(20), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


def record(
    action: str,
    *,
    subject: str = "",
    area: str = "",
    reason: str = "",
    on_behalf_of: int | None = None,
    **detail: Any,
) -> None:
    """
    Write one line about *action* into the current transaction.

    *subject* is what was acted on (``matter:ABC``), *area* the division code it lies in, *detail* plain JSON values
    without personal data. Who acted is taken from the request; a command or job leaves it empty.
    """
    who = g.get("person_id") if has_request_context() else None
    db.session.add(
        AuditLine(
            at=clock.now(),
            person_id=who,
            on_behalf_of=on_behalf_of,
            action=action,
            subject=subject,
            area=area,
            reason=reason,
            detail=detail,
        )  # fmt: skip
    )


def lines_about(subject: str, limit: int = 100) -> list[AuditLine]:
    """Return what was done to *subject*, newest first."""
    statement = (
        select(AuditLine).where(AuditLine.subject == subject).order_by(AuditLine.id.desc()).limit(limit)
    )
    return list(db.session.scalars(statement))
