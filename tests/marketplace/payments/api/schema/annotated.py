"""A JSON Schema of Stripe's objects, read from the annotations of the installed ``stripe`` package."""

from __future__ import annotations

import importlib
import types
import typing
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, ForwardRef, Literal, TypeVar, Union

import stripe
from stripe import ListObject, StripeObject
from stripe._stripe_object import UntypedStripeObject

CLASSES: dict[str, type[StripeObject]] = {
    "account": stripe.Account,
    "account_link": stripe.AccountLink,
    "balance": stripe.Balance,
    "balance_transaction": stripe.BalanceTransaction,
    "charge": stripe.Charge,
    "checkout.session": stripe.checkout.Session,
    "customer": stripe.Customer,
    "event": stripe.Event,
    "item": stripe.LineItem,
    "payment_intent": stripe.PaymentIntent,
    "payment_method": stripe.PaymentMethod,
    "payout": stripe.Payout,
    "price": stripe.Price,
    "refund": stripe.Refund,
    "transfer": stripe.Transfer,
    "transfer_reversal": stripe.TransferReversal,
    "webhook_endpoint": stripe.WebhookEndpoint,
}
NAMES = {cls.__name__: kind for kind, cls in CLASSES.items() if cls.__module__.count(".") == 1}
PLAIN: dict[object, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Decimal: {"type": "string"},
    type(None): {"type": "null"},
    Any: {},
}

# A deleted customer may stand where a customer is expanded; the package's annotations do not say so.
DELETED = {
    "type": "object",
    "required": ["id", "object", "deleted"],
    "properties": {"deleted": {"const": True}},
}


@cache
def schema() -> dict[str, Any]:
    """Return the definitions of every served object."""
    definitions = {kind: _object(cls) for kind, cls in CLASSES.items()}
    definitions["customer"] = {"anyOf": [definitions["customer"], DELETED]}
    return {"definitions": definitions}


@cache
def properties(kind: str) -> frozenset[str]:
    """Return the names of the properties that the package knows of an object."""
    return frozenset(_annotations(CLASSES[kind]))


def _object(cls: type[StripeObject]) -> dict[str, Any]:
    told = _annotations(cls)
    # What is not Optional there is always shown.
    wanted = [
        name for name, kind in told.items() if type(None) not in typing.get_args(kind) and kind is not Any
    ]
    return {
        "type": "object",
        "required": wanted,
        "properties": {name: _of(kind, cls) for name, kind in told.items()},
    }


def _annotations(cls: type[StripeObject]) -> dict[str, Any]:
    """Return the annotations of *cls* and of what it inherits from Stripe's own objects."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if (
            base.__module__.startswith("stripe.")
            and base not in {StripeObject, ListObject}
            and base.__name__[0] != "_"
        ):
            found |= base.__dict__.get("__annotations__", {})
    return {
        name.rstrip("_"): kind
        for name, kind in found.items()
        if typing.get_origin(kind) is not ClassVar and name[0] != "_" and name != "deleted"
    }


def _of(kind: Any, inside: type) -> dict[str, Any]:
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, str | ForwardRef):
        return _named(kind if isinstance(kind, str) else kind.__forward_arg__, inside)
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in {Union, types.UnionType}:
        return {"anyOf": [_of(each, inside) for each in parts]}
    if origin is Literal:
        return {"enum": list(parts)}
    if origin is list:
        return {"type": "array", "items": _of(parts[0], inside)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(parts[1], inside)}
    if origin is UntypedStripeObject or kind is UntypedStripeObject:
        return {"type": "object"} | ({"additionalProperties": _of(parts[0], inside)} if parts else {})
    if origin is ListObject:
        data = {"type": "array", "items": _of(parts[0], inside)}
        return {
            "type": "object",
            "required": ["object", "data", "has_more", "url"],
            "properties": {"data": data},
        }
    if isinstance(kind, type) and issubclass(kind, StripeObject):
        known = next((name for name, cls in CLASSES.items() if cls is kind), None)
        return {"$ref": f"#/definitions/{known}"} if known else _object(kind)
    if isinstance(kind, TypeVar):
        return {}
    raise TypeError(f"an annotation of {inside.__name__} that is not understood: {kind!r}")


def _named(text: str, inside: type) -> dict[str, Any]:
    """Return the schema of a forward reference: one of our objects, a part of the same class, or something not served."""
    if text in NAMES:
        return {"$ref": f"#/definitions/{NAMES[text]}"}
    here: Any = inside
    for part in text.split("."):
        here = getattr(here, part, None)
    if isinstance(here, type) and issubclass(here, StripeObject):
        return _object(here)
    module = importlib.import_module(inside.__module__)
    known = getattr(module, text, None) or getattr(stripe, text, None)
    if known is None or (isinstance(known, type) and issubclass(known, StripeObject)):
        return {"type": "object"}
    return _of(known, inside)
