"""Work of checkout: sessions whose time is over."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import update

from commons import clock
from commons.db import transaction
from commons.errors import Missing
from commons.outbox import job
from marketplace.payments.checkout.actions import end_session
from marketplace.payments.checkout.models import CheckoutSession
from marketplace.payments.checkout.rules import PERSONAL_KEPT_FOR
from marketplace.payments.errors import AlreadyPaid


@job("checkout.expire")
def expire_session(session_id: str) -> None:
    """Safe to repeat: a session that is paid or over stays as it is."""
    with suppress(AlreadyPaid, Missing), transaction():  # paid in the last moment
        end_session(session_id)


@job("checkout.forget", every=timedelta(days=1), offset=timedelta(hours=19, minutes=10))
def forget_buyers() -> None:
    """Safe to repeat: who paid a session that ended more than thirty days ago is forgotten once."""
    ended = CheckoutSession.ended_at < clock.now() - PERSONAL_KEPT_FOR
    with transaction() as session:
        session.execute(
            update(CheckoutSession).where(ended, CheckoutSession.sealed.is_not(None)).values(sealed=None)
        )
