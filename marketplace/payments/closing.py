"""Asking the gateway to close an attempt: the request, written down before anything is sent."""

from __future__ import annotations

from sqlalchemy import select

from commons import clock
from commons.db import db
from commons.outbox import enqueue
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.record_models import GatewayOp
from marketplace.payments.rules import OpState

CLOSE = "close"


def close_op(out_trade_no: str) -> GatewayOp | None:
    """Return the request to close an attempt, if there is one."""
    return db.session.scalar(
        select(GatewayOp).where(GatewayOp.kind == CLOSE, GatewayOp.out_no == out_trade_no)
    )


def ask_to_close(attempt: PaymentAttempt) -> None:
    """Write down that *attempt* is to be closed; asking twice changes nothing."""
    if close_op(attempt.out_trade_no) is not None:
        return
    db.session.add(
        GatewayOp(
            kind=CLOSE,
            out_no=attempt.out_trade_no,
            out_trade_no=attempt.out_trade_no,
            app_id=attempt.app_id,
            livemode=attempt.livemode,
            state=OpState.planned,
            attempts=0,
            last_words="",
            created_at=clock.now(),
        )
    )
    key = f"payment.close:{attempt.out_trade_no}:0"
    enqueue("payment.close", unique_key=key, number=attempt.out_trade_no)
