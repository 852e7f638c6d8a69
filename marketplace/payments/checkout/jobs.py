"""Work of checkout: sessions whose time is over."""

from __future__ import annotations

from contextlib import suppress

from commons.db import transaction
from commons.errors import Missing
from commons.outbox import job
from marketplace.payments.checkout.actions import end_session
from marketplace.payments.errors import AlreadyPaid


@job("checkout.expire")
def expire_session(session_id: str) -> None:
    """Safe to repeat: a session that is paid or over stays as it is."""
    with suppress(AlreadyPaid, Missing), transaction():  # paid in the last moment
        end_session(session_id)
