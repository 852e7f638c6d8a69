"""What is known of payments: for pages, for other features, and for the proof of the books."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import case, func, literal, select

from commons.db import db
from commons.errors import Missing
from marketplace.ledger.proofs import Due, Fault, held_against, proves, rows_of
from marketplace.ledger.queries import balance_fen
from marketplace.ledger.rules import Side
from marketplace.payments.models import (
    Charge,
    PaymentAttempt,
    PaymentIntent,
    PaymentTerms,
    Refund,
    SellerTransfer,
    ShareDecision,
)
from marketplace.payments.record_models import GatewayOp, PaymentCase
from marketplace.payments.rules import ID_LETTERS, AttemptState, OpState, RefundStatus

SHARE_POINTS = 300  # 3 of 100, until an area decides otherwise
OFFLINE_LIMIT_FEN = 200_00
ID_LENGTH = len("re_") + ID_LETTERS  # of a refund, whose postings are called re_…/account
AREA_LENGTHS = (0, 2, 4, 6, 9, 12)  # everywhere, province, city, county, town, village


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds in a place: the platform's share in basis points, and the most that may be paid by hand."""

    share_points: int = SHARE_POINTS
    offline_limit_fen: int = OFFLINE_LIMIT_FEN


def terms_of(area: str) -> Terms:
    """Return the terms of the longest area code that begins *area*; the empty code is everybody's."""
    row = decided_for(area)
    return Terms() if row is None else Terms(row.share_points, row.offline_limit_fen)


def share_at(area: str, moment: datetime) -> int:
    """Return the platform's share in basis points as it was decided for *area* at *moment* (UTC), that is, when an order was placed."""
    nearest = func.length(ShareDecision.area).desc()
    decided = select(ShareDecision.share_points).where(
        ShareDecision.area.in_(_beginnings(area)), ShareDecision.decided_at <= moment
    )
    latest = decided.order_by(nearest, ShareDecision.decided_at.desc(), ShareDecision.id.desc()).limit(1)
    found = db.session.scalar(latest)
    return SHARE_POINTS if found is None else found


def _beginnings(area: str) -> list[str]:
    return [area[:length] for length in AREA_LENGTHS if length <= len(area)]


def decided_for(area: str) -> PaymentTerms | None:
    """Return the nearest decision about money that holds in *area*: its own, or that of whatever contains it."""
    nearest = func.length(PaymentTerms.area).desc()
    return db.session.scalar(
        select(PaymentTerms).where(PaymentTerms.area.in_(_beginnings(area))).order_by(nearest).limit(1)
    )


def all_terms() -> list[PaymentTerms]:
    """Return everything that was decided, from the widest area to the narrowest."""
    return list(
        db.session.scalars(select(PaymentTerms).order_by(func.length(PaymentTerms.area), PaymentTerms.area))
    )


def the_payment(payment_id: str) -> PaymentIntent:
    """
    Return a payment by its id.

    Raises:
        Missing: there is none.
    """
    found = db.session.get(PaymentIntent, payment_id)
    if found is None:
        raise Missing()
    return found


def main_charge(payment_id: str) -> Charge | None:
    """Return the charge that settled a payment, if it is paid."""
    return db.session.scalar(select(Charge).where(Charge.settles == payment_id))


def charges_of(payment_id: str) -> list[Charge]:
    """Return every charge of a payment, surplus ones included, oldest first."""
    wanted = select(Charge).where(Charge.intent_id == payment_id).order_by(Charge.created_at, Charge.id)
    return list(db.session.scalars(wanted))


def refunds_of(payment_id: str) -> list[Refund]:
    """Return every refund of a payment, oldest first."""
    wanted = select(Refund).where(Refund.intent_id == payment_id).order_by(Refund.created_at, Refund.id)
    return list(db.session.scalars(wanted))


def transfers_of(payment_id: str) -> list[SellerTransfer]:
    """Return every release of a payment, oldest first."""
    wanted = (
        select(SellerTransfer)
        .where(SellerTransfer.intent_id == payment_id)
        .order_by(SellerTransfer.created_at, SellerTransfer.id)
    )
    return list(db.session.scalars(wanted))


