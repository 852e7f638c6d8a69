"""Sellers, products and lots as they are stored; stock can never fall below nothing."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commons.columns import Code, UtcDateTime
from commons.db import Base


class Seller(Base):
    """A household, co-op or company that sells; nothing of theirs is published before an official has verified them."""

    __tablename__ = "seller"
    __table_args__ = (
        Index("ix_seller_village_code", "village_code"),
        Index("ix_seller_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    # The person who sees its orders; empty for a household without a telephone, served by the village.
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    village_code: Mapped[str] = mapped_column(Code(12))
    county_code: Mapped[str] = mapped_column(Code(6))
    kind: Mapped[str] = mapped_column(String(12))
    public_name: Mapped[str] = mapped_column(String(30))
    group_words: Mapped[str] = mapped_column(String(20))
    licence_no: Mapped[str] = mapped_column(String(18), default="")
    supplier_group: Mapped[str] = mapped_column(String(60), default="")
    entered_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form_key: Mapped[str] = mapped_column(Code(40), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def is_open(self) -> bool:
        """Say whether the seller may sell."""
        return self.verified_at is not None and self.closed_at is None


class Product(Base):
    """One thing that a seller offers. Its origin is a cell of the grid code, never a door."""

    __tablename__ = "product"
    __table_args__ = (
        Index("ix_product_village_code", "village_code", "withdrawn_at"),
        Index("ix_product_category", "category", "withdrawn_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("seller.id"))
    village_code: Mapped[str] = mapped_column(Code(12))
    county_code: Mapped[str] = mapped_column(Code(6))
    name: Mapped[str] = mapped_column(String(30))
    category: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(String(60), default="")
    inputs: Mapped[str] = mapped_column(Text, default="")  # what was used on it, and when
    certificate: Mapped[str] = mapped_column(String(80), default="")
    origin_code: Mapped[str] = mapped_column(Code(12))
    has_origin_consent: Mapped[bool] = mapped_column(Boolean, default=False)
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form_key: Mapped[str] = mapped_column(Code(40), unique=True)

    seller: Mapped[Seller] = relationship()
    lots: Mapped[list[Lot]] = relationship(back_populates="product", order_by="Lot.id")


class Lot(Base):
    """One harvest of one product. ``stock_left`` counts what nobody has bought or holds."""

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("stock_left >= 0", name="stock_left"),
        CheckConstraint("price_fen > 0", name="price_fen"),
        Index("ix_lot_product_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    harvest_on: Mapped[date] = mapped_column(Date)
    unit: Mapped[str] = mapped_column(String(12))
    price_fen: Mapped[int] = mapped_column(Integer)
    stock_left: Mapped[int] = mapped_column(Integer)
    stock_first: Mapped[int] = mapped_column(Integer)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    product: Mapped[Product] = relationship(back_populates="lots")
