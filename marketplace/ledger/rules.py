"""Which accounts there are, on which side each grows, and which are too busy to keep a running balance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """The side on which an account grows."""

    debit = "debit"
    credit = "credit"


@dataclass(frozen=True, slots=True)
class AccountKind:
    """
    One kind of account.

    *is_hot* accounts take part in almost every payment: their balance is a snapshot and a tail, for a running one
    would make every payment wait for the one before. *may_go_below* says whether the balance may be negative.
    *has_one_writer* says that only whoever holds its owner's lock ever posts to it.
    """

    name: str
    side: Side
    is_hot: bool = False
    may_go_below: bool = True
    has_one_writer: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        # what we have
        AccountKind("alipay_clearing", Side.debit, is_hot=True),
        AccountKind("direct_clearing", Side.debit, is_hot=True),  # what Alipay holds for sub-merchants
        AccountKind("bank", Side.debit),  # the co-op's own bank account
        AccountKind("cash", Side.debit),  # cash:<keeper>, cash:office
        AccountKind("alipay_fee", Side.debit, is_hot=True),
        AccountKind("cash_difference", Side.debit),
        # what we owe, and what is ours
        # buyer_escrow:<payment>
        AccountKind("buyer_escrow", Side.credit, may_go_below=False, has_one_writer=True),
        AccountKind("seller_payable", Side.credit),  # seller_payable:<seller>; below zero it blocks payouts
        AccountKind("platform_fee", Side.credit, is_hot=True),
        AccountKind("refund_in_flight", Side.credit, is_hot=True),
        AccountKind("payout_in_flight", Side.credit, is_hot=True),
        AccountKind("suspense", Side.credit, is_hot=True),
    )
}


# Between which kinds of accounts each kind of posting moves money: from the second to the first.
HAND, CLEARING = "cash", ("alipay_clearing", "direct_clearing")
REFUNDED_FROM = ("buyer_escrow", "seller_payable", "platform_fee", "suspense")
FROM_BILL = ("alipay_fee", "bank", "suspense")
PAID_FROM = ("alipay_clearing", "bank", HAND)


def _pairs(debits: tuple[str, ...], credits: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((debit, credit) for debit in debits for credit in credits)


POSTINGS = {
    "paid": _pairs((*CLEARING, HAND), ("buyer_escrow",)) | _pairs(CLEARING, ("suspense",)),
    "released": _pairs(("buyer_escrow",), ("seller_payable",)),
    "fee": _pairs(("buyer_escrow",), ("platform_fee",)),
    "reversed": _pairs(("seller_payable",), ("buyer_escrow",)),
    "fee_reversed": _pairs(("platform_fee",), ("buyer_escrow",)),
    "direct_settled": _pairs(("seller_payable",), ("direct_clearing",)),
    "direct_shared": _pairs(("alipay_clearing",), ("direct_clearing",)),
    "direct_returned": _pairs(("direct_clearing",), ("seller_payable", "alipay_clearing")),
    "refund": _pairs(REFUNDED_FROM, ("refund_in_flight",)),
    "refund_failed": _pairs(("refund_in_flight",), REFUNDED_FROM),
    "refund_done": _pairs(("refund_in_flight",), (*CLEARING, HAND)),
    "payout": _pairs(("seller_payable",), ("payout_in_flight",)),
    "payout_failed": _pairs(("payout_in_flight",), ("seller_payable",)),
    "payout_done": _pairs(("payout_in_flight",), PAID_FROM),
    "payout_returned": _pairs(PAID_FROM, ("seller_payable",)),
    "bill_fee": _pairs(("alipay_fee",), ("alipay_clearing",)),
    "bill_fee_back": _pairs(("alipay_clearing",), ("alipay_fee",)),
    "withdrawn": frozenset({("bank", "alipay_clearing"), ("alipay_clearing", "bank")}),
    "unexplained": frozenset({("suspense", "alipay_clearing"), ("alipay_clearing", "suspense")}),
    "bill_corrected": _pairs(("alipay_clearing",), FROM_BILL) | _pairs(FROM_BILL, ("alipay_clearing",)),
    "cash_handed_over": _pairs((HAND,), (HAND,)),
    "cash_missing": _pairs(("cash_difference",), (HAND,)),
    "cash_too_much": _pairs((HAND,), ("cash_difference",)),
}


def kind_of(code: str) -> AccountKind:
    """
    Return the kind of the account *code* (``kind`` or ``kind:owner``).

    Raises:
        KeyError: there is no such kind.
    """
    return KINDS[code.partition(":")[0]]


@dataclass(frozen=True, slots=True)
class Totals:
    """All that was ever debited to and credited to an account."""

    debits_fen: int = 0
    credits_fen: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.debits_fen + other.debits_fen, self.credits_fen + other.credits_fen)

    def balance_fen(self, side: Side) -> int:
        """Return the balance as seen from *side*: positive when the account has grown."""
        grown = self.debits_fen - self.credits_fen
        return grown if side is Side.debit else -grown
