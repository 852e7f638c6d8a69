"""Payments as Stripe's objects: what an event carries, and what an API in front would answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marketplace.payments.models import Charge, PaymentIntent, Refund, SellerTransfer


def unix(moment: datetime | None) -> int | None:
    """Return whole seconds since 1970, as Stripe writes moments."""
    return None if moment is None else int(moment.timestamp())


def intent_object(intent: PaymentIntent, latest_charge: str | None = None) -> dict[str, Any]:
    """Return *intent* as a ``payment_intent``."""
    is_paid = intent.status == "succeeded"
    error = {"type": "card_error", "code": intent.last_error} if intent.last_error else None
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount_fen,
        "amount_received": intent.amount_fen if is_paid else 0,
        "canceled_at": unix(intent.canceled_at),
        "cancellation_reason": intent.cancel_reason or None if intent.status == "canceled" else None,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "created": unix(intent.created_at),
        "currency": intent.currency,
        "description": intent.subject,
        "last_payment_error": error,
        "latest_charge": latest_charge,
        "livemode": intent.livemode,
        "metadata": dict(intent.details),
        "payment_method_types": [intent.method] if intent.method else [],
        "status": intent.status,
    }


def charge_object(charge: Charge, intent: PaymentIntent) -> dict[str, Any]:
    """Return *charge* as a ``charge``."""
    alipay = {"buyer_id": charge.buyer_id or None, "fingerprint": None, "transaction_id": charge.trade_no or None}
    details = {"type": "alipay", "alipay": alipay} if charge.method == "alipay" else {"type": charge.method}
    return {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount_fen,
        "amount_captured": charge.amount_fen,
        "amount_refunded": charge.refunded_fen,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": True,
        "created": unix(charge.created_at),
        "currency": intent.currency,
        "description": intent.subject,
        "disputed": False,
        "livemode": charge.livemode,
        "metadata": dict(intent.details),
        "paid": True,
        "payment_intent": charge.intent_id,
        "payment_method_details": details,
        "refunded": charge.refunded_fen == charge.amount_fen,
        "status": "succeeded",
    }


def refund_object(refund: Refund, currency: str = "cny") -> dict[str, Any]:
    """Return *refund* as a ``refund``."""
    return {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount_fen,
        "charge": refund.charge_id,
        "created": unix(refund.created_at),
        "currency": currency,
        "failure_reason": refund.failure or None,
        "metadata": {},
        "payment_intent": refund.intent_id,
        "reason": None,
        "status": refund.status,
    }


def transfer_object(transfer: SellerTransfer, currency: str = "cny") -> dict[str, Any]:
    """Return *transfer* as a ``transfer`` to the seller's account."""
    return {
        "id": transfer.id,
        "object": "transfer",
        "amount": transfer.net_fen,
        "amount_reversed": transfer.seller_back_fen,
        "created": unix(transfer.created_at),
        "currency": currency,
        "destination": transfer.seller,
        "livemode": transfer.livemode,
        "metadata": {},
        "reversed": transfer.taken_back_fen == transfer.gross_fen,
        "transfer_group": transfer.intent_id,
    }
