"""Files that came from outside, after they were made anew."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from commons.columns import Code, UtcDateTime
from commons.db import Base
from commons.settings import current


class Upload(Base):
    """
    One stored file. ``key`` is random and is its public name; ``visibility`` is ``public``, or names who decides.

    Everything but ``public`` is shown only where a function registered by ``may_see(visibility)`` says yes.
    """

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_removed_at", "removed_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(Code(32), unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # picture, voice
    visibility: Mapped[str] = mapped_column(String(30))
    path: Mapped[str] = mapped_column(String(120))
    mime: Mapped[str] = mapped_column(String(40))
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(Code(64))
    seconds: Mapped[float | None] = mapped_column(Float)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def url(self) -> str:
        """The address of the file on this site."""
        return f"/files/{self.key}"

    @property
    def file(self) -> Path:
        """Where the bytes are."""
        return uploads_folder() / self.path


def uploads_folder() -> Path:
    """Return the folder of all stored files."""
    return current().instance_dir / "uploads"
