"""Which file a name means, and whether the person here may see it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from commons.db import db
from commons.errors import Missing
from commons.uploads.models import Upload

Judge = Callable[[Upload], bool]
_judges: dict[str, Judge] = {}


def may_see(visibility: str) -> Callable[[Judge], Judge]:
    """Register the function that says whether the person here may see a file of this *visibility*."""

    def register(judge: Judge) -> Judge:
        _judges[visibility] = judge
        return judge

    return register


def visible_upload(key: str) -> Upload:
    """
    Return the file called *key*.

    Raises:
        Missing: there is none, it was removed, or it is not for the person here; all three look the same.
    """
    # What cannot be a key is not asked for: one database refuses a zero byte altogether.
    is_possible = key.isascii() and key.isalnum()
    found = db.session.scalar(select(Upload).where(Upload.key == key)) if is_possible else None
    if found is None or found.removed_at is not None:
        raise Missing()
    if found.visibility != "public":
        judge = _judges.get(found.visibility)
        if judge is None or not judge(found):
            raise Missing()
    return found
