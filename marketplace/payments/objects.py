"""
Payments as Stripe's objects, with every property of its present version: what an event carries and a call answers.

Nothing secret is in what these functions return, for events are stored; :func:`with_secrets` adds it on the way out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marketplace.payments.links import cashier_url, client_secret, pay_url
from marketplace.payments.models import Charge, PaymentIntent, Refund, SellerTransfer
from marketplace.payments.record_models import PaymentEvent

API_VERSION = "2026-10-28.endive"
REFUND_REASONS = {"duplicate", "fraudulent", "requested_by_customer"}
CANCEL_REASONS = {"abandoned", "duplicate", "fraudulent", "requested_by_customer"}
# What became of an attempt, in Stripe's words; the code of a refusal by the gateway stays what the gateway called it.
ATTEMPT_FAILED = "payment_intent_payment_attempt_failed"
# What Stripe's objects have besides, and ours never say anything about.
UNSAID_OF_INTENT = ("processing", "receipt_email", "review", "setup_future_usage", "shipping", "source")
UNSAID_OF_CHARGE = (
    "receipt_email",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source",
    "source_transfer",
)


def unix(moment: datetime | None) -> int | None:
    """Return whole seconds since 1970, as Stripe writes moments."""
    return None if moment is None else int(moment.timestamp())


def intent_object(intent: PaymentIntent, latest_charge: str | None = None) -> dict[str, Any]:
    """Return *intent* as a ``payment_intent`` without anything secret."""
    is_paid = intent.status == "succeeded"
    said = intent.said or {}
    types = said.get("types") or ([intent.method] if intent.method else [])
    # A program need not say why; that its time was over Stripe's words of today have no other word for.
    reason = intent.cancel_reason if intent.cancel_reason in {*CANCEL_REASONS, ""} else "automatic"
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount_fen,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": intent.amount_fen if is_paid else 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True}
        if said.get("automatic")
        else None,
        "canceled_at": unix(intent.canceled_at),
        "cancellation_reason": (reason or None) if intent.status == "canceled" else None,
        "capture_method": said.get("capture_method", "automatic"),
        "client_secret": None,
        "confirmation_method": "automatic",
        "created": unix(intent.created_at),
        "currency": intent.currency,
        "customer": intent.customer or None,
        "customer_account": None,
        "description": said.get("description") or intent.subject or None,
        "excluded_payment_method_types": None,
        "last_payment_error": _last_error(intent),
        "latest_charge": latest_charge,
        "livemode": intent.livemode,
        "managed_payments": None,
        "metadata": dict(intent.details),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": intent.payment_method or None,
        "payment_method_configuration_details": None,
        "payment_method_options": {"alipay": {}} if "alipay" in types else {},
        "payment_method_types": list(types),
        **dict.fromkeys(UNSAID_OF_INTENT),
        "statement_descriptor": said.get("statement_descriptor"),
        "statement_descriptor_suffix": said.get("statement_descriptor_suffix"),
        "status": intent.status,
        "transfer_data": None,
        "transfer_group": said.get("transfer_group"),
    }


def _last_error(intent: PaymentIntent) -> dict[str, Any] | None:
    if not intent.last_error:
        return None
    closed = intent.last_error == "payment_attempt_closed"
    told = {"type": "card_error", "message": "The payment attempt ended unpaid; a new one can be made."}
    if closed:
        return told | {"code": ATTEMPT_FAILED}
    return told | {"code": "payment_method_provider_decline", "decline_code": intent.last_error}


def with_secrets(data: dict[str, Any]) -> dict[str, Any]:
    """Return an object as its owner may see it: a payment_intent with its client secret and the way to the cashier."""
    if data.get("object") != "payment_intent":
        return data
    key = data["id"]
    shown = data | {"client_secret": client_secret(key)}
    if data["status"] == "requires_action":
        shown["next_action"] = _next_action(key, data["payment_method_types"])
    return shown


def _next_action(payment_id: str, types: list[str]) -> dict[str, Any]:
    if types == ["offline"]:
        # Stripe knows no payment by hand; a client that does not know the word leaves it alone.
        return {
            "type": "offline_display_details",
            "offline_display_details": {"hosted_instructions_url": pay_url(payment_id)},
        }
    way = {"native_data": None, "native_url": None, "return_url": None, "url": cashier_url(payment_id)}
    return {"type": "alipay_handle_redirect", "alipay_handle_redirect": way}


def charge_object(charge: Charge, intent: PaymentIntent) -> dict[str, Any]:
    """Return *charge* as a ``charge``."""
    alipay = {
        "buyer_id": charge.buyer_id or None,
        "fingerprint": None,
        "transaction_id": charge.trade_no or None,
    }
    details = {"type": "alipay", "alipay": alipay} if charge.method == "alipay" else {"type": charge.method}
    said = intent.said or {}
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount_fen,
        "amount_captured": charge.amount_fen,
        "amount_refunded": charge.refunded_fen,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": f"txn_{charge.id}",
        "billing_details": {"address": address, "email": None, "name": None, "phone": None, "tax_id": None},
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": unix(charge.created_at),
        "currency": intent.currency,
        "customer": intent.customer or None,
        "description": said.get("description") or intent.subject or None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": charge.livemode,
        "metadata": dict(intent.details),
        "on_behalf_of": None,
        "outcome": None,
        "paid": True,
        "payment_intent": charge.intent_id,
        "payment_method": intent.payment_method or None,
        "payment_method_details": details,
        **dict.fromkeys(UNSAID_OF_CHARGE),
        "refunded": charge.refunded_fen == charge.amount_fen,
        "statement_descriptor": said.get("statement_descriptor"),
        "statement_descriptor_suffix": said.get("statement_descriptor_suffix"),
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": said.get("transfer_group"),
    }


def refund_object(refund: Refund, currency: str = "cny") -> dict[str, Any]:
    """Return *refund* as a ``refund``."""
    shown = {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount_fen,
        "balance_transaction": f"txn_{refund.id}" if refund.status == "succeeded" else None,
        "charge": refund.charge_id,
        "created": unix(refund.created_at),
        "currency": currency,
        "customer": None,
        "customer_account": None,
        "destination_details": {"alipay": {}, "type": "alipay"},
        "metadata": dict(refund.details or {}),
        "payment_intent": refund.intent_id,
        "payment_method": None,
        "reason": refund.reason if refund.reason in REFUND_REASONS else None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": None,
    }
    if refund.reason and shown["reason"] is None:
        shown["description"] = refund.reason
    if refund.status == "failed":  # Stripe leaves these two out of a refund that has not failed
        shown |= {"failure_balance_transaction": None, "failure_reason": "unknown"}
    return shown


def transfer_object(transfer: SellerTransfer, currency: str = "cny") -> dict[str, Any]:
    """Return *transfer* as a ``transfer`` to the seller's account."""
    said = transfer.said or {}
    return {
        "id": transfer.id,
        "object": "transfer",
        "amount": transfer.net_fen,
        "amount_reversed": transfer.seller_back_fen,
        "balance_transaction": f"txn_{transfer.id}",
        "created": unix(transfer.created_at),
        "currency": currency,
        "description": said.get("description"),
        "destination": transfer.account_id or transfer.seller,
        "destination_payment": f"py_{transfer.id.removeprefix('tr_')}",
        "livemode": transfer.livemode,
        "metadata": dict(said.get("metadata") or {}),
        "reversals": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/transfers/{transfer.id}/reversals",
        },
        "reversed": transfer.taken_back_fen == transfer.gross_fen,
        "source_transaction": said.get("source"),
        "source_type": "card",
        "transfer_group": said.get("group") or transfer.intent_id,
    }


def with_former_values(data: dict[str, Any], former: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of an event that tells of a change: the object, and what of it was otherwise."""
    return {"object": data, "previous_attributes": _former_values(former, data)}


def _former_values(former: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Of what is within another, only what changed; a list whole. What was not there is null, as Stripe writes it."""
    values: dict[str, Any] = {}
    for name in former | now:
        old, new = former.get(name), now.get(name)
        if old != new:
            values[name] = (
                _former_values(old, new) if isinstance(old, dict) and isinstance(new, dict) else old
            )
    return values


def event_object(event: PaymentEvent, pending_webhooks: int = 0) -> dict[str, Any]:
    """Return *event* as an ``event``, as it is answered to a call and sent to a webhook."""
    told = event.data if isinstance(event.data["object"], dict) else {"object": event.data}
    request = {"id": event.request_id or None, "idempotency_key": event.idempotency_key or None}
    shown = {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": unix(event.created_at),
        "data": told | {"object": with_secrets(told["object"])},
        "livemode": event.livemode,
        "pending_webhooks": pending_webhooks,
        "request": request,
        "type": event.type,
    }
    return shown | ({"account": event.account} if event.account else {})
