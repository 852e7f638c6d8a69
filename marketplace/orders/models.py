"""Orders as they are stored: what was bought at which price, what is held of the stock, and what goes back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commons.columns import Code, UtcDateTime
from commons.db import Base
from marketplace.orders.rules import RefundState


class Order(Base):
    """One purchase from one village, paid once. Words and prices are kept as the buyer saw them."""

    __tablename__ = "shop_order"
    __table_args__ = (
        UniqueConstraint("person_id", "form_key"),
        CheckConstraint("total_fen = goods_fen + delivery_fen", name="adds_up"),
        CheckConstraint("total_fen > 0", name="total_fen"),
        Index("ix_shop_order_person_id", "person_id", "state"),
        Index("ix_shop_order_buyer_hash", "buyer_hash"),
        Index("ix_shop_order_village_code", "village_code", "state"),
        Index("ix_shop_order_state", "state", "hold_until"),
        Index("ix_shop_order_payment_id", "payment_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    # The name in its address: nobody can guess it.
    number: Mapped[str] = mapped_column(Code(16), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    # Keyed hash of the buyer's telephone while the order waits for its money: who closes an account and opens another is the same buyer.
    buyer_hash: Mapped[str | None] = mapped_column(Code(64))
    village_code: Mapped[str] = mapped_column(Code(12))
    county_code: Mapped[str] = mapped_column(Code(6))
    state: Mapped[str] = mapped_column(Code(20))
    method: Mapped[str] = mapped_column(Code(10))
    way: Mapped[str] = mapped_column(Code(10))
    goods_fen: Mapped[int] = mapped_column(Integer)
    delivery_fen: Mapped[int] = mapped_column(Integer, default=0)
    total_fen: Mapped[int] = mapped_column(Integer)
    place_key: Mapped[str] = mapped_column(Code(20))
    place_words: Mapped[str] = mapped_column(String(120))
    ready_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ready_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Name, telephone and address for a parcel, as JSON, sealed; empty for a pickup.
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    parcel: Mapped[str] = mapped_column(String(60), default="")
    pickup_code: Mapped[str] = mapped_column(Code(6))
    payment_id: Mapped[str] = mapped_column(Code(40))
    form_key: Mapped[str] = mapped_column(Code(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hold_until: Mapped[datetime] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    packed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shipped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the buyer asked for longer, once
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(Code(20), default="")

    lines: Mapped[list[OrderLine]] = relationship(back_populates="order", order_by="OrderLine.id")
    holds: Mapped[list[StockHold]] = relationship(order_by="StockHold.lot_id")
    refunds: Mapped[list[OrderRefund]] = relationship(back_populates="order", order_by="OrderRefund.id")

    @property
    def is_paid(self) -> bool:
        """Say whether the money has come."""
        return self.paid_at is not None


class OrderLine(Base):
    """So much of one lot, in the words and at the price of the moment of buying."""

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "lot_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("amount_fen = price_fen * quantity", name="amount_fen"),
        CheckConstraint("refunded_fen >= 0 AND refunded_fen <= amount_fen", name="refunded_fen"),
        Index("ix_order_line_seller_id", "seller_id", "packed_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("shop_order.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("seller.id"))
    seller_words: Mapped[str] = mapped_column(String(160))
    name: Mapped[str] = mapped_column(String(30))
    unit: Mapped[str] = mapped_column(String(12))
    harvest_on: Mapped[date] = mapped_column(Date)
    origin_code: Mapped[str] = mapped_column(Code(12))
    price_fen: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(Integer)
    amount_fen: Mapped[int] = mapped_column(Integer)
    refunded_fen: Mapped[int] = mapped_column(Integer, default=0)
    packed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    order: Mapped[Order] = relationship(back_populates="lines")


class StockHold(Base):
    """What an order took out of a lot's stock: *held* until it is paid, then *taken*; or *released* back, once."""

    __tablename__ = "stock_hold"
    __table_args__ = (
        UniqueConstraint("order_id", "lot_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_stock_hold_lot_id", "lot_id", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("shop_order.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    quantity: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Code(10))


class OrderRefund(Base):
    """Money that goes back, or that a buyer asks for: for one line, or (no line) for the whole order."""

    __tablename__ = "order_refund"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_fen"),
        Index("ix_order_refund_order_id", "order_id", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("shop_order.id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id"))
    amount_fen: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(Code(20))
    words: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(Code(10))
    answer: Mapped[str] = mapped_column(Text, default="")
    payment_refund_id: Mapped[str | None] = mapped_column(Code(40), unique=True)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    order: Mapped[Order] = relationship(back_populates="refunds")
    line: Mapped[OrderLine | None] = relationship()

    @property
    def is_open(self) -> bool:
        """Whether the seller's money waits for this one."""
        return RefundState(self.state).is_open
