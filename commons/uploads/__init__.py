"""Pictures and voices from outside: made anew before they are stored, served by random names to those who may see them."""

from __future__ import annotations

from flask import Flask

from commons.uploads.actions import remove_upload, store, store_picture, store_voice
from commons.uploads.cleaning import CleanFile
from commons.uploads.models import Upload
from commons.uploads.pictures import clean_picture
from commons.uploads.queries import may_see
from commons.uploads.voices import clean_voice

__all__ = [
    "CleanFile", "Upload", "clean_picture", "clean_voice", "init_app", "may_see", "remove_upload",
    "store", "store_picture", "store_voice",
]  # fmt: skip


def init_app(app: Flask) -> None:
    """Bring the page that serves files, and the jobs that remove them, into *app*."""
    from commons.uploads import export, jobs, pages  # noqa: F401 - the jobs register themselves

    app.register_blueprint(pages.bp)
