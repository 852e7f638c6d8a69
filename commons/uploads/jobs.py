"""Taking away files that were removed, and files whose row was never committed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from commons import clock
from commons.db import db
from commons.outbox import job
from commons.uploads.models import Upload, uploads_folder

ORPHAN_AFTER = timedelta(days=1)


@job("upload.erase")
def erase(upload_id: int) -> None:
    """Remove the bytes of an upload. Safe to repeat: a file that is gone stays gone. The row stays, since others may refer to it."""
    row = db.session.get(Upload, upload_id)
    if row is not None and row.removed_at is not None:
        row.file.unlink(missing_ok=True)


@job("upload.sweep", every=timedelta(days=1), offset=timedelta(hours=19))
def sweep() -> None:
    """Remove files older than a day that no row names. Safe to repeat; at three at night in China."""
    limit = (clock.now() - ORPHAN_AFTER).timestamp()
    for path in uploads_folder().glob("*/*/*.*"):
        if path.stat().st_mtime < limit:
            name = path.relative_to(uploads_folder()).as_posix()
            if (
                db.session.scalar(select(Upload.id).where(Upload.path == name, Upload.removed_at.is_(None)))
                is None
            ):
                path.unlink(missing_ok=True)
