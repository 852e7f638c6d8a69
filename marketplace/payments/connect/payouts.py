"""
Paying a seller: approve, send, and know what became of it. Every function runs inside the caller's ``transaction()``.

What is approved leaves ``seller_payable`` at once, so that nothing is paid twice; what does not arrive goes back there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from commons import clock
from commons.db import db, locked
from commons.errors import Conflict, Missing
from marketplace.ledger.actions import World
from marketplace.ledger.queries import balance_fen
from marketplace.payments.connect.actions import locked_account
from marketplace.payments.connect.errors import (
    BalanceTooSmall,
    CashShort,
    NotSetUp,
    PayoutsBlocked,
    TooSmall,
    WrongPayoutState,
)
from marketplace.payments.connect.models import Payout, SellerAccount
from marketplace.payments.connect.objects import payout_object
from marketplace.payments.connect.rules import SMALLEST_ALIPAY_FEN, Means, PayoutStatus, Settlement
from marketplace.payments.gateways import gateways
from marketplace.payments.ops import end_op, plan_op
from marketplace.payments.record_models import GatewayOp
from marketplace.payments.records import open_case, record_event
from marketplace.payments.rules import CaseKind, OpState, new_id

PAYOUT = "payout"
OFFICE_CASH = "cash:office"
BANK = "bank"
CLEARING = "alipay_clearing"


@dataclass(frozen=True, slots=True)
class PayoutAsk:
    """What is asked for. The same *reference* for one account again returns the same payout."""

    account_id: str
    amount_fen: int
    reference: str | None = None
    description: str = ""
    statement_descriptor: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def request_payout(ask: PayoutAsk) -> Payout:
    """
    Approve a payout by the seller's own means.

    Raises:
        NotSetUp: nobody has made sure who this is, or where the money goes.
        PayoutsBlocked: a person stopped it, or the seller owes us.
        BalanceTooSmall: more than is owed.
        TooSmall: Alipay does not transfer so little.
        Conflict: *reference* was used for another amount.
    """
    account = locked_account(ask.account_id)
    known = _known(ask)
    if known is not None:
        if known.amount_fen != ask.amount_fen:
            raise Conflict(_("同一个付款单号用了两个金额"))
        return known
    _must_be_payable(account, ask.amount_fen)
    payout = Payout(
        id=new_id("po"),
        livemode=account.livemode,
        account_id=account.id,
        seller=account.seller,
        amount_fen=ask.amount_fen,
        means=account.means,
        status=PayoutStatus.pending,
        payee_sealed=account.payee_sealed,
        payee_hint=account.payee_hint,
        reference=ask.reference,
        description=ask.description[:120],
        statement_descriptor=ask.statement_descriptor,
        details=dict(ask.metadata),
        paid_from="",
        trace="",
        failure="",
        created_at=clock.now(),
    )
    db.session.add(payout)
    World(payout.livemode).payout_sent(payout.id, payout.seller, payout.amount_fen)
    # A refund may have taken money back in between; its row is ours now, so this is the last word.
    if owed_fen(account) < 0:
        raise BalanceTooSmall(owed_fen(account) + ask.amount_fen)
    record_payout("payout.created", payout)
    if payout.means == Means.alipay:
        plan_op(
            PAYOUT, payout.id, "", app_id=gateways().current(payout.livemode).app_id, livemode=payout.livemode
        )
    return payout


def pay_everybody(once: str, *, livemode: bool) -> tuple[int, int]:
    """
    Approve a payout of all that is owed to every seller who can be paid; return how many, and how much.

    The same *once* again approves nothing new: a press is one press, however often it arrives.
    """
    count = total = 0
    ids = select(SellerAccount.id).where(SellerAccount.livemode == livemode, SellerAccount.means != "")
    for account_id in db.session.scalars(ids.order_by(SellerAccount.id)).all():
        account = locked_account(account_id)
        reference = f"all:{once}"
        owed = owed_fen(account)
        payable = (
            account.can_be_paid and account.settlement == Settlement.coop and owed >= SMALLEST_ALIPAY_FEN
        )
        if not payable or _known(PayoutAsk(account.id, owed, reference)) is not None:
            continue
        request_payout(PayoutAsk(account.id, owed, reference))
        count, total = count + 1, total + owed
    return count, total


def owed_fen(account: SellerAccount) -> int:
    """Return what a seller is owed; below zero it is the seller who owes."""
    return balance_fen(f"seller_payable:{account.seller}", livemode=account.livemode)


def _known(ask: PayoutAsk) -> Payout | None:
    if ask.reference is None:
        return None
    named = (Payout.account_id == ask.account_id, Payout.reference == ask.reference)
    return db.session.scalar(select(Payout).where(*named))


def _must_be_payable(account: SellerAccount, amount_fen: int) -> None:
    if account.settlement == Settlement.direct:
        raise PayoutsBlocked(_("这位卖家的钱由支付宝直接结给商户"))
    if account.blocked_for:
        raise PayoutsBlocked(account.blocked_for)
    owed = owed_fen(account)
    if owed < 0:
        raise PayoutsBlocked(_("退款之后还欠账，等新的货款抵平"))
    if not (account.is_verified and account.has_payee):
        raise NotSetUp()
    least = SMALLEST_ALIPAY_FEN if account.means == Means.alipay else 1
    if isinstance(amount_fen, bool) or amount_fen < least:
        raise TooSmall(least)
    if amount_fen > owed:
        raise BalanceTooSmall(owed)


def cancel_payout(payout_id: str) -> Payout:
    """
    Take an approved payout back that has not left yet. Harmless when it is canceled already.

    Raises:
        WrongPayoutState: it has left, or is over.
    """
    payout = locked_payout(payout_id)
    if payout.status == PayoutStatus.canceled:
        return payout
    op = op_of(payout_id)
    if payout.status != PayoutStatus.pending or (op is not None and op.attempts):
        raise WrongPayoutState()
    if op is not None:
        end_op(op, OpState.failed, "canceled")
    World(payout.livemode).payout_failed(payout.id, payout.seller, payout.amount_fen)
    payout.status, payout.done_at = PayoutStatus.canceled, clock.now()
    record_payout("payout.canceled", payout)
    return payout


def mark_in_transit(payout: Payout) -> None:
    """It has left: the caller holds its lock."""
    if payout.status == PayoutStatus.pending:
        former = payout_object(payout)
        payout.status = PayoutStatus.in_transit
        record_payout("payout.updated", payout, former)


def finish_payout(payout_id: str, paid_from: str = CLEARING, trace: str = "") -> Payout:
    """
    The money has arrived, out of *paid_from*. Harmless the second time.

    Raises:
        WrongPayoutState: it failed or was canceled before.
    """
    payout = locked_payout(payout_id)
    if payout.status == PayoutStatus.paid:
        return payout
    if not PayoutStatus(payout.status).is_open:
        raise WrongPayoutState()
    World(payout.livemode).payout_done(payout.id, payout.amount_fen, paid_from)
    payout.status, payout.done_at = PayoutStatus.paid, clock.now()
    payout.paid_from, payout.trace = paid_from, trace[:64]
    record_payout("payout.paid", payout)
    return payout


def fail_payout(payout_id: str, failure: str) -> Payout:
    """
    It definitely did not arrive: the seller is owed it again, and a person hears of it. Harmless the second time.

    Raises:
        WrongPayoutState: it had arrived.
    """
    payout = locked_payout(payout_id)
    if payout.status == PayoutStatus.failed:
        return payout
    if not PayoutStatus(payout.status).is_open:
        raise WrongPayoutState()
    World(payout.livemode).payout_failed(payout.id, payout.seller, payout.amount_fen)
    payout.status, payout.failure, payout.done_at = PayoutStatus.failed, failure[:120], clock.now()
    record_payout("payout.failed", payout)
    open_case(CaseKind.payout_failed, payout.id, "", payout=payout.id, words=payout.failure)
    return payout


def return_payout(payout_id: str, failure: str) -> Payout:
    """
    It had arrived, and Alipay or the bank has sent it back: the seller is owed it again. Harmless the second time.

    Raises:
        WrongPayoutState: it never arrived.
    """
    payout = locked_payout(payout_id)
    if payout.is_returned:
        return payout
    if payout.status != PayoutStatus.paid:
        raise WrongPayoutState()
    World(payout.livemode).payout_returned(payout.id, payout.seller, payout.amount_fen, payout.paid_from)
    payout.status, payout.failure, payout.done_at = PayoutStatus.failed, failure[:120], clock.now()
    record_payout("payout.failed", payout)
    open_case(CaseKind.payout_returned, payout.id, "", payout=payout.id, words=payout.failure)
    return payout


def pay_in_cash(payout_id: str, keeper_account: str = OFFICE_CASH) -> Payout:
    """
    The seller has signed the slip and has the money. Harmless the second time.

    Raises:
        WrongPayoutState: it does not go by hand, or is over.
        CashShort: by the books there is not so much in the box.
    """
    payout = locked_payout(payout_id)
    if payout.status == PayoutStatus.paid and payout.paid_from == keeper_account:
        return payout
    if payout.means != Means.cash or payout.status != PayoutStatus.pending:
        raise WrongPayoutState()
    there = World(payout.livemode).hold(keeper_account)  # two slips at once must not both be covered by it
    if there < payout.amount_fen:
        raise CashShort(there)
    return finish_payout(payout_id, keeper_account)


def locked_payout(payout_id: str) -> Payout:
    """
    Lock a payout.

    Raises:
        Missing: there is none.
    """
    payout = locked(Payout, payout_id)
    if payout is None:
        raise Missing()
    return payout


def op_of(payout_id: str) -> GatewayOp | None:
    """Return the request to Alipay of a payout, locked, if it goes by Alipay."""
    named = (GatewayOp.kind == PAYOUT, GatewayOp.out_no == payout_id)
    found = db.session.scalar(select(GatewayOp.id).where(*named))
    return None if found is None else locked(GatewayOp, found)


def record_payout(kind: str, payout: Payout, former: dict[str, Any] | None = None) -> None:
    """Record an event about *payout*, for the account that is paid; *former* with a change alone."""
    data = payout_object(payout)
    record_event(kind, data, livemode=payout.livemode, account=payout.account_id, former=former)
