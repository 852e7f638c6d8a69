"""The edge of printing that pages and commands share: the file is made between two transactions."""

from __future__ import annotations

from commons.db import db, end_read, transaction
from village.plates import actions
from village.plates.models import PlateBatch


def finish(batch: PlateBatch) -> None:
    """Make the file of a batch outside any transaction and write down that it is right; give it up if it cannot be made."""
    try:
        printed = actions.make_file(batch)
        end_read()
    except Exception:
        db.session.rollback()
        with transaction():
            actions.give_up_batch(batch.id)
        raise
    with transaction():
        actions.finish_batch(batch.id, printed)
