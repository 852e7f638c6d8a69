"""Work of webhooks: rounds of deliveries, rounds that were lost, and forgetting."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from commons import clock
from commons.db import transaction
from commons.outbox import enqueue, job
from marketplace.payments.webhooks.delivering import deliver, the_courier
from marketplace.payments.webhooks.models import WebhookAttempt, WebhookDelivery
from marketplace.payments.webhooks.planning import ROUND
from marketplace.payments.webhooks.rules import KEPT_FOR, DeliveryState


@job(ROUND)
def deliver_due() -> None:
    """Safe to repeat: a delivery is claimed by one round at a time, and one that ended is not sent again."""
    if not deliver(the_courier()):
        with transaction():
            enqueue(ROUND)


@job("webhook.sweep", every=timedelta(minutes=5))
def pick_up_strays() -> None:
    """Safe to repeat: it only starts a round, for deliveries whose own round died before it wrote anything down."""
    deliver_due()


@job("webhook.forget", every=timedelta(days=1), offset=timedelta(hours=19))
def forget_old_deliveries() -> None:
    """Safe to repeat: what ended more than thirty days ago is gone the second time. The events themselves stay."""
    before = clock.now() - KEPT_FOR
    ended = (WebhookDelivery.state != DeliveryState.waiting) & (WebhookDelivery.ended_at < before)
    old = select(WebhookDelivery.id).where(ended)
    with transaction() as session:
        session.execute(delete(WebhookAttempt).where(WebhookAttempt.delivery_id.in_(old)))
        session.execute(delete(WebhookDelivery).where(ended))
