"""Timed work of the ledger: snapshots of hot accounts every hour, and a check of the books every night."""

from __future__ import annotations

from datetime import timedelta

import structlog
from sqlalchemy import func, or_, select

from commons.db import db, locked, transaction
from commons.outbox import job
from marketplace.ledger.models import LedgerAccount, LedgerBalance, LedgerTransfer
from marketplace.ledger.proofs import Findings, all_faults
from marketplace.ledger.queries import moved_since

log = structlog.get_logger(__name__)


@job("ledger.snapshot", every=timedelta(hours=1))
def take_snapshots() -> None:
    """Safe to repeat: a second snapshot only begins where the first one ended."""
    hot = db.session.scalars(
        select(LedgerAccount.id).where(LedgerAccount.is_hot).order_by(LedgerAccount.id)
    ).all()
    for account_id in hot:
        with transaction():
            take_snapshot(account_id)


def take_snapshot(account_id: int) -> None:
    """
    Fold the tail of a hot account into its balance row.

    A transfer holds its account's row against this lock from before its number is drawn until it is committed
    (the trigger of migration 0011 sees to that). So while the lock is held here, every transfer of the account with a
    number up to the highest visible one is visible, and none of them can be left out.
    """
    locked(LedgerAccount, account_id)
    balance = locked(LedgerBalance, account_id)
    if balance is None:
        return
    touches = or_(LedgerTransfer.debit_account == account_id, LedgerTransfer.credit_account == account_id)
    last = db.session.scalar(
        select(func.max(LedgerTransfer.id)).where(touches, LedgerTransfer.id > balance.through_id)
    )
    if last is None:
        return
    moved = moved_since(account_id, balance.through_id, last)
    balance.through_id = last
    balance.debits_fen += moved.debits_fen
    balance.credits_fen += moved.credits_fen


@job("ledger.check", every=timedelta(days=1), offset=timedelta(hours=19))
def check_books() -> None:
    """Safe to repeat: it only reads. A fault raises, so that the job fails and the operator sees it."""
    found, first = Findings(), ""
    for fault in all_faults():
        first = first or f"{fault.where} {fault.words}"
        if found.note(fault):
            log.error("ledger_fault", where=fault.where, words=fault.words)
    if found.total:
        raise RuntimeError(f"{found.total} faults in the books; first: {first}")
