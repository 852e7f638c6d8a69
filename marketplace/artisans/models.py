"""Artisans as they are stored: the telephone sealed, the choice recorded, the home known to no finer than a cell."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commons.columns import Code, UtcDateTime
from commons.db import Base


class Artisan(Base):
    """A person of a trade. Appears only while verified, not withdrawn, and with a certificate that is still good."""

    __tablename__ = "artisan"
    __table_args__ = (
        Index("ix_artisan_h3_near", "h3_near"),
        Index("ix_artisan_village_code", "village_code"),
        Index("ix_artisan_phone_hash", "phone_hash"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    village_code: Mapped[str] = mapped_column(Code(12))
    county_code: Mapped[str] = mapped_column(Code(6))
    public_name: Mapped[str] = mapped_column(String(20))
    price_guide: Mapped[str] = mapped_column(String(80), default="")
    contact: Mapped[str] = mapped_column(String(10))
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_hash: Mapped[str] = mapped_column(Code(64))
    h3_near: Mapped[int] = mapped_column(BigInteger)
    # A fixed random order among those equally far away.
    lot: Mapped[int] = mapped_column(Integer)
    consent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    consent_way: Mapped[str] = mapped_column(String(12))
    consent_recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    certificate: Mapped[str] = mapped_column(String(60), default="")
    certificate_until: Mapped[date | None] = mapped_column(Date)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    form_key: Mapped[str] = mapped_column(Code(40), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    trades: Mapped[list[ArtisanTrade]] = relationship(back_populates="artisan", order_by="ArtisanTrade.id")


class ArtisanTrade(Base):
    """One trade of one artisan."""

    __tablename__ = "artisan_trade"
    __table_args__ = (Index("ix_artisan_trade_trade", "trade", "artisan_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    artisan_id: Mapped[int] = mapped_column(ForeignKey("artisan.id"))
    trade: Mapped[str] = mapped_column(String(20))

    artisan: Mapped[Artisan] = relationship(back_populates="trades")
