"""What is known of checkout sessions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from commons.db import db
from commons.errors import Missing
from marketplace.payments.checkout.models import CheckoutSession


def sessions_of(livemode: bool, account: str) -> Select[Any]:
    """Return the sessions of one world and account, as a statement to be narrowed."""
    return select(CheckoutSession).where(
        CheckoutSession.livemode == livemode, CheckoutSession.account == account
    )


def the_session(session_id: str) -> CheckoutSession:
    """
    Return a session.

    Raises:
        Missing: there is none.
    """
    found = db.session.get(CheckoutSession, session_id)
    if found is None:
        raise Missing()
    return found
