"""``/v1/events``: what happened, as it was then."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, not_, or_, select

from commons.db import db
from marketplace.payments.api.errors import bad_parameter, no_such
from marketplace.payments.api.lists import DATED, page
from marketplace.payments.api.params import Bool, Listing, Params, Text
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import mine
from marketplace.payments.objects import event_object
from marketplace.payments.record_models import PaymentEvent
from marketplace.payments.webhooks.claiming import pending_webhooks
from marketplace.payments.webhooks.queries import is_undelivered

TYPES = Listing(of=Text(longest=60), most=20, about="Only events of these types.")


@endpoint("GET", "/v1/events/<id>", answers="event")
def retrieve_event(call: Call) -> Answer:
    """Retrieve an event."""
    found = db.session.scalar(_visible(call).where(PaymentEvent.id == call.id))
    if found is None:
        raise no_such("event", call.id)
    return _show([found])[0]


LIST = Params(
    **DATED,
    type=Text(longest=60),
    types=TYPES,
    delivery_success=Bool(about="Whether every endpoint that wants it has it."),
)


@endpoint("GET", "/v1/events", LIST, answers="list:event")
def list_events(call: Call) -> Answer:
    """List events, newest first; a type may end in ``.*``."""
    wanted = _visible(call)
    if "type" in call.params and "types" in call.params:
        raise bad_parameter("types", "You may only specify one of these parameters: type, types.")
    kinds = [call.params["type"]] if "type" in call.params else call.params.get("types")
    if "delivery_success" in call.params:
        on_its_way = is_undelivered(PaymentEvent.id)
        wanted = wanted.where(not_(on_its_way) if call.params["delivery_success"] else on_its_way)
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
