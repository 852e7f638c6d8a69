"""What waits in payments until their buyers have the goods: of one payment, and of accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, literal, select

from commons.db import db
from marketplace.ledger.models import LedgerAccount, LedgerBalance
from marketplace.payments.models import PaymentIntent

_HELD = LedgerBalance.credits_fen - LedgerBalance.debits_fen


def escrow_of(intent_id: Any, livemode: Any) -> ScalarSelect[int]:
    """Return what a payment holds, as a part of a larger question."""
    held = select(func.coalesce(func.sum(_HELD), 0)).join(
        LedgerAccount, LedgerAccount.id == LedgerBalance.account_id
    )
    return held.where(_is_escrow_of(intent_id, livemode)).scalar_subquery()


def waiting_fen(whose: ColumnElement[bool], *, livemode: bool) -> int:
    """Return what waits in the payments of *whose*."""
    asked = (
        select(func.coalesce(func.sum(_HELD), 0))
        .select_from(PaymentIntent)
        .join(LedgerAccount, _is_escrow_of(PaymentIntent.id, PaymentIntent.livemode))
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .where(whose, PaymentIntent.livemode == livemode)
    )
    return int(db.session.scalar(asked) or 0)


def _is_escrow_of(intent_id: Any, livemode: Any) -> ColumnElement[bool]:
    is_it: ColumnElement[bool] = LedgerAccount.code == literal("buyer_escrow:") + intent_id
    is_there: ColumnElement[bool] = LedgerAccount.livemode == livemode
    return is_it & is_there
