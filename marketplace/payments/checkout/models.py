"""Checkout sessions: a basket that somebody else's shop has filled, paid on a page of ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base
from marketplace.payments.models import ID


class CheckoutSession(Base):
    """
    One visit to the checkout (``cs_test_…``, ``cs_live_…``).

    The payment is opened when the buyer first goes to pay; *items* are kept as they were priced then, and
    *intent_details* is what the shop wants to find on the payment. Whatever is personal is in *sealed*.
    """

    __tablename__ = "checkout_session"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        Index("ix_checkout_session_created_at_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    account: Mapped[str] = mapped_column(Code(ID), default="")
    status: Mapped[str] = mapped_column(Code(10))
    payment_status: Mapped[str] = mapped_column(Code(20))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    intent_id: Mapped[str | None] = mapped_column(ForeignKey("payment_intent.id"), unique=True)
    intent_details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    success_url: Mapped[str] = mapped_column(Text)
    cancel_url: Mapped[str | None] = mapped_column(Text)
    client_reference_id: Mapped[str | None] = mapped_column(Text)
    customer: Mapped[str | None] = mapped_column(Code(ID))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    locale: Mapped[str | None] = mapped_column(Code(10))
    submit_type: Mapped[str | None] = mapped_column(Code(10))
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
