"""Sellers and payouts for the operator's pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from commons.db import db
from commons.errors import Missing
from marketplace.ledger.models import LedgerAccount, LedgerBalance
from marketplace.payments.connect.models import BankList, Payout, SellerAccount
from marketplace.payments.connect.rules import Means, PayoutStatus, Settlement
from marketplace.payments.gateways import gateways

# Made once, and on the table: the question about a sub-merchant stands in the way of every order.
TABLE = SellerAccount.metadata.tables[SellerAccount.__tablename__]


@dataclass(frozen=True, slots=True)
class SellerSight:
    """A seller in the list: the account, and what it is owed."""

    account: SellerAccount
    owed_fen: int


def sellers(*, livemode: bool, limit: int = 500) -> list[SellerSight]:
    """Return every seller with an account, who is owed most first."""
    owed = func.coalesce(LedgerBalance.credits_fen - LedgerBalance.debits_fen, 0)
    rows = db.session.execute(
        select(SellerAccount, owed)
        .outerjoin(
            LedgerAccount,
            (LedgerAccount.livemode == SellerAccount.livemode)
            & (LedgerAccount.code == "seller_payable:" + SellerAccount.seller),
        )
        .outerjoin(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .where(SellerAccount.livemode == livemode)
        .order_by(owed.desc(), SellerAccount.id)
        .limit(limit)
    )
    return [SellerSight(account, int(fen)) for account, fen in rows]


def the_account(account_id: str) -> SellerAccount:
    """
    Return an account by its id.

    Raises:
        Missing: there is none.
    """
    found = db.session.get(SellerAccount, account_id)
    if found is None:
        raise Missing()
    return found


_SUB_MERCHANT = select(TABLE.c.id).where(
    TABLE.c.livemode == bindparam("livemode"),
    TABLE.c.seller == bindparam("seller"),
    TABLE.c.settlement == Settlement.direct.value,
    TABLE.c.smid != "",
)


def sub_merchant_of(seller: str) -> str:
    """Return the account of a seller whose money Alipay holds; empty when the co-op sells. Asked with every order."""
    asked = {"livemode": gateways().livemode, "seller": seller}
    return db.session.connection().execute(_SUB_MERCHANT, asked).scalar() or ""


def the_payout(payout_id: str) -> Payout:
    """
    Return a payout by its id.

    Raises:
        Missing: there is none.
    """
    found = db.session.get(Payout, payout_id)
    if found is None:
        raise Missing()
    return found


def the_list(list_id: int) -> BankList:
    """
    Return a bank list by its number.

    Raises:
        Missing: there is none.
    """
    found = db.session.get(BankList, list_id)
    if found is None:
        raise Missing()
    return found


def open_payouts(*, livemode: bool) -> Sequence[Payout]:
    """Return the payouts that have not ended, oldest first."""
    waiting = (PayoutStatus.pending, PayoutStatus.in_transit)
    wanted = select(Payout).where(Payout.livemode == livemode, Payout.status.in_(waiting))
    return db.session.scalars(wanted.order_by(Payout.created_at, Payout.id).limit(500)).all()


def payouts_of(account_id: str, limit: int = 50) -> Sequence[Payout]:
    """Return the newest payouts of an account."""
    newest = select(Payout).where(Payout.account_id == account_id)
    return db.session.scalars(newest.order_by(Payout.created_at.desc(), Payout.id.desc()).limit(limit)).all()


def count_for_the_bank(*, livemode: bool) -> int:
    """Return how many payouts wait for the next list."""
    waiting = (
        Payout.livemode == livemode,
        Payout.means == Means.bank,
        Payout.status == PayoutStatus.pending,
        Payout.list_id.is_(None),
    )
    return db.session.scalar(select(func.count()).select_from(Payout).where(*waiting)) or 0


@dataclass(frozen=True, slots=True)
class Box:
    """A keeper's box of cash: what ought to lie in it by the books."""

    keeper: str
    expected_fen: int


def boxes(*, livemode: bool) -> list[Box]:
    """Return the keepers' boxes that were ever used, the office's left out."""
    rows = db.session.execute(
        select(LedgerAccount.code, LedgerBalance.debits_fen - LedgerBalance.credits_fen)
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .where(
            LedgerAccount.livemode == livemode, LedgerAccount.code >= "cash:", LedgerAccount.code < "cash;"
        )
        .order_by(LedgerAccount.code)
    )
    return [Box(code.partition(":")[2], int(fen)) for code, fen in rows if code != "cash:office"]
