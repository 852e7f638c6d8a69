"""The addresses of a payment's pages, and the words that open them. Derived, so that nothing secret is stored."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from commons.security import keyed_hash
from commons.settings import current
from marketplace.payments.models import PaymentIntent
from marketplace.payments.rules import IntentStatus

NOTIFY_PATH = "/pay/alipay/notify"


def page_key(payment_id: str) -> str:
    """Return the word without which a payment's page does not exist; whoever has it can pay, and nothing else."""
    return keyed_hash("payment-page", payment_id)[:32]


def client_secret(payment_id: str) -> str:
    """Return Stripe's ``client_secret`` of a payment."""
    return f"{payment_id}_secret_{keyed_hash('payment-secret', payment_id)[:32]}"


def pay_url(payment_id: str) -> str:
    """Return the full address of the page on which a payment is paid: in any browser, without signing in."""
    return _address(payment_id, "")


def cashier_url(payment_id: str) -> str:
    """Return the full address that signs the cashier's address and leads there."""
    return _address(payment_id, "/redirect")


def return_url(payment_id: str) -> str:
    """Return the full address to which the cashier sends the buyer back."""
    return _address(payment_id, "/return")


def code_url(payment_id: str) -> str:
    """Return the full address of the code that a buyer scans at a stall."""
    return _address(payment_id, "/code")


def way_back(payment: PaymentIntent) -> str:
    """
    Return where the payer goes from here, or nothing while it is not known how the payment ends, or nowhere was named.

    A program that named the place is told which payment it was and how it ended, as Stripe tells it; it still has to ask.
    """
    is_paid = payment.status == IntentStatus.succeeded
    if not payment.return_url or not (payment.said or {}).get("api"):
        return payment.return_url if is_paid else ""
    if not is_paid and payment.status not in {IntentStatus.requires_payment_method, IntentStatus.canceled}:
        return ""
    told = {
        "payment_intent": payment.id,
        "payment_intent_client_secret": client_secret(payment.id),
        "redirect_status": "succeeded" if is_paid else "failed",
    }
    parts = urlsplit(payment.return_url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(told))))))


def notify_url() -> str:
    """Return the full address at which notifications are taken."""
    return current().public_base_url.rstrip("/") + NOTIFY_PATH


def _address(payment_id: str, page: str) -> str:
    return f"{current().public_base_url.rstrip('/')}/pay/{payment_id}{page}?k={page_key(payment_id)}"
