"""Sessions and their lines as Stripe's objects, with every property of its present version."""

from __future__ import annotations

from typing import Any

from marketplace.payments.checkout.models import CheckoutSession
from marketplace.payments.checkout.rules import Item
from marketplace.payments.objects import unix
from marketplace.payments.rules import new_id

CURRENCY = "cny"


def session_object(session: CheckoutSession) -> dict[str, Any]:
    """Return *session* as a ``checkout.session`` without anything secret or personal: so it stands in events."""
    return {
        "id": session.id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": session.amount_fen,
        "amount_total": session.amount_fen,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": session.cancel_url,
        "client_reference_id": session.client_reference_id,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": unix(session.created_at),
        "currency": CURRENCY,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer": session.customer,
        "customer_account": None,
        "customer_creation": None if session.customer else "if_required",
        "customer_details": None,
        "customer_email": None,
        "discounts": [],
        "expires_at": unix(session.expires_at),
        "integration_identifier": None,
        "invoice": None,
        "invoice_creation": None,
        "livemode": session.livemode,
        "locale": session.locale,
        "managed_payments": None,
        "metadata": dict(session.details),
        "mode": "payment",
        "origin_context": None,
        "payment_intent": session.intent_id,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["alipay"],
        "payment_status": session.payment_status,
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": session.status,
        "submit_type": session.submit_type,
        "subscription": None,
        "success_url": session.success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None,
        "wallet_options": None,
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
