"""What 我的资料 takes along of the files that a person sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from commons.accounts.queries import exported, exported_moment
from commons.db import db
from commons.uploads.models import Upload

KIND_WORDS = {"picture": "图片", "voice": "录音"}


@exported("图片和录音", "upload.person_id")
def uploads(person_id: int) -> list[dict[str, Any]]:
    """Return the files that a person sent and that are still kept."""
    kept = select(Upload).where(Upload.person_id == person_id, Upload.removed_at.is_(None))
    return [
        {
            "时间": exported_moment(row.created_at),
            "哪一种": KIND_WORDS.get(row.kind, row.kind),
            "字节": row.size,
            "地址": row.url,
        }
        for row in db.session.scalars(kept.order_by(Upload.id))
    ]
