"""What the accounts hold, and what happened on one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from commons.db import db
from marketplace.ledger.models import LedgerAccount, LedgerBalance, LedgerTransfer
from marketplace.ledger.rules import Side, Totals


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of an account; *balance_fen* is what the account held after it."""

    transfer_id: int
    at: datetime
    kind: str
    ref: str
    other: str
    change_fen: int
    balance_fen: int


def balance_fen(code: str, *, livemode: bool) -> int:
    """Return what the account *code* holds, seen from its own side; 0 if it was never used."""
    account = db.session.scalar(
        select(LedgerAccount).where(LedgerAccount.livemode == livemode, LedgerAccount.code == code)
    )
    return 0 if account is None else totals_of(account).balance_fen(Side(account.side))


def totals_of(account: LedgerAccount) -> Totals:
    """Return all debits and credits: one row, and for a hot account the transfers since its last snapshot."""
    row = db.session.execute(
        select(LedgerBalance.through_id, LedgerBalance.debits_fen, LedgerBalance.credits_fen).where(
            LedgerBalance.account_id == account.id
        )
    ).one()
    known = Totals(row.debits_fen, row.credits_fen)
    return known + moved_since(account.id, row.through_id) if account.is_hot else known


def moved_since(account_id: int, transfer_id: int, until: int | None = None) -> Totals:
    """Add up the transfers of an account after *transfer_id*, up to *until* where it is given."""

    def side(column: InstrumentedAttribute[int]) -> Select[int]:
        wanted = select(func.coalesce(func.sum(LedgerTransfer.amount_fen), 0)).where(
            column == account_id, LedgerTransfer.id > transfer_id
        )
        return wanted if until is None else wanted.where(LedgerTransfer.id <= until)

    debits = db.session.scalar(side(LedgerTransfer.debit_account))
    credits = db.session.scalar(side(LedgerTransfer.credit_account))
    return Totals(int(debits or 0), int(credits or 0))


def statement(
    code: str, *, livemode: bool, since: datetime, until: datetime, limit: int = 10_000
) -> list[StatementLine]:
    """Return the movements of *code* from *since* to before *until*, oldest first, each with the balance after it."""
    account = db.session.scalar(
        select(LedgerAccount).where(LedgerAccount.livemode == livemode, LedgerAccount.code == code)
    )
    if account is None:
        return []
    side = Side(account.side)
    balance = _totals_before(account.id, since).balance_fen(side)
    lines = []
    for row in db.session.execute(_movements(account.id, since, until).limit(limit)):
        grown = (row.direction == 1) == (side is Side.debit)
        change = row.amount_fen if grown else -row.amount_fen
        balance += change
        lines.append(StatementLine(row.id, row.at, row.kind, row.ref, row.other, change, balance))
    return lines


def _movements(account_id: int, since: datetime, until: datetime) -> Select[Any]:
    is_debit = LedgerTransfer.debit_account == account_id
    other = case((is_debit, LedgerTransfer.credit_account), else_=LedgerTransfer.debit_account)
    return (
        select(
            LedgerTransfer.id,
            LedgerTransfer.at,
            LedgerTransfer.kind,
            LedgerTransfer.ref,
            LedgerTransfer.amount_fen,
            LedgerAccount.code.label("other"),
            case((is_debit, literal(1)), else_=literal(0)).label("direction"),
        )
        .join(LedgerAccount, LedgerAccount.id == other)
        .where(or_(is_debit, LedgerTransfer.credit_account == account_id))
        .where(LedgerTransfer.at >= since, LedgerTransfer.at < until)
        .order_by(LedgerTransfer.id)
    )


def _totals_before(account_id: int, moment: datetime) -> Totals:
    def side(column: InstrumentedAttribute[int]) -> Select[int]:
        total = func.coalesce(func.sum(LedgerTransfer.amount_fen), 0)
        return select(total).where(column == account_id, LedgerTransfer.at < moment)

    debits = db.session.scalar(side(LedgerTransfer.debit_account))
    credits = db.session.scalar(side(LedgerTransfer.credit_account))
    return Totals(int(debits or 0), int(credits or 0))
