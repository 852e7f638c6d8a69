"""The gateway's daily bills, line by line, with what was found in each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import JSON, Code, UtcDateTime
from commons.db import Base


class Bill(Base):
    """
    One day of one application. *moved_fen* is what the gateway's account gained that day by its bill, *booked_fen* what
    the postings of the same lines made of ``alipay_clearing``; the two are equal when the day is clean.
    """

    __tablename__ = "payment_bill"
    __table_args__ = (UniqueConstraint("app_id", "livemode", "day"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    app_id: Mapped[str] = mapped_column(Code(32))
    livemode: Mapped[bool] = mapped_column(Boolean)
    day: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Code(10))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    last_words: Mapped[str] = mapped_column(String(200), default="")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fee_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    moved_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    booked_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    closing_fen: Mapped[int | None] = mapped_column(BigInteger)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BillLine(Base):
    """
    One line of a bill: of the ``trade`` sheet (payments, refunds) or the ``balance`` sheet (every movement).

    *verdict* is one of the five classes; *posting* the posting of the ledger that is the same movement.
    """

    __tablename__ = "payment_bill_line"
    __table_args__ = (
        UniqueConstraint("bill_id", "sheet", "position"),
        Index("ix_payment_bill_line_out_trade_no", "out_trade_no"),
        Index("ix_payment_bill_line_posting", "posting"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    bill_id: Mapped[int] = mapped_column(ForeignKey("payment_bill.id"))
    sheet: Mapped[str] = mapped_column(Code(8))
    position: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(64), default="")
    out_trade_no: Mapped[str] = mapped_column(String(64))
    kind_words: Mapped[str] = mapped_column(String(40))
    out_request_no: Mapped[str] = mapped_column(String(128), default="")
    trade_no: Mapped[str] = mapped_column(String(64), default="")
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    fee_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[str] = mapped_column(Code(16), default="")
    posting: Mapped[str] = mapped_column(String(180), default="")
