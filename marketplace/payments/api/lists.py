"""Lists as Stripe pages them: newest first, by the id of the last object seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, SQLColumnExpression, tuple_

from commons.db import db
from marketplace.payments.api.errors import bad_parameter, no_such
from marketplace.payments.api.params import SPAN, Int, Kind, Text
from marketplace.payments.api.registry import Call

Row = TypeVar("Row")
Shown = dict[str, Any]

PAGE: dict[str, Kind] = {
    "limit": Int(least=1, most=100, about="How many objects, 10 if not given."),
    "starting_after": Text(longest=64, about="The id of the last object of the page before."),
    "ending_before": Text(longest=64, about="The id of the first object of the page behind."),
}
DATED: dict[str, Kind] = PAGE | {"created": SPAN}


def page(
    call: Call,
    url: str,
    wanted: Select[Row],
    model: Any,
    show: Callable[[Sequence[Row]], list[Shown]],
) -> Shown:
    """
    Return one page of *wanted* (already restricted to the caller) as a ``list``.

    *model* has ``id`` and ``created_at``; *show* turns rows into objects, all at once, so that it can ask for what
    belongs to them in one go.
    """
    limit = call.params.get("limit", 10)
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after and before:
        raise bad_parameter("ending_before", "You cannot specify both starting_after and ending_before.")
    place = tuple_(model.created_at, model.id)
    wanted = within(wanted, model.created_at, call.params.get("created"))
    if before:
        rows = wanted.where(place > _cursor(call, wanted, model, "ending_before"))
        found = list(db.session.scalars(rows.order_by(model.created_at, model.id).limit(limit + 1)))
        has_more, found = len(found) > limit, found[:limit][::-1]
    else:
        if after:
            wanted = wanted.where(place < _cursor(call, wanted, model, "starting_after"))
        newest = wanted.order_by(model.created_at.desc(), model.id.desc()).limit(limit + 1)
        found = list(db.session.scalars(newest))
        has_more, found = len(found) > limit, found[:limit]
    return listed(url, show(found), has_more=has_more)


def listed(url: str, data: list[Shown], *, has_more: bool = False) -> Shown:
    """Return *data* as a ``list``."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _cursor(call: Call, wanted: Select[Row], model: Any, param: str) -> tuple[datetime, str]:
    """Return the place of the object that *param* names, which has to be one that the caller could have seen in a list like this."""
    scope = wanted.with_only_columns(model.created_at, model.id).order_by(None)
    key = call.params[param]
    row = db.session.execute(scope.where(model.id == key)).first()
    if row is None:
        error = no_such(call.kind, key, param)
        error.status = 400
        raise error
    return (row.created_at, row.id)


def within(wanted: Select[Row], column: SQLColumnExpression[datetime], span: Any) -> Select[Row]:
    """Restrict to a span of moments such as ``created``; objects show whole seconds, so a second is all of its moments."""
    if span is None:
        return wanted
    if isinstance(span, int):
        span = {"gte": span, "lte": span}
    begins = [span[word] + step for word, step in (("gte", 0), ("gt", 1)) if word in span]
    ends = [span[word] + step for word, step in (("lt", 0), ("lte", 1)) if word in span]
    for second in begins:
        wanted = wanted.where(column >= datetime.fromtimestamp(second, UTC))
    for second in ends:
        wanted = wanted.where(column < datetime.fromtimestamp(second, UTC))
    return wanted
