"""People, their sign-ins and codes, officials and what they are appointed to, and consents."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from commons.columns import Code, UtcDateTime
from commons.db import Base
from commons.security import open_text


class Person(Base):
    """Somebody with an account. A closed account keeps its number and its moments, and nothing personal."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_hash: Mapped[str | None] = mapped_column(Code(64), unique=True)
    phone_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    name: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    official: Mapped[Official | None] = relationship(back_populates="person", uselist=False)

    @property
    def phone(self) -> str | None:
        """The telephone in clear; None when there is none or the account is closed."""
        return None if self.phone_sealed is None else open_text(self.phone_sealed)


class Official(Base):
    """What a person needs to work at the desk: a name to sign in with, a password, a second factor."""

    __tablename__ = "official"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sign_in_name: Mapped[str] = mapped_column(Code(30), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=True)
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    # "" until enrolled, then "totp" or "sms".
    second_factor: Mapped[str] = mapped_column(String(10), default="")
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # A TOTP code counts once: the last 30-second step that was used.
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    organisation: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(back_populates="official")


class RecoveryCode(Base):
    """One of the ten paper codes that stand in for a lost second factor, each once."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    code_hash: Mapped[str] = mapped_column(Code(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Appointment(Base):
    """A role held over an area, from a moment until a moment; it covers every area whose code begins with its own."""

    __tablename__ = "appointment"
    __table_args__ = (
        Index("ix_appointment_person_id", "person_id"),
        Index("ix_appointment_role_area", "role", "area"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    area: Mapped[str] = mapped_column(Code(20))
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    appointed_by: Mapped[int | None] = mapped_column(Integer)

    person: Mapped[Person] = relationship()


class Consent(Base):
    """One thing a person agreed to, by which words, when, and when that was taken back."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(30))
    version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OneTimeCode(Base):
    """Six digits that prove one phone for one purpose, once; only their hash is kept."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_phone_hash", "phone_hash", "purpose"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    phone_hash: Mapped[str] = mapped_column(Code(64))
    purpose: Mapped[str] = mapped_column(String(20))
    code_hash: Mapped[str] = mapped_column(Code(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The official who read it out face to face; empty when it went by message.
    made_by: Mapped[int | None] = mapped_column(Integer)


class SignIn(Base):
    """
    One browser that is signed in, or half way there.

    Kinds: ``person``; ``official`` (password and second factor given); ``consent`` (phone proved, terms not yet accepted,
    so there may be no person yet); ``second`` (password given, second factor still to come); ``change`` (both given, the temporary password must still be replaced).
    """

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    token_hash: Mapped[str] = mapped_column(Code(64), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    one_visit: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