def attempts_of(payment_id: str) -> list[PaymentAttempt]:
    """Return every attempt of a payment, oldest first."""
    wanted = (
        select(PaymentAttempt).where(PaymentAttempt.intent_id == payment_id).order_by(PaymentAttempt.number)
    )
    return list(db.session.scalars(wanted))


def open_attempts(payment_id: str) -> list[PaymentAttempt]:
    """Return the attempts through which money may still come."""
    return [each for each in attempts_of(payment_id) if each.state == AttemptState.open]


def attempt_numbered(out_trade_no: str) -> PaymentAttempt | None:
    """Return the attempt that the gateway knows by *out_trade_no*."""
    return db.session.scalar(select(PaymentAttempt).where(PaymentAttempt.out_trade_no == out_trade_no))


def escrow_left(intent: PaymentIntent) -> int:
    """Return how much of a payment is neither released nor set aside to go back."""
    return balance_fen(f"buyer_escrow:{intent.id}", livemode=intent.livemode)


def open_cases(limit: int = 100) -> list[PaymentCase]:
    """Return what waits for a person's eyes, oldest first."""
    wanted = select(PaymentCase).where(PaymentCase.is_open).order_by(PaymentCase.id).limit(limit)
    return list(db.session.scalars(wanted))


def open_ops(limit: int = 100) -> list[GatewayOp]:
    """Return requests to the gateway without a last word, oldest first."""
    waiting = (OpState.planned, OpState.sent, OpState.unknown)
    wanted = select(GatewayOp).where(GatewayOp.state.in_(waiting)).order_by(GatewayOp.id).limit(limit)
    return list(db.session.scalars(wanted))


def recent_payments(limit: int = 50) -> list[PaymentIntent]:
    """Return the newest payments."""
    newest = select(PaymentIntent).order_by(PaymentIntent.created_at.desc(), PaymentIntent.id.desc())
    return list(db.session.scalars(newest.limit(limit)))


@proves
def payments_agree_with_ledger() -> Iterator[Fault]:
    """Hold every charge, refund and release against what was posted for it, and every such posting against them."""
    for due in _dues():
        yield from held_against(due)
    yield from _refunded_beyond_charge()


@cache
def _dues() -> tuple[Due, ...]:
    return (*_charges_and_releases(), *_refunds())


def _charges_and_releases() -> Iterator[Due]:
    escrow = case((Charge.settles.is_(None), "suspense"), else_=literal("buyer_escrow:") + Charge.intent_id)
    yield Due("paid", select(Charge.id, Charge.amount_fen, escrow), Side.credit)
    seller = literal("seller_payable:") + SellerTransfer.seller
    yield Due("released", select(SellerTransfer.id, SellerTransfer.net_fen, seller), Side.credit)
    fee = SellerTransfer.gross_fen - SellerTransfer.net_fen
    yield Due("fee", select(SellerTransfer.id, fee, literal("platform_fee")), Side.credit)


def _refunds() -> Iterator[Due]:
    """All refunds were asked for, and either done, or taken back, or are under way."""
    refund = select(Refund.id, Refund.amount_fen, literal(""))
    taken_back = [status for status in RefundStatus if not status.counts]
    yield Due("refund", refund, ref_letters=ID_LENGTH)
    yield Due("refund_done", refund.where(Refund.status == RefundStatus.succeeded))
    yield Due("refund_failed", refund.where(Refund.status.in_(taken_back)), ref_letters=ID_LENGTH)


def _refunded_beyond_charge() -> Iterator[Fault]:
    counting = [status for status in RefundStatus if status.counts]
    added = func.coalesce(func.sum(Refund.amount_fen), 0)
    wrong = (
        select(Charge.id, Charge.refunded_fen, added)
        .outerjoin(Refund, (Refund.charge_id == Charge.id) & Refund.status.in_(counting))
        .group_by(Charge.id, Charge.refunded_fen)
        .having(added != Charge.refunded_fen)
    )
    for charge_id, kept, counted in rows_of(wrong):
        yield Fault(charge_id, f"says {kept} fen are given back, its refunds say {counted}", "given back")
