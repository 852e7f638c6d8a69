"""Accounts, transfers between two of them, and the balances that triggers keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import Code, UtcDateTime
from commons.db import Base

# Money tables outlive four thousand million rows; SQLite counts only in a column called INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


class LedgerAccount(Base):
    """One account of one world (live or test). Never changed, never removed."""

    __tablename__ = "ledger_account"
    __table_args__ = (UniqueConstraint("livemode", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    livemode: Mapped[bool] = mapped_column(Boolean)
    code: Mapped[str] = mapped_column(Code(80))
    side: Mapped[str] = mapped_column(String(6))
    is_hot: Mapped[bool] = mapped_column(Boolean)
    may_go_below: Mapped[bool] = mapped_column(Boolean)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerTransfer(Base):
    """
    So many fen from one account to another: sum zero by construction.

    *kind* says which posting it is and *ref* what it belongs to; one posting exists at most once. Triggers refuse every
    change and removal, a transfer between the two worlds, and one that overdraws an account that may not be.
    """

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        UniqueConstraint("kind", "ref"),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        CheckConstraint("debit_account <> credit_account", name="two_accounts"),
        Index("ix_ledger_transfer_debit_account_id", "debit_account", "id"),
        Index("ix_ledger_transfer_credit_account_id", "credit_account", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    debit_account: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"))
    credit_account: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Code(40))
    ref: Mapped[str] = mapped_column(Code(120))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerBalance(Base):
    """
    What was debited and credited up to the transfer *through_id*.

    For an ordinary account a trigger keeps it current; for a hot one it is the last snapshot. Made by a trigger together
    with its account, and written by nothing in Python but the snapshot.
    """

    __tablename__ = "ledger_balance"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("ledger_account.id"), primary_key=True, autoincrement=False
    )
    through_id: Mapped[int] = mapped_column(BigInteger)
    debits_fen: Mapped[int] = mapped_column(BigInteger)
    credits_fen: Mapped[int] = mapped_column(BigInteger)
