"""The trail that one payment leaves: requests to the gateway, its notifications, and the events recorded."""

from __future__ import annotations

from sqlalchemy import or_, select

from commons.db import db
from marketplace.payments.models import Charge, PaymentAttempt, Refund, SellerTransfer
from marketplace.payments.record_models import GatewayOp, PaymentEvent, PaymentNotification


def ops_of(payment_id: str) -> list[GatewayOp]:
    """Return what the gateway was asked to do about a payment, oldest first."""
    numbers = select(PaymentAttempt.out_trade_no).where(PaymentAttempt.intent_id == payment_id)
    wanted = select(GatewayOp).where(GatewayOp.out_trade_no.in_(numbers)).order_by(GatewayOp.id)
    return list(db.session.scalars(wanted))


def notifications_of(payment_id: str) -> list[PaymentNotification]:
    """Return the notifications that the gateway signed about a payment, oldest first."""
    numbers = select(PaymentAttempt.out_trade_no).where(PaymentAttempt.intent_id == payment_id)
    wanted = select(PaymentNotification).where(PaymentNotification.out_trade_no.in_(numbers))
    return list(db.session.scalars(wanted.order_by(PaymentNotification.first_at)))


def events_of(payment_id: str) -> list[PaymentEvent]:
    """Return the events about a payment, its charges, refunds and releases, oldest first."""
    parts = [
        PaymentEvent.object_id.in_(select(model.id).where(model.intent_id == payment_id))
        for model in (Charge, Refund, SellerTransfer)
    ]
    wanted = select(PaymentEvent).where(or_(PaymentEvent.object_id == payment_id, *parts))
    return list(db.session.scalars(wanted.order_by(PaymentEvent.created_at, PaymentEvent.id)))
