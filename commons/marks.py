"""Marks written into the database itself; above all the one that says: this is a demonstration."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commons import clock
from commons.columns import UtcDateTime
from commons.db import Base, db
from commons.errors import Missing, Refusal
from commons.settings import current

DEMONSTRATION = "demonstration"


class Mark(Base):
    """One fact about this database as a whole."""

    __tablename__ = "mark"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    words: Mapped[str] = mapped_column(Text, default="")
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DemonstrationStands(Refusal):
    """The database is marked as a demonstration, and this is for a real deployment."""

    code = "demonstration"

    def __init__(self, what: str) -> None:
        super().__init__(f"这是演示数据库，不能{what}；正式使用请换一个新的数据库")


def is_demonstration() -> bool:
    """Say whether ``demo load`` marked this database."""
    return db.session.get(Mark, DEMONSTRATION) is not None


def set_demonstration() -> None:
    """Mark the database as a demonstration, for ever. Runs inside ``transaction()``."""
    if db.session.get(Mark, DEMONSTRATION) is None:
        db.session.add(Mark(name=DEMONSTRATION, set_at=clock.now()))


def refuse_in_demonstration(what: str) -> None:
    """Raise :class:`DemonstrationStands` if the mark stands; *what* is a Chinese verb phrase."""
    if is_demonstration():
        raise DemonstrationStands(what)


def demonstration_only() -> None:
    """Raise ``Missing`` unless the mark stands and the server listens to this machine alone."""
    if not (is_demonstration() and current().is_for_one_machine):
        raise Missing()
