"""Storing clean files and taking them away again."""

from __future__ import annotations

import secrets

from flask import g, has_request_context

from commons import clock
from commons.db import db
from commons.outbox import enqueue
from commons.uploads.cleaning import CleanFile, Sent
from commons.uploads.models import Upload, uploads_folder
from commons.uploads.pictures import clean_picture
from commons.uploads.voices import clean_voice

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def store(clean: CleanFile, *, visibility: str = "public") -> Upload:
    """
    Write *clean* to the disk and its row into the current transaction.

    *visibility* is ``public`` or a name under which ``may_see`` was registered. If the transaction rolls back, the file without a row is
    swept away a day later.
    """
    digest = clean.sha256
    key = "".join(secrets.choice(ALPHABET) for _ in range(26))
    path = f"{digest[:2]}/{digest[2:4]}/{key}.{clean.suffix}"
    target = uploads_folder() / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("xb") as file:
        target.chmod(0o600)
        file.write(clean.content)
    upload = Upload(
        key=key, kind=clean.kind, visibility=visibility, path=path, mime=clean.mime, size=len(clean.content),
        sha256=digest, seconds=clean.seconds, width=clean.width, height=clean.height,
        person_id=g.get("person_id") if has_request_context() else None, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(upload)
    db.session.flush()  # the caller's row refers to its number
    return upload


def store_picture(sent: Sent | CleanFile, *, visibility: str = "public", field: str = "picture") -> Upload:
    """Clean and store a picture; give it a ``clean_picture()`` made before the transaction to keep that short."""
    clean = sent if isinstance(sent, CleanFile) else clean_picture(sent, field)
    return store(clean, visibility=visibility)


def store_voice(sent: Sent | CleanFile, *, visibility: str = "public", field: str = "voice") -> Upload:
    """Clean and store a recording; give it a ``clean_voice()`` made before the transaction to keep that short."""
    clean = sent if isinstance(sent, CleanFile) else clean_voice(sent, field)
    return store(clean, visibility=visibility)


def remove_upload(upload: Upload) -> None:
    """Stop showing *upload* at once; a job takes the bytes away."""
    if upload.removed_at is None:
        upload.removed_at = clock.now()
        enqueue("upload.erase", upload_id=upload.id)
