"""What ``/v1/payment_intents`` takes, and how payments are shown with their charges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from commons.db import db
from marketplace.payments.api.decoding import Tree
from marketplace.payments.api.errors import ApiError, bad_parameter
from marketplace.payments.api.expand import expands
from marketplace.payments.api.params import (
    SHIPPING,
    Amount,
    Bool,
    Email,
    Kind,
    Listing,
    Metadata,
    Nested,
    OneOf,
    Text,
    Url,
)
from marketplace.payments.api.payment_methods import DATA
from marketplace.payments.api.registry import Answer, Call
from marketplace.payments.api.scope import my_intents
from marketplace.payments.api.sealing import opened, shipping
from marketplace.payments.models import Charge, PaymentIntent
from marketplace.payments.objects import intent_object, with_secrets
from marketplace.payments.rules import IntentStatus

TYPES = ("alipay", "offline")
# What is only kept and shown again, of a payment and of a session's.
SAID = ("capture_method", "statement_descriptor", "statement_descriptor_suffix", "transfer_group")
LONGEST_SUBJECT = 256  # Alipay's limit; a payment's subject is cut to it
# What a browser with a publishable key may know of a payment.
FOR_BROWSERS = {
    "id", "object", "amount", "amount_details", "automatic_payment_methods", "canceled_at", "cancellation_reason",
    "capture_method", "client_secret", "confirmation_method", "created", "currency", "description", "last_payment_error",
    "livemode", "next_action", "payment_method", "payment_method_types", "processing", "receipt_email",
    "setup_future_usage", "shipping", "source", "status",
}  # fmt: skip


class Currency(Text):
    """``cny``, the only one Alipay settles here."""

    def take(self, given: str | Tree, name: str) -> str:
        text = Text.take(self, given, name).lower()
        if text != "cny":
            raise bad_parameter(name, f"Invalid currency: {text[:10]}. Payments here are taken in cny.")
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": ["cny"]}


AMOUNT = Amount(about="In fen: 1230 is ¥12.30.")
ALIPAY_OPTIONS = Nested(
    of={"alipay": Nested(of={"setup_future_usage": OneOf(words=("none",))}, can_unset=True)}
)
METHOD_TYPES = Listing(of=OneOf(words=TYPES), most=2, is_set=True)
# Both mean the same here, for Alipay takes the money when the payer pays; the word comes back as it was said.
CAPTURE = OneOf(words=("automatic", "automatic_async"))

WORDS: dict[str, Kind] = {
    "customer": Text(longest=64, can_unset=True),
    "description": Text(longest=1000, can_unset=True),
    "metadata": Metadata(),
    "payment_method": Text(longest=64, can_unset=True),
    "payment_method_data": Nested(of=DATA),
    "payment_method_options": ALIPAY_OPTIONS,
    "payment_method_types": METHOD_TYPES,
    "receipt_email": Email(can_unset=True),
    "shipping": SHIPPING,
    "statement_descriptor": Text(longest=22, can_unset=True),
    "statement_descriptor_suffix": Text(longest=22, can_unset=True),
    "transfer_group": Text(longest=200, can_unset=True),
}
CONFIRMING: dict[str, Kind] = {
    "return_url": Url(longest=2000),
    "use_stripe_sdk": Bool(),
    "error_on_requires_action": Bool(),
    "off_session": Bool(),
}
CREATE: dict[str, Kind] = {
    "amount": Amount(required=True, about="In fen: 1230 is ¥12.30."),
    "currency": Currency(required=True),
    **WORDS,
    "automatic_payment_methods": Nested(
        of={"enabled": Bool(required=True), "allow_redirects": OneOf(words=("always", "never"))}
    ),
    "capture_method": CAPTURE,
    "confirmation_method": OneOf(words=("automatic",)),
    "confirm": Bool(),
    **CONFIRMING,
}
UPDATE: dict[str, Kind] = {"amount": AMOUNT, "currency": Currency(), **WORDS}
CONFIRM: dict[str, Kind] = {
    "client_secret": Text(longest=200),
    "payment_method": Text(longest=64),
    "payment_method_data": Nested(of=DATA),
    "payment_method_options": ALIPAY_OPTIONS,
    "payment_method_types": METHOD_TYPES,
    "receipt_email": Email(can_unset=True),
    "shipping": SHIPPING,
    **CONFIRMING,
}


def described(description: str) -> dict[str, Any]:
    """Return what is said of a payment beside its subject: the whole description, where Alipay takes a part of it."""
    return {"description": description} if len(description) > LONGEST_SUBJECT else {}


def intents_shown(call: Call, rows: Sequence[PaymentIntent]) -> list[Answer]:
    """Return payments as the caller may see them, their charges asked for in one go; an open payment has none."""
    latest = _latest_charges(row.id for row in rows if not IntentStatus(row.status).is_open)
    return [_shown(call, row, latest.get(row.id)) for row in rows]


def intent_shown(call: Call, row: PaymentIntent) -> Answer:
    """Return one payment as the caller may see it."""
    return intents_shown(call, [row])[0]


def _shown(call: Call, row: PaymentIntent, latest: str | None) -> Answer:
    shown = with_secrets(intent_object(row, latest))
    words = opened(row.sealed)
    shown["receipt_email"], shown["shipping"] = words.get("receipt_email"), shipping(words.get("shipping"))
    if shown["next_action"] and "alipay_handle_redirect" in shown["next_action"]:
        shown["next_action"]["alipay_handle_redirect"]["return_url"] = row.return_url or None
    if call.caller.is_publishable:
        return {name: value for name, value in shown.items() if name in FOR_BROWSERS}
    return shown


def _latest_charges(ids: Iterable[str]) -> dict[str, str]:
    keys = list(ids)
    if not keys:  # as with every payment that is made or confirmed: not even the question costs nothing
        return {}
    asked = select(Charge.intent_id, Charge.id).where(Charge.intent_id.in_(keys))
    rows = db.session.execute(asked.order_by(Charge.created_at, Charge.id))
    return {row.intent_id: row.id for row in rows}


@expands(
    "pi", "payment_intent", charge=("payment_intent",), refund=("payment_intent",),
    **{"checkout.session": ("payment_intent",)},
)  # fmt: skip
def find_intents(call: Call, keys: list[str]) -> dict[str, Answer]:
    """Return the caller's payments among *keys*."""
    rows = db.session.scalars(my_intents(call).where(PaymentIntent.id.in_(keys))).all()
    return {shown["id"]: shown for shown in intents_shown(call, rows)}


VERBS = {"updated": "update", "confirmed": "confirm", "canceled": "cancel", "opened": "open"}


def unexpected(call: Call, row: PaymentIntent, what: str, allowed: Iterable[str]) -> ApiError:
    """Say that the payment's state does not allow it to be *what*, and show the payment as Stripe does."""
    statuses = ", ".join(allowed)
    words = (
        f"You cannot {VERBS[what]} this PaymentIntent because it has a status of {row.status}. "
        f"Only a PaymentIntent with one of the following statuses may be {what}: {statuses}."
    )
    shown = intent_shown(call, row)
    return ApiError(words, code="payment_intent_unexpected_state", payment_intent=shown)
