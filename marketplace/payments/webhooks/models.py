"""Where events are sent, by which secrets they are signed, and every attempt to deliver one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base
from marketplace.payments.models import ID


class WebhookEndpoint(Base):
    """
    An address that hears of events (``we_…``).

    *hears_accounts*: it hears of the events of the platform's sellers instead of the platform's own. *silences* counts
    attempts in a row to which nothing answered; until *rests_until* nobody else waits in vain for it.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (Index("ix_webhook_endpoint_created_at_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    account: Mapped[str] = mapped_column(Code(ID), default="")
    hears_accounts: Mapped[bool] = mapped_column(Boolean, default=False)
    url: Mapped[str] = mapped_column(Text)
    enabled_events: Mapped[list[str]] = mapped_column(JSON)
    api_version: Mapped[str | None] = mapped_column(Code(40))
    description: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, default=dict)
    is_enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    silences: Mapped[int] = mapped_column(Integer, default=0)
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookSecret(Base):
    """A secret (``whsec_…``) of an endpoint, sealed; while secrets are rolled two of them sign, until *ends_at*."""

    __tablename__ = "webhook_secret"
    __table_args__ = (Index("ix_webhook_secret_endpoint_id", "endpoint_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoint.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookDelivery(Base):
    """One event on its way to one endpoint: written with the event, in its transaction, and ended once."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_delivery_event_id", "event_id"),
        Index("ix_webhook_delivery_state_due_at", "state", "due_at"),
        Index(
            "ix_webhook_delivery_endpoint_id_due_at",
            "endpoint_id",
            "due_at",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoint.id"))
    event_id: Mapped[str] = mapped_column(ForeignKey("payment_event.id"))
    state: Mapped[str] = mapped_column(Code(10))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookAttempt(Base):
    """One try to deliver: what was answered, or why nothing was."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_delivery_id", "delivery_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("webhook_delivery.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    took_ms: Mapped[int] = mapped_column(Integer)
    status_code: Mapped[int | None] = mapped_column(Integer)
    trouble: Mapped[str] = mapped_column(Code(20), default="")
    answer: Mapped[str] = mapped_column(String(500), default="")
