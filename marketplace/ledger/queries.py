"""What the accounts hold, what happened on one of them, and the proof that the books are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from commons.db import db
from marketplace.ledger.models import LedgerAccount, LedgerBalance, LedgerTransfer
from marketplace.ledger.rules import Side, Totals, kind_of


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


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the books."""

    where: str
    words: str


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


def faults() -> Iterator[Fault]:
    """Add everything up again from the transfers alone, and name whatever does not agree."""
    recomputed = _recomputed()
    wanted = select(LedgerAccount).order_by(LedgerAccount.id).execution_options(yield_per=1000)
    sums = {True: 0, False: 0}
    for account in db.session.scalars(wanted):
        yield from _faults_of(account, recomputed.get(account.id, Totals()))
        totals = recomputed.get(account.id, Totals())
        sums[account.livemode] += totals.debits_fen - totals.credits_fen
    for livemode, difference in sums.items():
        if difference:
            yield Fault("live" if livemode else "test", f"debits and credits differ by {difference} fen")


def _recomputed() -> dict[int, Totals]:
    debit = select(
        LedgerTransfer.debit_account.label("account"), LedgerTransfer.amount_fen.label("d"), literal(0).label("c")
    )
    credit = select(LedgerTransfer.credit_account, literal(0), LedgerTransfer.amount_fen)
    rows = union_all(debit, credit).subquery()
    grouped = select(rows.c.account, func.sum(rows.c.d), func.sum(rows.c.c)).group_by(rows.c.account)
    return {account: Totals(int(d), int(c)) for account, d, c in db.session.execute(grouped)}


def _faults_of(account: LedgerAccount, right: Totals) -> Iterator[Fault]:
    kept = db.session.get(LedgerBalance, account.id)
    if kept is None:
        yield Fault(account.code, "has no balance row")
        return
    if totals_of(account) != right:
        yield Fault(account.code, f"says {totals_of(account)}, the transfers say {right}")
    if account.is_hot and moved_since(account.id, 0, kept.through_id) != Totals(kept.debits_fen, kept.credits_fen):
        yield Fault(account.code, f"the snapshot through {kept.through_id} does not agree with the transfers")
    kind = kind_of(account.code)
    if (account.side, account.is_hot, account.may_go_below) != (kind.side, kind.is_hot, kind.may_go_below):
        yield Fault(account.code, "is not of the kind its code says")
    if not account.may_go_below and right.balance_fen(Side(account.side)) < 0:
        yield Fault(account.code, f"is overdrawn: {right.balance_fen(Side(account.side))} fen")
