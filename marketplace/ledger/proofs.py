"""
The proof that the books are right: everything is added up again from the transfers alone.

The database compares and gives back only what disagrees, so that a million accounts are proved in a few questions; and if
everything disagrees, it comes a handful at a time. What
the ledger cannot know, the features that post to it prove with :func:`held_against`: that every posting has its document,
and every document its posting. Together with the kinds of accounts that a posting may move between, this also proves the
accounts of what is under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from commons.db import db, prefix_range, triggers_on
from marketplace.ledger.models import LedgerAccount, LedgerBalance, LedgerTransfer
from marketplace.ledger.queries import moved_since
from marketplace.ledger.rules import KINDS, POSTINGS, Side, Totals

# What makes the ledger append-only, and its balances true, under either database.
GUARDS = {
    "ledger_transfer": (
        frozenset({
            "ledger_transfer_no_update", "ledger_transfer_no_delete", "ledger_transfer_not_replaced",
            "ledger_transfer_one_world", "ledger_transfer_balances",
        }),
        frozenset({
            "ledger_transfer_append_only", "ledger_transfer_not_emptied", "ledger_transfer_before",
            "ledger_transfer_balances",
        }),
    ),
    "ledger_account": (
        frozenset({
            "ledger_account_no_update", "ledger_account_no_delete", "ledger_account_not_replaced",
            "ledger_account_opens",
        }),
        frozenset({"ledger_account_append_only", "ledger_account_not_emptied", "ledger_account_opens"}),
    ),
}  # fmt: skip


HANDFUL = 1000
TOLD = 50  # of each kind of fault


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with the books. *kind* is the same for all that went wrong in one way."""

    where: str
    words: str
    kind: str


@dataclass(slots=True)
class Findings:
    """What a check has found: everything is counted, and of each kind only the first few are to be told."""

    counts: Counter[str] = field(default_factory=Counter)

    def note(self, fault: Fault) -> bool:
        """Count *fault*, and say whether to tell it."""
        self.counts[fault.kind] += 1
        return self.counts[fault.kind] <= TOLD

    @property
    def total(self) -> int:
        """How much is wrong."""
        return self.counts.total()

    def untold(self) -> list[tuple[str, int]]:
        """Return the kinds of which there was more than was told, and how much more."""
        return [(kind, count - TOLD) for kind, count in self.counts.items() if count > TOLD]


Proof = Callable[[], Iterable[Fault]]

# The ledger knows no payments; a feature that posts gives its own proof here when it is imported.
PROOFS: dict[str, Proof] = {}


def proves(proof: Proof) -> Proof:
    """Let ``ledger check`` ask *proof* as well."""
    PROOFS[f"{proof.__module__}:{proof.__qualname__}"] = proof
    return proof


def all_faults() -> Iterator[Fault]:
    """Name everything that is wrong, in the ledger and between it and the features that post to it."""
    yield from ledger_faults()
    for proof in PROOFS.values():
        yield from proof()


def ledger_faults() -> Iterator[Fault]:
    """Name whatever in the ledger does not agree with its transfers."""
    yield from _wrong_totals()
    yield from _wrong_snapshots()
    yield from _strange_accounts()
    yield from _strange_postings()
    yield from _missing_guards()


@dataclass(frozen=True, slots=True)
class Due:
    """
    What ought to be posted under one *kind*: *documents* gives (ref, fen, the code of the account whose money it is).

    *side* says on which side of the posting that account stands. Where a posting has parts (``ref/…``), *ref_letters* says
    how many letters of its ref name the document, and all parts together are its amount; then *side* is left out.
    """

    kind: str
    documents: Select[str, int, str]
    side: Side | None = None
    ref_letters: int = 0


def held_against(due: Due) -> Iterator[Fault]:
    """Name every document without its posting, every posting without a document, and those that disagree."""
    for number, code, fen, in_books in rows_of(_differing(due)):
        words = f"{due.kind} {code} ought to be {int(fen)} fen, the ledger says {int(in_books)}"
        yield Fault(number, words, f"document:{due.kind}")


@lru_cache(maxsize=64)
def _differing(due: Due) -> Select[*tuple[Any, ...]]:
    owner: ColumnElement[str] = literal("") if due.side is None else LedgerAccount.code.expression
    ref: ColumnElement[str] = LedgerTransfer.ref.expression
    if due.ref_letters:
        ref = func.substr(LedgerTransfer.ref, 1, due.ref_letters)
    posted = select(ref, literal(0), LedgerTransfer.amount_fen, owner).where(LedgerTransfer.kind == due.kind)
    if due.side is not None:
        account = LedgerTransfer.debit_account if due.side is Side.debit else LedgerTransfer.credit_account
        posted = posted.join(LedgerAccount, LedgerAccount.id == account)
    document = due.documents.subquery().c
    wanted = select(
        document[0].label("ref"),
        document[1].label("due"),
        literal(0).label("posted"),
        document[2].label("owner"),
    )
    rows = union_all(wanted.where(document[1] != 0), posted).subquery().c
    ought, is_there = func.sum(rows.due), func.sum(rows.posted)
    return (
        select(rows.ref, rows.owner, ought, is_there).group_by(rows.ref, rows.owner).having(ought != is_there)
    )


