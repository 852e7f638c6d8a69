"""Serving stored files."""

from __future__ import annotations

from flask import Blueprint, Response, send_file

from commons.accounts.permissions import allow
from commons.errors import Missing
from commons.uploads.queries import visible_upload

bp = Blueprint("uploads", __name__)

# A file is shown, never run: not even if a browser took it for a page.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@bp.get("/files/<key>")
@allow("see-files")
def show_file(key: str) -> Response:
    """Everyone sees public files; others only whom the file's kind says yes to."""
    upload = visible_upload(key)
    if not upload.file.is_file():
        raise Missing()
    answer = send_file(
        upload.file,
        mimetype=upload.mime,
        conditional=True,
        etag=upload.sha256,
        last_modified=upload.created_at,
    )
    answer.headers["Content-Disposition"] = f'inline; filename="{upload.path.rsplit("/", 1)[1]}"'
    answer.headers["Content-Security-Policy"] = POLICY
    is_public = upload.visibility == "public"
    answer.headers["Cache-Control"] = "public, max-age=86400" if is_public else "private, no-store"
    return answer
