"""What the money pages have in common: the days that are asked for, and files to take away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Response

from commons import clock

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def span(args: Mapping[str, Any]) -> tuple[date, date]:
    """Return the days asked for as ``since`` and ``until``: the last thirty when nothing sensible is."""
    today = clock.today()
    until = min(_day(args.get("until"), today), today)
    since = _day(args.get("since"), until - timedelta(days=29))
    return min(since, until), until


def _day(text: Any, default: date) -> date:
    return clock.day_of(str(text)) or default


def download(content: bytes, name: str) -> Response:
    """Return a file to be saved under *name*; a PDF opens in the browser, to be printed."""
    kind = name.rpartition(".")[2]
    answer = Response(content, content_type=KINDS[kind])
    way = "inline" if kind == "pdf" else "attachment"
    answer.headers["Content-Disposition"] = f"{way}; filename={name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer
