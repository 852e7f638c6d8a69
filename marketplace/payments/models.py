"""
Payments, attempts, charges, refunds and releases, in Stripe's shapes.

What belongs to the talk with a gateway (requests, notifications, cases, facts) stands in ``record_models.py``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base

ID = 32  # "pi_" and 24 letters, with room to grow
NUMBER = 64  # Alipay's limit for out_trade_no


class PaymentIntent(Base):
    """
    Money that is asked for once (``pi_…``), whoever pays it and however often they try.

    *reference* is the asker's own word for it and means nothing here. *area* is the division code in which an offline
    payment is taken. *account* is the seller of record, empty for the platform itself.
    """

    __tablename__ = "payment_intent"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("currency = 'cny'", name="only_cny"),
        Index("ix_payment_intent_reference", "reference"),
        Index("ix_payment_intent_created_at_id", "created_at", "id"),
        Index(
            "ix_payment_intent_customer",
            "customer",
            "created_at",
            "id",
            postgresql_where=text("customer <> ''"),
            sqlite_where=text("customer <> ''"),
        ),
        Index(
            "ix_payment_intent_account",
            "account",
            "created_at",
            "id",
            postgresql_where=text("account <> ''"),
            sqlite_where=text("account <> ''"),
        ),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    account: Mapped[str] = mapped_column(Code(ID), default="")
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Code(3), default="cny")
    status: Mapped[str] = mapped_column(Code(24))
    method: Mapped[str] = mapped_column(Code(10), default="")
    subject: Mapped[str] = mapped_column(String(256))
    reference: Mapped[str] = mapped_column(Code(120), default="")
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, default=dict)
    area: Mapped[str] = mapped_column(Code(12), default="")
    return_url: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    canceled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(Code(40), default="")
    last_error: Mapped[str] = mapped_column(Code(80), default="")
    # What a program said of it beside: its customer and payment method, words that only come back to it, and, sealed,
    # whatever is personal.
    customer: Mapped[str] = mapped_column(Code(ID), default="")
    payment_method: Mapped[str] = mapped_column(Code(ID), default="")
    said: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class PaymentAttempt(Base):
    """
    One try to pay an intent: the only thing a gateway knows of it, by *out_trade_no*.

    Committed before anybody is sent to the cashier. *app_id* and *livemode* choose the key by which the gateway's word
    about it is verified, for ever.
    """

    __tablename__ = "payment_attempt"
    __table_args__ = (
        UniqueConstraint("intent_id", "number"),
        Index("ix_payment_attempt_state_ask_at", "state", "ask_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payment_intent.id"))
    number: Mapped[int] = mapped_column(Integer)
    out_trade_no: Mapped[str] = mapped_column(Code(NUMBER), unique=True)
    product: Mapped[str] = mapped_column(Code(10))
    app_id: Mapped[str] = mapped_column(Code(32), default="")
    livemode: Mapped[bool] = mapped_column(Boolean)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Code(10))
    time_expire: Mapped[datetime] = mapped_column(UtcDateTime)
    trade_no: Mapped[str] = mapped_column(Code(NUMBER), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked: Mapped[int] = mapped_column(Integer, default=0)
    # The sub-merchant for whom Alipay holds the money; empty when the co-op sells. Decided once, with the attempt.
    smid: Mapped[str] = mapped_column(Code(64), default="", server_default="")
    ask_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What the gateway gave for it beforehand: the text of a QR code, or its number of a trade opened for an app.
    handle: Mapped[str | None] = mapped_column(Text)


class Charge(Base):
    """
    Money that came (``ch_…``), at most once per attempt.

    The one charge that settles its intent is the *main* one; a second payment, or one that came after the intent was
    canceled, is surplus: it lies in suspense and goes back by itself.
    """

    __tablename__ = "payment_charge"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("refunded_fen >= 0 AND refunded_fen <= amount_fen", name="refunded_in_bounds"),
        Index("ix_payment_charge_intent_id", "intent_id"),
        Index("ix_payment_charge_created_at_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payment_intent.id"))
    attempt_id: Mapped[int] = mapped_column(ForeignKey("payment_attempt.id"), unique=True)
    settles: Mapped[str | None] = mapped_column(ForeignKey("payment_intent.id"), unique=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    # The sum of refunds that count (done or under way); kept here so that one locked row guards the limit.
    refunded_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    method: Mapped[str] = mapped_column(Code(10))
    trade_no: Mapped[str] = mapped_column(Code(NUMBER), default="")
    buyer_id: Mapped[str] = mapped_column(Code(128), default="")
    keeper: Mapped[str] = mapped_column(Code(40), default="")
    is_refundable: Mapped[bool] = mapped_column(Boolean, default=True)
    paid_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_main(self) -> bool:
        """Whether this charge settled its intent."""
        return self.settles is not None


class Refund(Base):
    """
    Money that goes back (``re_…``); the id is also the gateway's out_request_no.

    *sources* is what each ledger account pays for it, *takes* what of each release is taken back: [gross, seller's].
    """

    __tablename__ = "payment_refund"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        UniqueConstraint("charge_id", "reference"),
        Index("ix_payment_refund_intent_id", "intent_id"),
        Index("ix_payment_refund_status", "status"),
        Index("ix_payment_refund_created_at_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payment_intent.id"))
    charge_id: Mapped[str] = mapped_column(ForeignKey("payment_charge.id"))
    livemode: Mapped[bool] = mapped_column(Boolean)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Code(16))
    reason: Mapped[str] = mapped_column(String(120), default="")
    reference: Mapped[str | None] = mapped_column(Code(120))
    sources: Mapped[dict[str, int]] = mapped_column(JSON)
    takes: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    details: Mapped[dict[str, str]] = mapped_column("metadata", JSON, default=dict)
    failure: Mapped[str] = mapped_column(Code(80), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SellerTransfer(Base):
    """
    A release from escrow to one seller (``tr_…``): *gross_fen* left the escrow, *net_fen* became payable.

    *taken_back_fen* is how much of the gross was given back to the buyer since, *seller_back_fen* the seller's part.
    *said* holds what a program said with it: metadata, description, and the charge that it came from.
    """

    __tablename__ = "payment_transfer"
    __table_args__ = (
        CheckConstraint("gross_fen > 0 AND net_fen >= 0 AND net_fen <= gross_fen", name="net_in_gross"),
        CheckConstraint("taken_back_fen >= 0 AND taken_back_fen <= gross_fen", name="taken_in_gross"),
        UniqueConstraint("intent_id", "reference"),
        Index("ix_payment_transfer_created_at_id", "created_at", "id"),
        Index("ix_payment_transfer_seller", "seller"),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payment_intent.id"))
    livemode: Mapped[bool] = mapped_column(Boolean)
    seller: Mapped[str] = mapped_column(Code(60))
    reference: Mapped[str] = mapped_column(Code(120))
    gross_fen: Mapped[int] = mapped_column(BigInteger)
    net_fen: Mapped[int] = mapped_column(BigInteger)
    taken_back_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    seller_back_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    account_id: Mapped[str] = mapped_column(Code(ID), default="", server_default="")
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PaymentTerms(Base):
    """
    What an area decided about money: the platform's share and the most that may be paid by hand.

    *area* is a division code; the longest one that begins the place's own code counts, the empty one is the default.
    """

    __tablename__ = "payment_terms"

    area: Mapped[str] = mapped_column(Code(12), primary_key=True)
    share_points: Mapped[int] = mapped_column(Integer)
    offline_limit_fen: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ShareDecision(Base):
    """
    The platform's share of what is sold in an area, from *decided_at* on.

    Every decision stays, so that an order keeps the share under which it was placed however long it takes to be received.
    """

    __tablename__ = "payment_share"
    __table_args__ = (Index("ix_payment_share_area_decided_at", "area", "decided_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    area: Mapped[str] = mapped_column(Code(12))
    share_points: Mapped[int] = mapped_column(Integer)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
