"""``/v1/customers``: payers as a program knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from commons import clock
from commons.db import db, locked
from commons.security import keyed_hash
from marketplace.payments.api.errors import bad_parameter
from marketplace.payments.api.expand import expands
from marketplace.payments.api.lists import DATED, page
from marketplace.payments.api.models import Customer
from marketplace.payments.api.params import (
    ADDRESS,
    SHIPPING,
    Email,
    Kind,
    Listing,
    Metadata,
    Params,
    Text,
    merged,
)
from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import mine, the
from marketplace.payments.api.sealing import address, opened, sealed, shipping
from marketplace.payments.objects import unix
from marketplace.payments.rules import new_id

WORDS = ("customer", "id")
PERSONAL = ("name", "email", "phone", "description", "address", "shipping", "preferred_locales")
FIELDS: dict[str, Kind] = {
    "name": Text(longest=256, can_unset=True),
    "email": Email(can_unset=True),
    "phone": Text(longest=20, can_unset=True),
    "description": Text(can_unset=True),
    "address": ADDRESS,
    "shipping": SHIPPING,
    "preferred_locales": Listing(of=Text(longest=20), most=20),
    "metadata": Metadata(),
}


@endpoint("POST", "/v1/customers", Params(**FIELDS), answers="customer")
def create_customer(call: Call) -> Answer:
    """Create a customer."""
    row = Customer(
        id=new_id("cus"),
        livemode=call.livemode,
        account=call.account,
        sealed=None,
        email_hash="",
        details={},
        created_at=clock.now(),
        deleted_at=None,
    )
    _write(row, call.params)
    db.session.add(row)
    return customer_object(row)


@endpoint("GET", "/v1/customers/<id>", answers="customer")
def retrieve_customer(call: Call) -> Answer:
    """Retrieve a customer; of a deleted one only that it is deleted."""
    return customer_object(the(call, _known(call), Customer, call.id, WORDS))


@endpoint("POST", "/v1/customers/<id>", Params(**FIELDS), answers="customer")
def update_customer(call: Call) -> Answer:
    """Change a customer."""
    row = _living(call, call.id)
    _write(row, call.params)
    return customer_object(row)


@endpoint("DELETE", "/v1/customers/<id>", answers="deleted_customer")
def delete_customer(call: Call) -> Answer:
    """Delete a customer: everything personal is gone at once, payments stay."""
    row = _living(call, call.id)
    row.deleted_at, row.sealed, row.email_hash, row.details = clock.now(), None, "", {}
    return customer_object(row)


@endpoint("GET", "/v1/customers", Params(**DATED, email=Text(longest=512)), answers="list:customer")
def list_customers(call: Call) -> Answer:
    """List customers, newest first."""
    wanted = _known(call).where(Customer.deleted_at.is_(None))
    if "email" in call.params:
        wanted = wanted.where(Customer.email_hash == _mail_mark(call.params["email"]))
    return page(call, "/v1/customers", wanted, Customer, _show)


def check_customer(call: Call, key: str) -> str:
    """Return *key* if it is a customer of the caller's; refuse otherwise, naming the parameter."""
    found = db.session.scalar(_known(call).where(Customer.id == key, Customer.deleted_at.is_(None)))
    if found is None:
        raise bad_parameter("customer", f"No such customer: '{key}'", "resource_missing")
    return key


@expands(
    "cus",
    "customer",
    payment_intent=("customer",),
    charge=("customer",),
    **{"checkout.session": ("customer",)},
)
def find_customers(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return the caller's customers among *keys*, deleted ones as such."""
    rows = db.session.scalars(_known(call).where(Customer.id.in_(keys)))
    return {row.id: customer_object(row) for row in rows}


def _known(call: Call) -> Select[Customer]:
    return select(Customer).where(mine(call, Customer))


def _living(call: Call, key: str) -> Customer:
    row = the(call, _known(call).where(Customer.deleted_at.is_(None)), Customer, key, WORDS)
    kept = locked(Customer, row.id)
    assert kept is not None
    return kept


def _write(row: Customer, params: dict[str, Any]) -> None:
    words = opened(row.sealed) | {name: params[name] for name in PERSONAL if name in params}
    row.sealed = sealed(words)
    row.email_hash = _mail_mark(words["email"]) if words.get("email") else ""
    row.details = merged(row.details, params)


def _mail_mark(email: str) -> str:
    return keyed_hash("customer-email", email)


def _show(rows: Sequence[Customer]) -> list[Answer]:
    return [customer_object(row) for row in rows]


def customer_object(row: Customer) -> Answer:
    """Return *row* as a ``customer``."""
    if row.deleted_at is not None:
        return {"id": row.id, "object": "customer", "deleted": True}
    words = opened(row.sealed)
    settings = {
        "custom_fields": None,
        "default_payment_method": None,
        "footer": None,
        "rendering_options": None,
    }
    return {
        "id": row.id,
        "object": "customer",
        "address": address(words["address"]) if words.get("address") else None,
        "balance": 0,
        "created": unix(row.created_at),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": words.get("description"),
        "discount": None,
        "email": words.get("email"),
        "invoice_prefix": None,
        "invoice_settings": settings,
        "livemode": row.livemode,
        "metadata": dict(row.details),
        "name": words.get("name"),
        "next_invoice_sequence": 1,
        "phone": words.get("phone"),
        "preferred_locales": words.get("preferred_locales", []),
        "shipping": shipping(words.get("shipping")),
        "tax_exempt": "none",
        "test_clock": None,
    }
