"""Plates and notices that could exist, without any database behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from geocode.door_codes import new_codes
from village.papers.batch import PrintedBatch, print_batch
from village.papers.notice_words import NoticeWords
from village.papers.plate_face import PlateFace
from village.papers.plate_sheet import Sheet
from village.papers.qr import plate_url

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def make_face(*, code: str = "ABCDE2345E", host: str = "xq.gov.cn", **changes: Any) -> PlateFace:
    """A plate of 青石湾村; the telephone comes from an area code that does not exist."""
    face = PlateFace(
        town="柳河镇",
        village="青石湾村",
        group="三组",
        number="12",
        code=code,
        url=plate_url(host, code),
        host_text=host,
        duty_phone="0270-0000012",
    )
    return replace(face, **changes)


def make_faces(count: int, **changes: Any) -> list[PlateFace]:
    """Plates with fresh codes and running numbers."""
    return [
        make_face(code=code, **{"number": str(number), **changes})
        for number, code in enumerate(new_codes(count), start=1)
    ]


def make_batch(faces: list[PlateFace] | None = None, *, sheet: Sheet | None = None) -> PrintedBatch:
    """A printed batch, small plates on A3 unless said otherwise."""
    return print_batch(faces or make_faces(2), sheet or Sheet("青石湾村", 3), NOW)


def make_notice(**changes: Any) -> NoticeWords:
    """A notice about water, valid for three days."""
    notice = NoticeWords(
        village="青石湾村",
        affair="村务",
        title="关于三组检修水管临时停水的通知",
        text="各位乡亲：三组定于 11 月 25 日 8:00-12:00 停水。\n请提前存水，急用请打 0270-0000008。",
        signed_by="青石湾村村民委员会",
        posted_at=NOW,
        day=(NOW + timedelta(days=3)).date(),
        day_meaning="停水",
        until=NOW + timedelta(days=30),
        phone="0270-0000008",
        url="https://xq.gov.cn/notices/12",
    )
    return replace(notice, **changes)
