"""``/v1/events``: what happened, as it was then."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, or_, select

from commons.db import db
from marketplace.payments.api.errors import no_such
from marketplace.payments.api.lists import DATED, page
from marketplace.payments.api.params import Listing, Params, Text
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import mine
from marketplace.payments.objects import event_object
from marketplace.payments.record_models import PaymentEvent
from marketplace.payments.webhooks.claiming import pending_webhooks

TYPES = Listing(of=Text(longest=60), most=20, about="Only events of these types.")


@endpoint("GET", "/v1/events/<id>", answers="event")
def retrieve_event(call: Call) -> Answer:
    """Retrieve an event."""
    found = db.session.scalar(_visible(call).where(PaymentEvent.id == call.id))
    if found is None:
        raise no_such("event", call.id)
    return _show([found])[0]


@endpoint("GET", "/v1/events", Params(**DATED, type=Text(longest=60), types=TYPES), answers="list:event")
def list_events(call: Call) -> Answer:
    """List events, newest first; a type may end in ``.*``."""
    wanted = _visible(call)
    kinds = list(call.params.get("types") or [])
    if "type" in call.params:
        kinds.append(call.params["type"])
    if kinds:
        wanted = wanted.where(or_(*(_of_type(kind) for kind in kinds)))
    return page(call, "/v1/events", wanted, PaymentEvent, _show)


def _of_type(kind: str) -> ColumnElement[bool]:
    if kind.endswith(".*"):
        return PaymentEvent.type.startswith(kind[:-1], autoescape=True)
    return PaymentEvent.type == kind


def _visible(call: Call) -> Select[PaymentEvent]:
    return select(PaymentEvent).where(mine(call, PaymentEvent))


def _show(rows: Sequence[PaymentEvent]) -> list[Answer]:
    pending = pending_webhooks([row.id for row in rows])
    return [event_object(row, pending.get(row.id, 0)) for row in rows]
