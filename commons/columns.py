"""Column types and mixins that several packages share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String, TypeDecorator
from sqlalchemy.types import JSON

from commons.db import SRID
from commons.geometry import Geometry, WKTElement

# Codes sort and compare by byte on both databases, so that a prefix is a range.
CODE_COLLATION = {"postgresql": "C"}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Code(TypeDecorator[str]):
    """A code of at most *length* ASCII characters, compared by byte on both databases."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(self.length, collation=CODE_COLLATION.get(dialect.name)))


class PointColumn(Geometry):
    """A place on the ground: a point in CGCS2000, with a spatial index."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__("POINT", srid=SRID, spatial_index=True)


def point(lng: float, lat: float) -> WKTElement:
    """Return the place (*lng*, *lat*) in degrees, CGCS2000/WGS-84, ready to be stored."""
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        raise ValueError(f"not a place on earth: lng {lng}, lat {lat}")
    return WKTElement(f"POINT({lng!r} {lat!r})", srid=SRID)


def area(wkt: str) -> WKTElement:
    """Return an area given as WKT in degrees, ready to be stored."""
    return WKTElement(wkt, srid=SRID)


__all__ = ["JSON", "Code", "PointColumn", "UtcDateTime", "area", "point"]
