"""Sessions and their lines as Stripe's objects, with every property of its present version."""

from __future__ import annotations

from typing import Any

from marketplace.payments.checkout.models import CheckoutSession
from marketplace.payments.checkout.rules import Item
from marketplace.payments.objects import unix
from marketplace.payments.rules import new_id

CURRENCY = "cny"
# What a session of Stripe's has besides, empty in what is stored; some of it is filled in on the way out.
UNSAID = (
    "after_expiration", "allow_promotion_codes", "billing_address_collection", "client_secret",
    "collected_information", "consent", "consent_collection", "currency_conversion", "customer_account",
    "customer_details", "customer_email", "integration_identifier", "invoice", "invoice_creation",
    "managed_payments", "origin_context", "payment_link", "payment_method_configuration_details",
    "permissions", "recovered_from", "saved_payment_method_options", "setup_intent",
    "shipping_address_collection", "shipping_cost", "subscription", "url", "wallet_options",
)  # fmt: skip


def session_object(session: CheckoutSession) -> dict[str, Any]:
    """Return *session* as a ``checkout.session`` without anything secret or personal: so it stands in events."""
    return {
        "id": session.id,
        "object": "checkout.session",
        **dict.fromkeys(UNSAID),
        "adaptive_pricing": {"enabled": False},
        "amount_subtotal": session.amount_fen,
        "amount_total": session.amount_fen,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": session.cancel_url,
        "client_reference_id": session.client_reference_id,
        "created": unix(session.created_at),
        "currency": CURRENCY,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer": session.customer,
        "customer_creation": None if session.customer else "if_required",
        "discounts": [],
        "expires_at": unix(session.expires_at),
        "livemode": session.livemode,
        "locale": session.locale,
        "metadata": dict(session.details),
        "mode": "payment",
        "payment_intent": session.intent_id,
        "payment_method_collection": "if_required",
        "payment_method_options": {},
        "payment_method_types": ["alipay"],
        "payment_status": session.payment_status,
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": session.status,
        "submit_type": session.submit_type,
        "success_url": session.success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }


def kept_item(item: Item) -> dict[str, Any]:
    """Return *item* as it is kept with its session: priced for ever, with ids of its own."""
    return {
        "id": new_id("li"),
        "price": new_id("price"),
        "product": new_id("prod"),
        "name": item.name,
        "description": item.description,
        "unit_fen": item.unit_fen,
        "quantity": item.quantity,
    }


def item_of(kept: dict[str, Any]) -> Item:
    """Return a kept line as it was given."""
    return Item(kept["name"], kept["unit_fen"], kept["quantity"], kept["description"])


def item_object(kept: dict[str, Any], session: CheckoutSession) -> dict[str, Any]:
    """Return a kept line as an ``item``; its price was made for this session alone and cannot be used again."""
    total = item_of(kept).total_fen
    return {
        "id": kept["id"],
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": CURRENCY,
        "description": kept["name"],
        "metadata": {},
        "price": _price_object(kept, session),
        "quantity": kept["quantity"],
    }


def _price_object(kept: dict[str, Any], session: CheckoutSession) -> dict[str, Any]:
    return {
        "id": kept["price"],
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": unix(session.created_at),
        "currency": CURRENCY,
        "custom_unit_amount": None,
        "livemode": session.livemode,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": kept["product"],
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": kept["unit_fen"],
        "unit_amount_decimal": str(kept["unit_fen"]),
    }
