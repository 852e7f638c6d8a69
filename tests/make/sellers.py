"""Sellers who are owed money, and the ways in which they want it."""

from __future__ import annotations

from marketplace.payments.actions import release_to_seller
from marketplace.payments.connect.actions import NewAccount, mark_verified, open_account, set_payee
from marketplace.payments.connect.models import Payout, SellerAccount
from marketplace.payments.connect.payouts import PayoutAsk, request_payout
from marketplace.payments.connect.rules import Means, Payee
from marketplace.payments.models import SellerTransfer
from tests.make.divisions import written
from tests.make.payments import make_offline_paid_payment

PAYEES = {
    "alipay": Payee(Means.alipay, "王秀兰", "wang@example.cn"),
    "bank": Payee(Means.bank, "王秀兰", "6200000000000000012", "示范农商行"),
    "cash": Payee(Means.cash, "王秀兰"),
}


def make_account(*, seller: str = "7", means: str = "alipay", verified: bool = True) -> SellerAccount:
    """A seller who can be paid."""
    with written():
        account = open_account(NewAccount(seller=seller, name="谷子喂的鸡", area="420923105207"))
        set_payee(account.id, PAYEES[means])
        if verified:
            mark_verified(account.id, "person:1")
        return account


def make_owed(*, seller: str = "7", amount_fen: int = 10_000) -> SellerTransfer:
    """A sale for cash whose goods the buyer has: *amount_fen* less three of a hundred are owed to the seller."""
    payment = make_offline_paid_payment(amount_fen=amount_fen)
    with written():
        return release_to_seller(payment.id, seller, amount_fen, f"order:{payment.id}")


def make_payout(*, account: SellerAccount, amount_fen: int = 5_000, reference: str | None = None) -> Payout:
    """A payout that was approved and has not left."""
    with written():
        return request_payout(PayoutAsk(account.id, amount_fen, reference))