def rows_of(question: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    """Ask the database, and hold no more of a long answer than a handful of rows."""
    yield from db.session.execute(question, execution_options={"yield_per": HANDFUL})


def _sums() -> Subquery:
    """Debits and credits of every account that ever moved."""
    debit = select(
        LedgerTransfer.debit_account.label("account"),
        LedgerTransfer.amount_fen.label("debits"),
        literal(0).label("credits"),
    )
    credit = select(LedgerTransfer.credit_account, literal(0), LedgerTransfer.amount_fen)
    rows = union_all(debit, credit).subquery()
    debits, credits = func.sum(rows.c.debits).label("debits"), func.sum(rows.c.credits).label("credits")
    return select(rows.c.account, debits, credits).group_by(rows.c.account).subquery()


def _wrong_totals() -> Iterator[Fault]:
    """Name every balance that is not what the transfers add up to, and every account that they overdraw."""
    for code, kept_debits, kept_credits, right_debits, right_credits, fen, is_different, is_below in rows_of(
        _untrue_totals()
    ):
        if kept_debits is None:
            yield Fault(code, "has no balance row", "no balance")
        elif is_different:
            kept, right = Totals(kept_debits, kept_credits), Totals(int(right_debits), int(right_credits))
            yield Fault(code, f"says {kept}, the transfers say {right}", "balance")
        if is_below:
            yield Fault(code, f"is overdrawn: {int(fen)} fen", "overdrawn")


@cache
def _untrue_totals() -> Select[*tuple[Any, ...]]:
    sums = _sums()
    debits, credits = func.coalesce(sums.c.debits, 0), func.coalesce(sums.c.credits, 0)
    differs = not_(LedgerAccount.is_hot) & (
        (LedgerBalance.debits_fen != debits) | (LedgerBalance.credits_fen != credits)
    )
    holds = case((LedgerAccount.side == Side.debit, debits - credits), else_=credits - debits)
    is_overdrawn = not_(LedgerAccount.may_go_below) & (holds < 0)
    return (
        select(
            LedgerAccount.code, LedgerBalance.debits_fen, LedgerBalance.credits_fen, debits, credits, holds, differs, is_overdrawn
        )
        .outerjoin(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .outerjoin(sums, sums.c.account == LedgerAccount.id)
        .where(or_(LedgerBalance.account_id.is_(None), differs, is_overdrawn))
        .order_by(LedgerAccount.id)
    )  # fmt: skip


def _wrong_snapshots() -> Iterator[Fault]:
    """A hot account's balance is its snapshot and the transfers after it; so only the snapshot can be wrong."""
    rows = db.session.execute(
        select(LedgerAccount.code, LedgerBalance)
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .where(LedgerAccount.is_hot)
        .order_by(LedgerAccount.id)
    ).all()
    for code, kept in rows:
        right = moved_since(kept.account_id, 0, kept.through_id) if kept.through_id else Totals()
        if right != Totals(kept.debits_fen, kept.credits_fen):
            words = f"the snapshot through {kept.through_id} does not agree with the transfers"
            yield Fault(code, words, "snapshot")


def _strange_accounts() -> Iterator[Fault]:
    """Name the accounts that are not of the kind their code says, or of no kind."""
    for (code,) in rows_of(_accounts_of_no_kind()):
        yield Fault(code, "is not of the kind its code says", "strange account")


@cache
def _accounts_of_no_kind() -> Select[*tuple[Any, ...]]:
    known: list[ColumnElement[bool]] = []
    for kind in KINDS.values():
        of_kind = or_(LedgerAccount.code == kind.name, prefix_range(LedgerAccount.code, f"{kind.name}:"))
        known.append(
            and_(
                of_kind,
                LedgerAccount.side == kind.side.value,
                LedgerAccount.is_hot == kind.is_hot,
                LedgerAccount.may_go_below == kind.may_go_below,
            )
        )
    return select(LedgerAccount.code).where(not_(or_(*known)))


def _strange_postings() -> Iterator[Fault]:
    """Name the kinds of postings between accounts that such a posting cannot concern, and those between the two worlds."""
    for kind, left, right, is_crossing, count, ref in rows_of(_kinds_of_postings()):
        if (left, right) not in POSTINGS.get(kind, frozenset()):
            words = f"{count} postings of kind {kind} from {right} to {left}: there is no such kind"
            yield Fault(ref, words, "strange posting")
        if is_crossing:
            yield Fault(ref, f"{count} postings of kind {kind} are between live and test", "between worlds")


@cache
def _kinds_of_postings() -> Select[*tuple[Any, ...]]:
    of_kind = [
        (or_(LedgerAccount.code == name, prefix_range(LedgerAccount.code, f"{name}:")), name)
        for name in KINDS
    ]
    known = select(
        LedgerAccount.id, LedgerAccount.livemode, case(*of_kind, else_="?").label("kind")
    ).subquery()
    debit, credit = aliased(known), aliased(known)
    crosses = debit.c.livemode != credit.c.livemode
    return (
        select(
            LedgerTransfer.kind,
            debit.c.kind,
            credit.c.kind,
            crosses,
            func.count(),
            func.min(LedgerTransfer.ref),
        )
        .join(debit, debit.c.id == LedgerTransfer.debit_account)
        .join(credit, credit.c.id == LedgerTransfer.credit_account)
        .group_by(LedgerTransfer.kind, debit.c.kind, credit.c.kind, crosses)
    )


def _missing_guards() -> Iterator[Fault]:
    for table, sets in GUARDS.items():
        standing = triggers_on(table)
        missing = min((wanted - standing for wanted in sets), key=len)
        for name in sorted(missing):
            words = f"the trigger {name} is gone: nothing keeps it append-only and its balances true"
            yield Fault(table, words, "trigger")
