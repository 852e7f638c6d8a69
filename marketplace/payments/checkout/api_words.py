"""What ``/v1/checkout/sessions`` takes, and what it means for a session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from commons import clock
from commons.db import db
from marketplace.money import LARGEST_FEN
from marketplace.payments.api.errors import ApiError, bad_parameter, no_such
from marketplace.payments.api.intent_words import ALIPAY_OPTIONS, CAPTURE, SAID, Currency, described
from marketplace.payments.api.models import Customer
from marketplace.payments.api.params import (
    Amount,
    Email,
    Int,
    Kind,
    Listing,
    Metadata,
    Nested,
    Never,
    OneOf,
    Text,
    Url,
    merged,
)
from marketplace.payments.api.registry import Call
from marketplace.payments.api.scope import mine
from marketplace.payments.api.sealing import sealed
from marketplace.payments.checkout.actions import SessionAsk
from marketplace.payments.checkout.rules import LONGEST, MOST_ITEMS, SHORTEST, Item

LOCALES = (
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hr", "hu",
    "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv",
    "th", "tr", "vi", "zh", "zh-HK", "zh-TW",
)  # fmt: skip

PRODUCT = Nested(
    required=True,
    of={
        "name": Text(required=True, longest=250, about="Shown to the buyer."),
        "description": Text(longest=1000, about="Shown beneath the name."),
        "metadata": Metadata(),
    },
)
LINE = Nested(
    of={
        "price_data": Nested(
            required=True,
            about="The price of this line; prices are not kept as objects here.",
            of={
                "currency": Currency(required=True),
                "product_data": PRODUCT,
                "unit_amount": Amount(required=True, least=0, about="In fen: 1230 is ¥12.30."),
                "tax_behavior": OneOf(words=("unspecified",)),
            },
        ),
        "quantity": Int(required=True, least=1, most=999_999),
    },
)
ABOUT_INTENT = Nested(
    about="What the payment of the session says.",
    of={
        "description": Text(longest=1000),
        "metadata": Metadata(),
        "statement_descriptor": Text(longest=22),
        "statement_descriptor_suffix": Text(longest=22),
        "transfer_group": Text(longest=200),
        "capture_method": CAPTURE,
    },
)
CREATE: dict[str, Kind] = {
    "mode": OneOf(required=True, words=("payment",)),
    "line_items": Listing(required=True, of=LINE, most=MOST_ITEMS),
    "success_url": Url(required=True, about="{CHECKOUT_SESSION_ID} is replaced by the session's id."),
    "cancel_url": Url(about="Where the page's way back leads."),
    "currency": Currency(),
    "customer": Text(longest=64),
    "customer_email": Email(),
    "client_reference_id": Text(longest=200),
    "expires_at": Int(most=9_999_999_999, about="30 minutes to 24 hours from now, 24 hours if not given."),
    "locale": OneOf(words=LOCALES, about="The page is in Chinese, or in English for every other language."),
    "metadata": Metadata(),
    "payment_intent_data": ABOUT_INTENT,
    "payment_method_types": Listing(of=OneOf(words=("alipay",)), is_set=True),
    "payment_method_options": ALIPAY_OPTIONS,
    "submit_type": OneOf(words=("auto", "book", "donate", "pay")),
    "ui_mode": OneOf(words=("hosted_page", "hosted")),
    "billing_address_collection": OneOf(words=("auto",)),
    "customer_creation": OneOf(words=("if_required",)),
    "allow_promotion_codes": Never(),
    **dict.fromkeys(
        ("automatic_tax", "invoice_creation", "phone_number_collection", "tax_id_collection"),
        Nested(of={"enabled": Never(required=True)}),
    ),
}


def ask_of(call: Call) -> SessionAsk:
    """Return what a call asks for, or refuse it in Stripe's words."""
    said = call.params
    if not said["line_items"]:
        raise bad_parameter("line_items", "You must pass at least one line item.")
    if "customer" in said and "customer_email" in said:
        words = "You may only specify one of these parameters: customer, customer_email."
        raise bad_parameter("customer_email", words)
    items = [_item(line) for line in said["line_items"]]
    total = sum(item.total_fen for item in items)
    if total == 0:
        raise ApiError(
            "The Checkout Session's total amount must be at least ¥0.01 cny.", code="amount_too_small"
        )
    if total > LARGEST_FEN:
        raise ApiError("The Checkout Session's total amount is too large.", code="amount_too_large")
    return SessionAsk(
        items=items,
        success_url=said["success_url"],
        livemode=call.livemode,
        account=call.account,
        cancel_url=said.get("cancel_url"),
        expires_at=_end(said),
        words={name: said.get(name) for name in ("client_reference_id", "locale", "submit_type")}
        | {"customer": _customer(call)},
        metadata=merged({}, said),
        intent_details=_about_intent(said.get("payment_intent_data", {})),
        sealed=sealed({"customer_email": said.get("customer_email")}),
    )


def _item(line: dict[str, Any]) -> Item:
    price = line["price_data"]
    product = price["product_data"]
    return Item(product["name"], price["unit_amount"], line["quantity"], product.get("description", ""))


def _end(said: dict[str, Any]) -> datetime | None:
    if "expires_at" not in said:
        return None
    ends_at = datetime.fromtimestamp(said["expires_at"], UTC)
    now = clock.now().replace(microsecond=0)
    if ends_at < now + SHORTEST:
        raise _bad_end("at least 30 minutes from")
    if ends_at > now + LONGEST + timedelta(seconds=1):
        raise _bad_end("less than 24 hours from")
    return ends_at


def _bad_end(words: str) -> ApiError:
    return bad_parameter(
        "expires_at", f"The `expires_at` timestamp must be {words} Checkout Session creation."
    )


def _customer(call: Call) -> str | None:
    key: str | None = call.params.get("customer")
    if key is None:
        return None
    living = select(Customer.id).where(mine(call, Customer), Customer.deleted_at.is_(None))
    if db.session.scalar(living.where(Customer.id == key)) is None:
        error = no_such("customer", key, "customer")
        error.status = 400
        raise error
    return key


def _about_intent(told: dict[str, Any]) -> dict[str, Any]:
    description = told.get("description")
    said = {name: told[name] for name in SAID if name in told} | described(description or "")
    return {"description": description, "metadata": merged({}, told), "said": said}
