"""``/v1/balance``: what the platform has earned, or one account is owed, and what waits in the caller's own payments."""

from __future__ import annotations

from typing import Any

from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.api.scope import is_named
from marketplace.payments.connect.api.waiting import waiting_fen
from marketplace.payments.connect.objects import CURRENCY
from marketplace.payments.connect.owed import account_owed_fen, holdings
from marketplace.payments.models import PaymentIntent


@endpoint("GET", "/v1/balance", answers="balance")
def retrieve_balance(call: Call) -> Answer:
    """Retrieve the balance: ``available`` is the caller's own, ``pending`` waits until buyers have their goods."""
    if call.account:
        own = (PaymentIntent.account == call.account) & is_named(PaymentIntent.account)
        available, reserved = account_owed_fen(call.account), 0
        pending = waiting_fen(own, livemode=call.livemode)
    else:
        held = holdings(livemode=call.livemode)
        available, reserved = held.earned_fen, held.sellers_owe_fen
        pending = held.escrow_fen - waiting_fen(is_named(PaymentIntent.account), livemode=call.livemode)
    return {
        "object": "balance",
        "available": [_amount(available)],
        "connect_reserved": [_plain(reserved)],
        "livemode": call.livemode,
        "pending": [_amount(pending)],
    }


def _plain(fen: int) -> dict[str, Any]:
    return {"amount": fen, "currency": CURRENCY}


def _amount(fen: int) -> dict[str, Any]:
    return _plain(fen) | {"source_types": {"card": fen}}
