"""``/v1/charges``: money that came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from commons.db import db
from marketplace.payments.api.expand import expands, includes
from marketplace.payments.api.lists import DATED, listed, page
from marketplace.payments.api.params import Params, Text
from marketplace.payments.api.refunds import refunds_shown
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import is_named, my_charges, my_refunds, the
from marketplace.payments.models import Charge, PaymentIntent, Refund
from marketplace.payments.objects import charge_object

URL = "/v1/charges"
LIST = Params(
    **DATED, payment_intent=Text(longest=64), customer=Text(longest=64), transfer_group=Text(longest=200)
)
MOST_REFUNDS_SHOWN = 10


@endpoint("GET", f"{URL}/<id>", answers="charge")
def retrieve_charge(call: Call) -> Answer:
    """Retrieve a charge."""
    return charges_shown([the(call, my_charges(call), Charge, call.id, ("charge", "id"))])[0]


@endpoint("GET", URL, LIST, answers="list:charge")
def list_charges(call: Call) -> Answer:
    """List charges, newest first."""
    wanted = my_charges(call)
    if "payment_intent" in call.params:
        wanted = wanted.where(Charge.intent_id == call.params["payment_intent"])
    if "customer" in call.params:
        wanted = wanted.where(
            PaymentIntent.customer == call.params["customer"], is_named(PaymentIntent.customer)
        )
    if "transfer_group" in call.params:
        wanted = wanted.where(
            PaymentIntent.said["transfer_group"].as_string() == call.params["transfer_group"]
        )
    return page(call, URL, wanted, Charge, charges_shown)


def charges_shown(rows: Sequence[Charge]) -> list[Answer]:
    """Return charges as objects, their payments asked for in one go."""
    keys = {row.intent_id for row in rows}
    intents = {
        row.id: row for row in db.session.scalars(select(PaymentIntent).where(PaymentIntent.id.in_(keys)))
    }
    return [charge_object(row, intents[row.intent_id]) for row in rows]


@expands(
    "ch", "charge", payment_intent=("latest_charge",), refund=("charge",), balance_transaction=("source",)
)
def find_charges(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return the caller's charges among *keys*."""
    rows = db.session.scalars(my_charges(call).where(Charge.id.in_(keys))).all()
    return {shown["id"]: shown for shown in charges_shown(rows)}


@includes("charge", "refunds", of="refund")
def refunds_of_charges(call: Call, charges: list[Answer]) -> list[Any]:
    """Return the refunds of each charge, newest first."""
    keys = [charge["id"] for charge in charges]
    newest = my_refunds(call).where(Refund.charge_id.in_(keys))
    rows = db.session.scalars(newest.order_by(Refund.created_at.desc(), Refund.id.desc())).all()
    by_charge: dict[str, list[Refund]] = {}
    for row in rows:
        by_charge.setdefault(row.charge_id, []).append(row)
    return [_refunds_of(key, by_charge.get(key, [])) for key in keys]


def _refunds_of(key: str, rows: list[Refund]) -> Answer:
    shown = refunds_shown(rows[:MOST_REFUNDS_SHOWN])
    return listed(f"{URL}/{key}/refunds", shown, has_more=len(rows) > MOST_REFUNDS_SHOWN)
