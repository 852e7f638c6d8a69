"""What the clock asks of accounts: forget spent codes, old sign-ins and drafts nobody came back for."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from commons import clock, drafts
from commons.accounts.models import OneTimeCode, SignIn
from commons.db import transaction
from commons.outbox import job

KEEP_CODES = timedelta(days=1)
KEEP_SIGN_INS = timedelta(days=180)


@job("account.sweep", every=timedelta(hours=6))
def sweep() -> None:
    """Remove what has no more use. Safe to repeat: what is removed is gone, what is fresh stays."""
    now = clock.now()
    with transaction() as writing:
        writing.execute(delete(OneTimeCode).where(OneTimeCode.created_at < now - KEEP_CODES))
        writing.execute(delete(SignIn).where(SignIn.created_at < now - KEEP_SIGN_INS))
        drafts.forget_old(now)
