"""What the interface keeps beside payments themselves: keys, first answers, customers, payment methods."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base
from marketplace.payments.models import ID


class ApiKey(Base):
    """
    A key to the interface, by its keyed hash; the key itself is shown once and kept nowhere.

    *account* restricts it to one seller's account; empty is the platform. A rolled key works until *ends_at*.
    """

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    hash: Mapped[str] = mapped_column(Code(64), unique=True)
    kind: Mapped[str] = mapped_column(Code(2))  # sk, pk
    livemode: Mapped[bool] = mapped_column(Boolean)
    account: Mapped[str] = mapped_column(Code(ID))
    name: Mapped[str] = mapped_column(String(80))
    hint: Mapped[str] = mapped_column(Code(4))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FirstAnswer(Base):
    """
    What a POST with an idempotency key was answered the first time, so that its repetition changes nothing.

    *status* None: it is under way until *locked_until*; after that whoever did it is taken for dead. The body is
    sealed, for it may hold a buyer's address.
    """

    __tablename__ = "api_first_answer"
    __table_args__ = (Index("ix_api_first_answer_created_at", "created_at"),)

    id: Mapped[str] = mapped_column(Code(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Code(64))
    request_id: Mapped[str] = mapped_column(Code(ID))
    status: Mapped[int | None] = mapped_column(Integer)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Customer(Base):
    """Somebody who pays, as a program knows them (``cus_…``). Everything personal is in *sealed*."""

    __tablename__ = "api_customer"
    __table_args__ = (
        Index("ix_api_customer_created_at_id", "created_at", "id"),
        Index("ix_api_customer_email_hash", "email_hash"),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    account: Mapped[str] = mapped_column(Code(ID))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_hash: Mapped[str] = mapped_column(Code(64))
    details: Mapped[dict[str, str]] = mapped_column("metadata", JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PaymentMethod(Base):
    """A way to pay that a program named (``pm_…``): Alipay, and who would be billed, sealed."""

    __tablename__ = "api_payment_method"
    __table_args__ = (Index("ix_api_payment_method_created_at_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    account: Mapped[str] = mapped_column(Code(ID))
    kind: Mapped[str] = mapped_column(Code(10))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    details: Mapped[dict[str, str]] = mapped_column("metadata", JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
