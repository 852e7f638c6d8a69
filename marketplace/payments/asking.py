"""
What a program may do about a payment before it is paid: say more of it, and hand it to its payer.

Every one runs inside the caller's ``transaction()``, and the caller has locked the payment.
"""

from __future__ import annotations

from dataclasses import dataclass

from commons import clock
from marketplace.payments.errors import NotPayable, OfflineLimit
from marketplace.payments.gateways import gateways
from marketplace.payments.models import PaymentIntent
from marketplace.payments.queries import open_attempts, terms_of
from marketplace.payments.records import record_intent
from marketplace.payments.rules import IntentStatus, Method

# Before the payer has been anywhere; afterwards only words may change, no money.
BEFORE_PAYER = (
    IntentStatus.requires_payment_method,
    IntentStatus.requires_confirmation,
    IntentStatus.requires_action,
)


@dataclass(frozen=True, slots=True)
class HandOver:
    """How a payment goes to its payer: by which method, and where the payer comes back to."""

    method: Method
    return_url: str = ""
    payment_method: str = ""


def hand_to_payer(intent: PaymentIntent, to: HandOver) -> None:
    """
    From now on the payment may be paid at its page. Harmless when it is handed over again.

    Raises:
        NotPayable: it is over, its time is, or it is being canceled.
        NoOnlinePayment: there is no gateway in its world.
        OfflineLimit: paying by hand is limited in its place.
    """
    _must_wait(intent)
    _check_limit(to.method, intent.amount_fen, intent.area)
    if to.method is Method.alipay:
        gateways().current(intent.livemode)
    intent.method = to.method
    intent.return_url = to.return_url or intent.return_url
    intent.payment_method = to.payment_method or intent.payment_method
    intent.last_error = ""
    if intent.status != IntentStatus.requires_action:
        intent.status = IntentStatus.requires_action
        record_intent("payment_intent.requires_action", intent)


def change_amount(intent: PaymentIntent, amount_fen: int) -> None:
    """
    Ask for another amount than before.

    Raises:
        NotPayable: the payer may already be at the cashier with the old one, or the payment is over; or it belongs to
            an order or a session, which says what is to be paid.
        OfflineLimit: paying by hand is limited in its place.
    """
    _must_wait(intent)
    if amount_fen != intent.amount_fen and (intent.reference or open_attempts(intent.id)):
        raise NotPayable()
    _check_limit(Method(intent.method), amount_fen, intent.area)
    intent.amount_fen = amount_fen


def _check_limit(method: Method, amount_fen: int, area: str) -> None:
    if method is Method.offline and amount_fen > (limit := terms_of(area).offline_limit_fen):
        raise OfflineLimit(limit)


def _must_wait(intent: PaymentIntent) -> None:
    if intent.status not in BEFORE_PAYER or intent.cancel_asked_at or clock.now() >= intent.expires_at:
        raise NotPayable()
