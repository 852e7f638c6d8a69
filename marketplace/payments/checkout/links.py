"""The addresses of a session's pages, and the word that opens them. Derived, so that nothing secret is stored."""

from __future__ import annotations

from commons.security import keyed_hash
from commons.settings import current
from marketplace.payments.checkout.models import CheckoutSession
from marketplace.payments.checkout.rules import language_of, session_of
from marketplace.payments.models import PaymentIntent


def session_key(session_id: str) -> str:
    """Return the word without which a session's page does not exist; the id alone is told to many."""
    return keyed_hash("checkout-page", session_id)[:32]


def session_url(session_id: str, locale: str | None = None) -> str:
    """Return the full address of a session's page, in the language that the shop chose."""
    chosen = language_of(locale)
    return _address(session_id, "") + (f"&lang={chosen}" if chosen else "")


def to_cashier_url(session_id: str) -> str:
    """Return the full address that opens the payment and leads to the cashier."""
    return _address(session_id, "/pay")


def done_url(session_id: str) -> str:
    """Return the full address to which a buyer who has paid comes back."""
    return _address(session_id, "/done")


def home_of(payment: PaymentIntent) -> str:
    """Return the page of the session that *payment* belongs to; empty when it belongs to none."""
    session_id = session_of(payment.reference)
    return session_url(session_id) if session_id else ""


def url_shown(session: CheckoutSession) -> str | None:
    """Return the address as programs see it: only while there is something to pay."""
    return session_url(session.id, session.locale) if session.status == "open" else None


def _address(session_id: str, page: str) -> str:
    base = current().public_base_url.rstrip("/")
    return f"{base}/checkout/{session_id}{page}?k={session_key(session_id)}"
