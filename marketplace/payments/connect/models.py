"""Sellers' accounts, the links by which they are set up, payouts, lists for the bank, and reversals."""

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
)
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base
from marketplace.payments.models import ID

SELLER = 60


class SellerAccount(Base):
    """
    Who is paid (``acct_…``): one per seller and world.

    *seller* is the owner's word in ``seller_payable:<seller>``. *settlement* is ``coop`` (we hold the money and pay out)
    or ``direct`` (Alipay holds it for the sub-merchant *smid*). The payee is sealed; *payee_hint* is what pages show.
    """

    __tablename__ = "payment_account"
    __table_args__ = (
        UniqueConstraint("livemode", "seller"),
        Index("ix_payment_account_created_at_id", "created_at", "id"),
        Index("ix_payment_account_person_id", "person_id"),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    seller: Mapped[str] = mapped_column(Code(SELLER))
    name: Mapped[str] = mapped_column(String(60), default="")
    area: Mapped[str] = mapped_column(Code(12), default="")
    person_id: Mapped[int | None] = mapped_column(Integer)
    settlement: Mapped[str] = mapped_column(Code(8), default="coop")
    smid: Mapped[str] = mapped_column(Code(64), default="")
    means: Mapped[str] = mapped_column(Code(8), default="")
    payee_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    payee_hint: Mapped[str] = mapped_column(String(40), default="")
    certify_no: Mapped[str] = mapped_column(Code(32), default="")
    certify_id: Mapped[str] = mapped_column(Code(64), default="")
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_by: Mapped[str] = mapped_column(Code(24), default="")
    blocked_for: Mapped[str] = mapped_column(String(120), default="")
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_verified(self) -> bool:
        """Whether somebody has made sure who this is."""
        return self.verified_at is not None

    @property
    def has_payee(self) -> bool:
        """Whether we know where the money is to go; cash goes into a hand."""
        return bool(self.means) and (self.means == "cash" or self.payee_sealed is not None)

    @property
    def can_be_paid(self) -> bool:
        """Stripe's ``payouts_enabled``."""
        return self.is_verified and self.has_payee and not self.blocked_for


class AccountLink(Base):
    """A way to the pages on which an account is set up; the word in it is stored as a hash and dies soon."""

    __tablename__ = "payment_account_link"

    key_hash: Mapped[str] = mapped_column(Code(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("payment_account.id"))
    return_url: Mapped[str] = mapped_column(Text)
    refresh_url: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BankList(Base):
    """Payouts that go to the bank together in one sheet; closed when the bank has answered for each."""

    __tablename__ = "payment_bank_list"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    payouts: Mapped[int] = mapped_column(Integer)
    total_fen: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Payout(Base):
    """
    Money on its way to a seller (``po_…``); the id is also the gateway's out_biz_no and stands on sheet and slip.

    The payee is frozen with it: what is paid is what was approved, whatever the account says later.
    """

    __tablename__ = "payment_payout"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        UniqueConstraint("account_id", "reference"),
        Index("ix_payment_payout_status_means", "status", "means"),
        Index("ix_payment_payout_list_id", "list_id"),
        Index("ix_payment_payout_created_at_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    account_id: Mapped[str] = mapped_column(ForeignKey("payment_account.id"))
    seller: Mapped[str] = mapped_column(Code(SELLER))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    means: Mapped[str] = mapped_column(Code(8))
    status: Mapped[str] = mapped_column(Code(12))
    payee_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    payee_hint: Mapped[str] = mapped_column(String(40), default="")
    reference: Mapped[str | None] = mapped_column(Code(120))
    description: Mapped[str] = mapped_column(String(120), default="")
    statement_descriptor: Mapped[str | None] = mapped_column(String(22))
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, default=dict)
    list_id: Mapped[int | None] = mapped_column(ForeignKey("payment_bank_list.id"))
    paid_from: Mapped[str] = mapped_column(Code(80), default="")
    trace: Mapped[str] = mapped_column(Code(64), default="")
    failure: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def shown_to_payee(self) -> str:
        """What the payee reads of it at Alipay, or the bank in its list."""
        return self.statement_descriptor or self.description or "货款"

    @property
    def is_returned(self) -> bool:
        """Whether it had arrived before it failed."""
        return self.status == "failed" and bool(self.paid_from)


class TransferReversal(Base):
    """A part of a release taken back from its seller (``trr_…``) into the payment it came from."""

    __tablename__ = "payment_transfer_reversal"
    __table_args__ = (
        CheckConstraint("amount_fen > 0 AND gross_fen >= amount_fen", name="amounts"),
        Index("ix_payment_transfer_reversal_transfer_id", "transfer_id"),
    )

    id: Mapped[str] = mapped_column(Code(ID), primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    transfer_id: Mapped[str] = mapped_column(ForeignKey("payment_transfer.id"))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    gross_fen: Mapped[int] = mapped_column(BigInteger)
    description: Mapped[str | None] = mapped_column(String(500))
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
