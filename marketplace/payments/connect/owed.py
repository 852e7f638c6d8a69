"""Who is owed what, added up from a few balances: for pages, the interface for programs, and the proof of the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import case, func, select

from commons.db import db, prefix_range
from marketplace.ledger.models import LedgerAccount, LedgerBalance, LedgerTransfer
from marketplace.ledger.proofs import Fault, proves
from marketplace.ledger.queries import balance_fen
from marketplace.payments.connect.models import Payout, SellerAccount, TransferReversal
from marketplace.payments.connect.rules import PayoutStatus

HAVE = ("alipay_clearing", "direct_clearing", "bank", "alipay_fee", "cash_difference")
OWE = ("platform_fee", "refund_in_flight", "payout_in_flight", "suspense")


@dataclass(frozen=True, slots=True)
class Holdings:
    """What lies where in one world. All of it together is nothing: every fen that is had is owed, or ours."""

    earned_fen: int
    escrow_fen: int
    payable_fen: int
    sellers_owe_fen: int


def holdings(*, livemode: bool) -> Holdings:
    """Add up the few accounts that belong to nobody in particular, the boxes and the sellers; the rest is escrow."""
    have = sum(balance_fen(code, livemode=livemode) for code in HAVE) + _sum_of("cash", livemode)[0]
    owe = sum(balance_fen(code, livemode=livemode) for code in OWE)
    payable, in_debt = _sum_of("seller_payable", livemode)
    earned = balance_fen("platform_fee", livemode=livemode) - balance_fen("alipay_fee", livemode=livemode)
    return Holdings(earned, have - owe - payable, payable, in_debt)


def _sum_of(kind: str, livemode: bool) -> tuple[int, int]:
    """Return the sum of all accounts of a kind, and how much is below zero among them."""
    grown = LedgerBalance.debits_fen - LedgerBalance.credits_fen
    balance = case((LedgerAccount.side == "debit", grown), else_=-grown)
    row = db.session.execute(
        select(func.coalesce(func.sum(balance), 0), func.coalesce(func.sum(case((balance < 0, -balance), else_=0)), 0))
        .select_from(LedgerAccount)
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .where(LedgerAccount.livemode == livemode, prefix_range(LedgerAccount.code, f"{kind}:"))
    ).one()
    return int(row[0]), int(row[1])


def account_owed_fen(account_id: str) -> int:
    """Return what an account is owed."""
    account = db.session.get(SellerAccount, account_id)
    if account is None:
        return 0
    return balance_fen(f"seller_payable:{account.seller}", livemode=account.livemode)


@proves
def payouts_agree_with_ledger() -> Iterator[Fault]:
    """Hold every payout and reversal against what was posted for it."""
    done = (LedgerTransfer.kind == "payout_done") & (LedgerTransfer.ref == Payout.id)
    expected = case((Payout.status == PayoutStatus.paid, Payout.amount_fen), else_=0)
    rows = db.session.execute(
        select(Payout.id, Payout.status, Payout.amount_fen, LedgerTransfer.amount_fen)
        .outerjoin(LedgerTransfer, done)
        .where(func.coalesce(LedgerTransfer.amount_fen, 0) != expected)
    )
    for payout_id, status, amount, in_books in rows:
        yield Fault(payout_id, f"is {status} over {amount} fen, the ledger says {in_books}")
    posted = (LedgerTransfer.kind == "reversed") & (LedgerTransfer.ref == TransferReversal.id)
    missing = db.session.execute(
        select(TransferReversal.id, TransferReversal.amount_fen, LedgerTransfer.amount_fen)
        .outerjoin(LedgerTransfer, posted)
        .where(func.coalesce(LedgerTransfer.amount_fen, 0) != TransferReversal.amount_fen)
    )
    for reversal_id, amount, in_books in missing:
        yield Fault(reversal_id, f"took {amount} fen back, the ledger says {in_books}")
