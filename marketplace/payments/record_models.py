"""What is kept of the talk with a gateway: requests, notifications, cases for a person, and facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base
from marketplace.payments.models import ID, NUMBER


class GatewayOp(Base):
    """
    One thing the gateway is asked to do, written down before it is asked.

    *out_no* is the request's own number and never changes: an answer that was lost is asked about, and the same
    number is sent again.
    """

    __tablename__ = "payment_gateway_op"
    __table_args__ = (UniqueConstraint("kind", "out_no"), Index("ix_payment_gateway_op_state", "state"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Code(16))  # close, refund
    out_no: Mapped[str] = mapped_column(Code(NUMBER))
    out_trade_no: Mapped[str] = mapped_column(Code(NUMBER))
    app_id: Mapped[str] = mapped_column(Code(32))
    livemode: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(Code(10))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_words: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PaymentNotification(Base):
    """
    A notification that the gateway signed, word for word, with what came of it.

    *applied_at* is None while we still wait for the order it speaks of; then the same notification is told again.
    """

    __tablename__ = "payment_notification"
    __table_args__ = (Index("ix_payment_notification_out_trade_no", "out_trade_no"),)

    notify_id: Mapped[str] = mapped_column(Code(128), primary_key=True)
    out_trade_no: Mapped[str] = mapped_column(Code(NUMBER))
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PaymentCase(Base):
    """Something about money that a person has to look at. *unique_key* keeps one trouble from opening two cases."""

    __tablename__ = "payment_case"
    __table_args__ = (Index("ix_payment_case_is_open_id", "is_open", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Code(24))
    unique_key: Mapped[str] = mapped_column(Code(160), unique=True)
    intent_id: Mapped[str] = mapped_column(Code(ID), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_open: Mapped[bool] = mapped_column(Boolean, default=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, default="")


class PaymentEvent(Base):
    """
    A fact (``evt_…``) in Stripe's words, written in the transaction that made it true, with the object then.

    *data* is the object itself; of a change (``….updated``) it holds ``object`` and ``previous_attributes``.
    """

    __tablename__ = "payment_event"
    __table_args__ = (
        Index("ix_payment_event_object_id", "object_id"),
        Index("ix_payment_event_created_at_id", "created_at", "id"),
        Index(
            "ix_payment_event_account",
            "account",
            "created_at",
            "id",
            postgresql_where=text("account <> ''"),
            sqlite_where=text("account <> ''"),
        ),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    type: Mapped[str] = mapped_column(Code(60))
    livemode: Mapped[bool] = mapped_column(Boolean)
    account: Mapped[str] = mapped_column(Code(ID), default="")
    object_id: Mapped[str] = mapped_column(Code(ID))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    # Which call made it true; both empty where no program called.
    request_id: Mapped[str] = mapped_column(String(32), default="")
    idempotency_key: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
