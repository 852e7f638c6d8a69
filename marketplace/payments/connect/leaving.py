"""What a seller's account holds of a person: taken along by 我的资料, and forgotten when they left and nothing is owed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from commons.accounts.models import Person
from commons.accounts.queries import exported, exported_moment
from commons.db import db
from marketplace.payments.connect.actions import locked_account
from marketplace.payments.connect.models import Payout, SellerAccount
from marketplace.payments.connect.owed import account_owed_fen
from marketplace.payments.connect.rules import PayoutStatus

# What was sold last may still be in its seven days of complaint, and its money on the way.
KEEP_PAYEE = timedelta(days=30)
OPEN = tuple(status for status in PayoutStatus if status.is_open)


def payees_of_who_left(now: datetime) -> list[str]:
    """Return the accounts that still know where the money of somebody goes whose own account was closed long ago."""
    left = (Person.closed_at < now - KEEP_PAYEE, SellerAccount.means != "")
    found = select(SellerAccount.id).join(Person, Person.id == SellerAccount.person_id).where(*left)
    return list(db.session.scalars(found.order_by(SellerAccount.id)))


def forget_payee(account_id: str) -> None:
    """Forget where the money goes, once there is none to go. Sums stay, and so does the payee of what was paid: that is the books."""
    account = locked_account(account_id)
    under_way = select(Payout.id).where(Payout.account_id == account_id, Payout.status.in_(OPEN)).limit(1)
    if account_owed_fen(account_id) > 0 or db.session.scalar(under_way) is not None:
        return
    account.means, account.payee_sealed, account.payee_hint = "", None, ""
    account.certify_no = account.certify_id = ""


@exported("收款账户", "payment_account.person_id", "payment_account.payee_sealed")
def export(person_id: int) -> list[dict[str, Any]]:
    """Return the accounts into which a person is paid, the payee as pages show it, and every payout."""
    theirs = select(SellerAccount).where(SellerAccount.person_id == person_id).order_by(SellerAccount.id)
    return [
        {
            "名称": account.name,
            "收款方式": account.means,
            "收款人": account.payee_hint,
            "核实": exported_moment(account.verified_at),
            "付款": [
                [exported_moment(paid.created_at), paid.amount_fen, paid.status, paid.payee_hint]
                for paid in _payouts(account.id)
            ],
        }
        for account in db.session.scalars(theirs)
    ]


def _payouts(account_id: str) -> list[Payout]:
    every = select(Payout).where(Payout.account_id == account_id)
    return list(db.session.scalars(every.order_by(Payout.created_at, Payout.id)))
