"""Who is owed what, added up from a few balances: for pages, the interface for programs, and the proof of the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sqlalchemy import case, func, literal, select

from commons.db import db, prefix_range
from marketplace.ledger.models import LedgerAccount, LedgerBalance, LedgerTransfer
from marketplace.ledger.proofs import Due, Fault, held_against, proves, rows_of
from marketplace.ledger.queries import balance_fen
from marketplace.ledger.rules import Side
from marketplace.payments.connect.models import Payout, SellerAccount, TransferReversal
from marketplace.payments.connect.rules import PayoutStatus
from marketplace.payments.connect.settlement import CONFIRM, SHARE
from marketplace.payments.models import Refund, SellerTransfer
from marketplace.payments.queries import ID_LENGTH
from marketplace.payments.record_models import GatewayOp
from marketplace.payments.rules import OpState, RefundStatus

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
        select(
            func.coalesce(func.sum(balance), 0),
            func.coalesce(func.sum(case((balance < 0, -balance), else_=0)), 0),
        )
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
    """Hold payouts, reversals and direct settlements against what was posted for them, and the postings against them."""
    for due in _dues():
        yield from held_against(due)
    yield from _returned_without_refund()


@cache
def _dues() -> tuple[Due, ...]:
    return (*_payouts(), *_reversals(), *_direct_settlements())


def _payouts() -> Iterator[Due]:
    """All payouts were approved, and either arrived, to stay or to be sent back, or failed, or are under way."""
    payout = select(Payout.id, Payout.amount_fen, literal("seller_payable:") + Payout.seller)
    over = [status for status in PayoutStatus if not status.is_open and status is not PayoutStatus.paid]
    yield Due("payout", payout, Side.debit)
    never_arrived, has_arrived = (
        Payout.paid_from == "",
        Payout.paid_from != "",
    )  # and may have been sent back since
    yield Due("payout_failed", payout.where(Payout.status.in_(over), never_arrived), Side.credit)
    yield Due("payout_returned", payout.where(Payout.status == PayoutStatus.failed, has_arrived), Side.credit)
    arrived = select(Payout.id, Payout.amount_fen, Payout.paid_from)
    yield Due("payout_done", arrived.where((Payout.status == PayoutStatus.paid) | has_arrived), Side.credit)


def _reversals() -> Iterator[Due]:
    fee = TransferReversal.gross_fen - TransferReversal.amount_fen
    seller = literal("seller_payable:") + SellerTransfer.seller
    part = select(TransferReversal.id, TransferReversal.amount_fen, seller)
    yield Due(
        "reversed", part.join(SellerTransfer, SellerTransfer.id == TransferReversal.transfer_id), Side.debit
    )
    yield Due("fee_reversed", select(TransferReversal.id, fee, literal("platform_fee")), Side.debit)


def _direct_settlements() -> Iterator[Due]:
    """What was frozen when it was asked for, once the gateway has done it."""
    seller = literal("seller_payable:") + SellerTransfer.seller
    settled, shared = (
        SellerTransfer.said[CONFIRM]["net"].as_integer(),
        SellerTransfer.said[SHARE].as_integer(),
    )
    done = (GatewayOp.out_no == SellerTransfer.id) & (GatewayOp.state == OpState.done)
    for kind, posting, fen, owner in (
        (CONFIRM, "direct_settled", settled, seller),
        (SHARE, "direct_shared", shared, literal("alipay_clearing")),
    ):
        yield Due(
            posting,
            select(SellerTransfer.id, fen, owner).join(GatewayOp, done & (GatewayOp.kind == kind)),
            Side.debit,
        )


def _returned_without_refund() -> Iterator[Fault]:
    """What Alipay took back from a sub-merchant and from us never exceeds the refund it was for, which is done."""
    ref = func.substr(LedgerTransfer.ref, 1, ID_LENGTH)
    back = select(ref.label("ref"), func.sum(LedgerTransfer.amount_fen).label("fen"))
    back_rows = back.where(LedgerTransfer.kind == "direct_returned").group_by(ref).subquery().c
    is_done = (Refund.id == back_rows.ref) & (Refund.status == RefundStatus.succeeded)
    wrong = select(back_rows.ref, back_rows.fen, Refund.amount_fen).outerjoin(Refund, is_done)
    for number, fen, amount in rows_of(wrong.where(func.coalesce(Refund.amount_fen, 0) < back_rows.fen)):
        words = f"gave back {amount} fen, the ledger says {int(fen)} were taken back for it"
        yield Fault(number, words, "taken back")
