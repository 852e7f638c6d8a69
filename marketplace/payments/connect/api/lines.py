"""
Which lines of the ledger are whose, and what Stripe calls them.

A payment belongs to the account that it was asked for (``Stripe-Account``), or to the platform. Its owner sees the *principal*
lines: what came, what went back, what was released to others. Whoever got or gave something in somebody else's payment sees
those lines of their own: a seller what was released to them, the platform its share of an account's payments. What an
account keeps of its own payment is no line: the money was the account's already, and our share is the charge's fee.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, case, func, or_, select, union

from commons.db import db, prefix_range
from marketplace.ledger.models import LedgerAccount, LedgerTransfer
from marketplace.payments.api.registry import Call
from marketplace.payments.connect.models import SellerAccount, TransferReversal
from marketplace.payments.models import Charge, PaymentIntent, Refund, SellerTransfer
from marketplace.payments.queries import ID_LENGTH


@dataclass(frozen=True, slots=True)
class Sort:
    """How lines of one kind of posting are shown: Stripe's type and category, and the sign for whoever looks."""

    type: str
    category: str
    sign: int
    prefix: str
    ending: str = ""


PRINCIPAL = {
    "paid": Sort("charge", "charge", 1, "ch"),
    "refund_done": Sort("refund", "refund", -1, "re"),
    "released": Sort("transfer", "transfer", -1, "tr"),
    "reversed": Sort("transfer_refund", "transfer_reversal", 1, "trr"),
}
SELLERS = {
    "released": Sort("transfer", "transfer", 1, "tr"),
    "reversed": Sort("transfer_refund", "transfer_reversal", -1, "trr"),
    "refund": Sort("payment_refund", "refund", -1, "re"),
    "refund_failed": Sort("payment_failure_refund", "refund_failure", 1, "re", "_back"),
}
PAID_OUT = {
    "payout": Sort("payout", "payout", -1, "po"),
    "payout_failed": Sort("payout_failure", "payout_reversal", 1, "po", "_back"),
    "payout_returned": Sort("payout_failure", "payout_reversal", 1, "po", "_back"),
    "direct_settled": Sort("payout", "payout", -1, "tr", "_direct"),
    "direct_returned": Sort("adjustment", "other_adjustment", 1, "re", "_direct"),
}
OUR_SHARE = {
    "fee": Sort("application_fee", "platform_earning", 1, "tr", "_fee"),
    "fee_reversed": Sort("application_fee_refund", "platform_earning_refund", -1, "trr", "_fee"),
    "refund": Sort("application_fee_refund", "platform_earning_refund", -1, "re", "_fee"),
    "refund_failed": Sort("application_fee", "platform_earning", 1, "re", "_fee_back"),
}
SORTS = (*PRINCIPAL.values(), *SELLERS.values(), *PAID_OUT.values(), *OUR_SHARE.values())
# Whatever Stripe's own have, a list may be narrowed to; of most there is nothing here.
STRIPES_TYPES = (
    "adjustment", "advance", "advance_funding", "anticipation_repayment", "application_fee", "application_fee_refund",
    "charge", "climate_order_purchase", "climate_order_refund", "connect_collection_transfer", "contribution",
    "fee_credit_funding", "inbound_transfer", "inbound_transfer_reversal", "issuing_authorization_hold",
    "issuing_authorization_release", "issuing_dispute", "issuing_dispute_provisional_credit",
    "issuing_dispute_provisional_credit_reversal", "issuing_transaction", "obligation_outbound",
    "obligation_reversal_inbound", "payment", "payment_failure_refund", "payment_network_reserve_hold",
    "payment_network_reserve_release", "payment_refund", "payment_reversal", "payment_unreconciled", "payout",
    "payout_cancel", "payout_failure", "payout_minimum_balance_hold", "payout_minimum_balance_release", "refund",
    "refund_failure", "reserve_hold", "reserve_release", "reserve_transaction", "reserved_funds",
    "stripe_balance_payment_debit", "stripe_balance_payment_debit_reversal", "stripe_fee", "stripe_fx_fee", "tax_fee",
    "tax_fund", "topup", "topup_reversal", "transfer", "transfer_cancel", "transfer_failure", "transfer_refund",
)  # fmt: skip
ENDINGS = ("_fee_back", "_back", "_direct", "_fee")
# A refund's postings bear the account that paid for them behind the refund's id.
_REFUND = func.substr(LedgerTransfer.ref, 1, ID_LENGTH)


