"""Messages to telephones, sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import Code, UtcDateTime
from commons.db import Base


class OutgoingMessage(Base):
    """One message. A network sender's message loses phone and values once sent; a demonstration's stays readable for a day."""

    __tablename__ = "outgoing_message"
    __table_args__ = (Index("ix_outgoing_message_phone_hash", "phone_hash"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(Code(32), unique=True)
    phone_hash: Mapped[str] = mapped_column(Code(64))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    template: Mapped[str] = mapped_column(String(60))
    values_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="waiting")  # waiting, sent, expired
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # After this moment it would only confuse: a code that no longer works.
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
