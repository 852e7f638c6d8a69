"""Households as they are stored. Names and telephones are sealed; nothing is removed when somebody leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import Code, UtcDateTime
from commons.db import Base
from commons.security import open_text


class Household(Base):
    """People who live together behind a door; ``number`` tells several behind one door apart and is never given twice."""

    __tablename__ = "household"
    __table_args__ = (
        UniqueConstraint("door_id", "number"),
        Index("ix_household_village_code", "village_code"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    door_id: Mapped[int] = mapped_column(ForeignKey("door.id"))
    village_code: Mapped[str] = mapped_column(Code(12))
    county_code: Mapped[str] = mapped_column(Code(6))
    number: Mapped[int] = mapped_column(Integer)
    occupancy: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HouseholdChange(Base):
    """How a household's state changed: what it was, what it became, when and by whom."""

    __tablename__ = "household_change"
    __table_args__ = (Index("ix_household_change_household_id", "household_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    before: Mapped[str] = mapped_column(String(10))
    after: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Member(Base):
    """
    Somebody who belongs, or belonged, to a household.

    ``phone_sealed`` and ``phone_hash`` hold what an officer wrote down, until the person signs in and says "that is me"
    (before ``claim_until``); from then on the account's own telephone counts. Without ``person_id`` nobody sees anything by it.
    ``living_key`` is unique and empty after leaving, so that no one is in a household twice.
    """

    __tablename__ = "household_member"
    __table_args__ = (
        Index("ix_household_member_household_id", "household_id"),
        Index("ix_household_member_person_id", "person_id"),
        Index("ix_household_member_phone_hash", "phone_hash"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_hash: Mapped[str | None] = mapped_column(Code(64))
    claim_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    is_away: Mapped[bool] = mapped_column(Boolean, default=False)
    way: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_reason: Mapped[str] = mapped_column(String(16), default="")
    living_key: Mapped[str | None] = mapped_column(Code(40), unique=True)

    @property
    def name(self) -> str:
        """The name in clear; empty after the person closed the account."""
        return "" if self.name_sealed is None else open_text(self.name_sealed)

    @property
    def written_phone(self) -> str:
        """The telephone an officer wrote down, in clear; empty where there is none, or the account's own counts."""
        return "" if self.phone_sealed is None else open_text(self.phone_sealed)


class Slip(Base):
    """A paper slip (入户单) for one household: works once, for seven days. Only its hash is kept."""

    __tablename__ = "household_slip"
    __table_args__ = (Index("ix_household_slip_household_id", "household_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"))
    code_hash: Mapped[str] = mapped_column(Code(64), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("household_member.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JoinRequest(Base):
    """
    Somebody asks to be let in at a door; ``answer`` is waiting, agreed, refused or withdrawn.

    It names a door and no household: whoever asks learns nothing of who lives there, and a member agrees for the own one.
    """

    __tablename__ = "household_request"
    __table_args__ = (
        Index("ix_household_request_door_id", "door_id"),
        Index("ix_household_request_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    door_id: Mapped[int] = mapped_column(ForeignKey("door.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(10))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    waiting_key: Mapped[str | None] = mapped_column(Code(40), unique=True)

    @property
    def name(self) -> str:
        """How the person who asks is called."""
        return "" if self.name_sealed is None else open_text(self.name_sealed)