@dataclass(frozen=True, slots=True)
class Lines:
    """
    The lines that one caller may see.

    *others* says how those are shown that are not principal, *number* is the caller's own account in the ledger (payable, or
    our share). *among* finds the few lines of an account among many, where nothing else does.
    """

    seen: Select[Any]
    others: dict[str, Sort]
    number: int | None
    among: CompoundSelect[Any] | None = None

    @property
    def wanted(self) -> Select[Any]:
        """All of them."""
        return self.seen if self.among is None else self.seen.where(LedgerTransfer.id.in_(self.among))

    def sort_of(self, row: LedgerTransfer) -> Sort:
        """Return how *row* is shown to this caller."""
        is_principal = row.kind in PRINCIPAL and self.number not in {row.debit_account, row.credit_account}
        return PRINCIPAL[row.kind] if is_principal else self.others[row.kind]

    def of_type(self, name: str) -> Select[Any]:
        """Restrict to lines of Stripe's type *name*."""
        return self.wanted.where(
            LedgerTransfer.kind.in_([kind for kind, sort in self._sorts() if sort.type == name])
        )

    def named(self, key: str) -> Select[Any]:
        """Restrict to the line whose id is *key*."""
        rest = key.removeprefix("txn_")
        ending = next((end for end in ENDINGS if rest.endswith(end)), "")
        source = rest.removesuffix(ending)
        place = (source.partition("_")[0], ending)
        kinds = [kind for kind, sort in self._sorts() if (sort.prefix, sort.ending) == place]
        return self.seen.where(LedgerTransfer.kind.in_(kinds), of_source(source)).limit(1)

    def _sorts(self) -> list[tuple[str, Sort]]:
        return [*PRINCIPAL.items(), *self.others.items()]


def of_source(source: str) -> ColumnElement[bool]:
    """Return the condition that a line was caused by *source*."""
    return (LedgerTransfer.ref == source) | prefix_range(LedgerTransfer.ref, f"{source}/")


def lines_of(call: Call) -> Lines:
    """Return the lines that the caller may see."""
    return _of_account(call) if call.account else _of_platform(call)


def _of_platform(call: Call) -> Lines:
    number = _number("platform_fee", livemode=call.livemode)
    kind, owner = LedgerTransfer.kind, _owner()
    is_share = _touches(number) & kind.in_(OUR_SHARE) & (owner != "")
    seen = select(LedgerTransfer).join(LedgerAccount, LedgerAccount.id == LedgerTransfer.debit_account)
    seen = seen.where(
        LedgerAccount.livemode == call.livemode, (kind.in_(PRINCIPAL) & (owner == "")) | is_share
    )
    return Lines(seen, OUR_SHARE, number)


def _of_account(call: Call) -> Lines:
    account = db.session.get(SellerAccount, call.account)
    number = _number(f"seller_payable:{account.seller if account else ''}", livemode=call.livemode)
    kind, touches, owner = LedgerTransfer.kind, _touches(number), _owner()
    is_mine = or_(
        touches & kind.in_(PAID_OUT),
        touches & kind.in_(SELLERS) & (owner != call.account),
        ~touches & kind.in_(PRINCIPAL) & (owner == call.account),
    )
    among = union(
        select(LedgerTransfer.id).where(LedgerTransfer.debit_account == number),
        select(LedgerTransfer.id).where(LedgerTransfer.credit_account == number),
        *(select(LedgerTransfer.id).where(each) for each in _principal_of(call)),
    )
    return Lines(select(LedgerTransfer).where(is_mine), SELLERS | PAID_OUT, number, among)


def _number(code: str, *, livemode: bool) -> int | None:
    known = select(LedgerAccount.id).where(LedgerAccount.livemode == livemode, LedgerAccount.code == code)
    return db.session.scalar(known)


def _touches(number: int | None) -> ColumnElement[bool]:
    mine = -1 if number is None else number
    return (LedgerTransfer.debit_account == mine) | (LedgerTransfer.credit_account == mine)


def _principal_of(call: Call) -> list[ColumnElement[bool]]:
    """Return the conditions, each for an index, by which the lines of an account's own payments are found."""
    mine = select(PaymentIntent.id).where(
        PaymentIntent.account == call.account, PaymentIntent.livemode == call.livemode
    )
    transfers = select(SellerTransfer.id).where(SellerTransfer.intent_id.in_(mine))
    caused_by = {
        "paid": select(Charge.id).where(Charge.intent_id.in_(mine)),
        "refund_done": select(Refund.id).where(Refund.intent_id.in_(mine)),
        "released": transfers,
        "reversed": select(TransferReversal.id).where(TransferReversal.transfer_id.in_(transfers)),
    }
    return [(LedgerTransfer.kind == kind) & LedgerTransfer.ref.in_(ids) for kind, ids in caused_by.items()]


def _owner() -> ColumnElement[str]:
    """Return whose payment a line belongs to: an account, or empty for the platform's own."""
    account = select(PaymentIntent.account)
    through_refund = account.join(Refund, Refund.intent_id == PaymentIntent.id).where(Refund.id == _REFUND)
    through_transfer = account.join(SellerTransfer, SellerTransfer.intent_id == PaymentIntent.id)
    reversal = through_transfer.join(TransferReversal, TransferReversal.transfer_id == SellerTransfer.id)
    ref, kind = LedgerTransfer.ref, LedgerTransfer.kind
    charge = account.join(Charge, Charge.intent_id == PaymentIntent.id).where(Charge.id == ref)
    return case(
        (kind == "paid", charge.scalar_subquery()),
        (kind.in_(("released", "fee")), through_transfer.where(SellerTransfer.id == ref).scalar_subquery()),
        (
            kind.in_(("reversed", "fee_reversed")),
            reversal.where(TransferReversal.id == ref).scalar_subquery(),
        ),
        else_=through_refund.scalar_subquery(),
    )
