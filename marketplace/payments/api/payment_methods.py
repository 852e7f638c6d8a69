"""``/v1/payment_methods``: Alipay, once per payment; it cannot be kept for a customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, insert, select

from commons import clock
from commons.db import db, locked
from commons.prepared import Prepared
from marketplace.payments.api.errors import bad_parameter
from marketplace.payments.api.expand import expands
from marketplace.payments.api.lists import DATED, page
from marketplace.payments.api.models import PaymentMethod
from marketplace.payments.api.params import (
    ADDRESS,
    Email,
    Kind,
    Metadata,
    Nested,
    OneOf,
    Params,
    Text,
    merged,
)
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import mine, the
from marketplace.payments.api.sealing import billing, opened, sealed
from marketplace.payments.objects import unix
from marketplace.payments.rules import new_id

WORDS = ("PaymentMethod", "id")
_NAME = Prepared(
    insert(PaymentMethod), ("id", "livemode", "account", "kind", "sealed", "metadata", "created_at")
)
BILLING = Nested(
    of={
        "address": ADDRESS,
        "email": Email(can_unset=True),
        "name": Text(longest=256, can_unset=True),
        "phone": Text(longest=20, can_unset=True),
    }
)
ALLOW = OneOf(words=("always", "limited", "unspecified"))
DATA: dict[str, Kind] = {
    "type": OneOf(words=("alipay",), required=True),
    "alipay": Nested(of={}, can_unset=True),
    "allow_redisplay": ALLOW,
    "billing_details": BILLING,
    "metadata": Metadata(),
}


@endpoint("POST", "/v1/payment_methods", Params(**DATA), answers="payment_method", publishable=True)
def create_payment_method(call: Call) -> Answer:
    """Name Alipay as a way to pay, with the payer's details if there are any."""
    return payment_method_object(db.session.get_one(PaymentMethod, name_method(call, call.params)))


@endpoint("GET", "/v1/payment_methods/<id>", answers="payment_method")
def retrieve_payment_method(call: Call) -> Answer:
    """Retrieve a payment method."""
    return payment_method_object(the(call, _known(call), PaymentMethod, call.id, WORDS))


UPDATE = Params(allow_redisplay=ALLOW, billing_details=BILLING, metadata=Metadata())


@endpoint("POST", "/v1/payment_methods/<id>", UPDATE, answers="payment_method")
def update_payment_method(call: Call) -> Answer:
    """Change what is said of the payer."""
    the(call, _known(call), PaymentMethod, call.id, WORDS)
    row = locked(PaymentMethod, call.id)
    assert row is not None
    if call.params.get("billing_details"):
        row.sealed = sealed(opened(row.sealed) | call.params["billing_details"])
    row.details = merged(row.details, call.params)
    return payment_method_object(row)


LIST = Params(**DATED, type=OneOf(words=("alipay",)), customer=Text(longest=64))


@endpoint("GET", "/v1/payment_methods", LIST, answers="list:payment_method")
def list_payment_methods(call: Call) -> Answer:
    """List payment methods, newest first. None belongs to a customer, since Alipay is asked anew every time."""
    wanted = _known(call)
    if "customer" in call.params:
        wanted = wanted.where(PaymentMethod.id == "")
    return page(call, "/v1/payment_methods", wanted, PaymentMethod, _show)


def name_method(call: Call, given: dict[str, Any]) -> str:
    """Write down a payment method inside the call's transaction and return its id."""
    key = new_id("pm")
    values = {
        "id": key,
        "livemode": call.livemode,
        "account": call.account,
        "kind": given["type"],
        "sealed": sealed(given.get("billing_details") or {}),
        "metadata": merged({}, given),
        "created_at": clock.now(),
    }
    _NAME.run(db.session(), values)  # with every payment
    return key


def check_method(call: Call, key: str) -> str:
    """Return *key* if it is a payment method of the caller's; refuse otherwise."""
    if db.session.scalar(_known(call).where(PaymentMethod.id == key)) is None:
        raise bad_parameter("payment_method", f"No such PaymentMethod: '{key}'", "resource_missing")
    return key


@expands("pm", "payment_method", payment_intent=("payment_method",))
def find_methods(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return the caller's payment methods among *keys*."""
    rows = db.session.scalars(_known(call).where(PaymentMethod.id.in_(keys)))
    return {row.id: payment_method_object(row) for row in rows}


def _known(call: Call) -> Select[PaymentMethod]:
    return select(PaymentMethod).where(mine(call, PaymentMethod))


def _show(rows: Sequence[PaymentMethod]) -> list[Answer]:
    return [payment_method_object(row) for row in rows]


def payment_method_object(row: PaymentMethod) -> Answer:
    """Return *row* as a ``payment_method``."""
    return {
        "id": row.id,
        "object": "payment_method",
        "alipay": {},
        "allow_redisplay": "unspecified",
        "billing_details": billing(opened(row.sealed)),
        "created": unix(row.created_at),
        "customer": None,
        "customer_account": None,
        "livemode": row.livemode,
        "metadata": dict(row.details),
        "type": row.kind,
    }
