"""Work the clock asks for."""

from __future__ import annotations

from datetime import timedelta

from commons.db import transaction
from commons.outbox import job
from village.doors import actions


@job("doors.forget-previews", every=timedelta(hours=6))
def forget_previews() -> None:
    """Safe to repeat: what was removed is gone."""
    with transaction():
        actions.forget_previews()
