"""A statement of one account over some days: what it held before, every movement, and what it holds after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select

from commons.clock import start_of_day
from commons.db import db, prefix_range
from marketplace.ledger.models import LedgerAccount, LedgerTransfer
from marketplace.ledger.queries import StatementLine, statement


@dataclass(frozen=True, slots=True)
class Statement:
    """The days *since* to *until*, both included, as an account's own side sees them."""

    code: str
    since: date
    until: date
    opening_fen: int
    lines: tuple[StatementLine, ...]

    @property
    def closing_fen(self) -> int:
        """What the account holds at the end."""
        return self.lines[-1].balance_fen if self.lines else self.opening_fen

    def sum_of(self, *kinds: str) -> int:
        """Add up the movements of some kinds."""
        return sum(line.change_fen for line in self.lines if line.kind in kinds)


def statement_of(code: str, since: date, until: date, *, livemode: bool) -> Statement:
    """Return the statement of *code* from the beginning of *since* to the end of *until*, by China's calendar."""
    begins, ends = start_of_day(since), start_of_day(until + timedelta(days=1))
    lines = tuple(statement(code, livemode=livemode, since=begins, until=ends, limit=100_000))
    opening = (
        lines[0].balance_fen - lines[0].change_fen
        if lines
        else balance_before(code, since, livemode=livemode)
    )
    return Statement(code, since, until, opening, lines)


def balance_before(code: str, day: date, *, livemode: bool) -> int:
    """Return what *code* held when *day* began, seen from its own side."""
    grown = case(
        (LedgerTransfer.credit_account == LedgerAccount.id, LedgerTransfer.amount_fen),
        else_=-LedgerTransfer.amount_fen,
    )
    touches = (LedgerTransfer.credit_account == LedgerAccount.id) | (
        LedgerTransfer.debit_account == LedgerAccount.id
    )
    side = case((LedgerAccount.side == "credit", 1), else_=-1)
    total = db.session.scalar(
        select(func.coalesce(func.sum(grown * side), 0))
        .select_from(LedgerAccount)
        .join(LedgerTransfer, touches)
        .where(
            LedgerAccount.livemode == livemode,
            LedgerAccount.code == code,
            LedgerTransfer.at < start_of_day(day),
        )
    )
    return int(total or 0)


@dataclass(frozen=True, slots=True)
class DayRow:
    """One account's day, from a kind of accounts: sums per kind of posting."""

    code: str
    changes: dict[str, int]
    closing_fen: int


def day_rows(kind: str, day: date, *, livemode: bool) -> list[DayRow]:
    """Return the day of every account of *kind* that moved that day, by code; each grows by credits."""
    begins, ends = start_of_day(day), start_of_day(day + timedelta(days=1))
    touches = (LedgerTransfer.credit_account == LedgerAccount.id) | (
        LedgerTransfer.debit_account == LedgerAccount.id
    )
    grown = case(
        (LedgerTransfer.credit_account == LedgerAccount.id, LedgerTransfer.amount_fen),
        else_=-LedgerTransfer.amount_fen,
    )
    moved = db.session.execute(
        select(LedgerAccount.code, LedgerTransfer.kind, func.sum(grown))
        .select_from(LedgerAccount)
        .join(LedgerTransfer, touches)
        .where(LedgerAccount.livemode == livemode, prefix_range(LedgerAccount.code, f"{kind}:"))
        .where(LedgerTransfer.at >= begins, LedgerTransfer.at < ends)
        .group_by(LedgerAccount.code, LedgerTransfer.kind)
        .order_by(LedgerAccount.code)
    )
    changes: dict[str, dict[str, int]] = {}
    for code, posting, fen in moved:
        changes.setdefault(code, {})[posting] = int(fen)
    after = day + timedelta(days=1)
    return [
        DayRow(code, each, balance_before(code, after, livemode=livemode)) for code, each in changes.items()
    ]
