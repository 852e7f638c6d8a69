"""``/v1/balance``: what the platform has earned and what waits in payments; or what one account is owed."""

from __future__ import annotations

from typing import Any

from marketplace.payments.api.registry import Answer, Call, endpoint
from marketplace.payments.connect.objects import CURRENCY
from marketplace.payments.connect.owed import account_owed_fen, holdings


@endpoint("GET", "/v1/balance", answers="balance")
def retrieve_balance(call: Call) -> Answer:
    """Retrieve the balance: ``available`` is the caller's own, ``pending`` waits until buyers have their goods."""
    if call.account:
        available, pending, reserved = account_owed_fen(call.account), 0, 0
    else:
        held = holdings(livemode=call.livemode)
        available, pending, reserved = held.earned_fen, held.escrow_fen, held.sellers_owe_fen
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
