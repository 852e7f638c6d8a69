"""Giving money back: who pays for it, how much is left, and what the gateway's word makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from commons import clock
from commons.db import db, locked, locked_rows
from commons.errors import Conflict, Missing
from commons.outbox import enqueue
from marketplace.ledger.actions import World
from marketplace.money import take_back
from marketplace.payments.connect.settlement import driver_of_charge
from marketplace.payments.errors import NotPayable, NotRefundable, TooMuchToRefund
from marketplace.payments.models import Charge, PaymentAttempt, PaymentIntent, Refund, SellerTransfer
from marketplace.payments.objects import refund_object
from marketplace.payments.queries import escrow_left, main_charge
from marketplace.payments.record_models import GatewayOp
from marketplace.payments.records import record_charge, record_refund, tell
from marketplace.payments.rules import Method, OpState, RefundStatus, new_id

REFUND = "refund"


@dataclass(frozen=True, slots=True)
class RefundWords:
    """What is said of a refund: why, under which number of the asker's, and a program's own words."""

    reason: str = ""
    reference: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Shares:
    """Who pays for a refund: fen per ledger account, and [gross, seller's part] per release."""

    sources: dict[str, int] = field(default_factory=dict)
    takes: dict[str, list[int]] = field(default_factory=dict)
    missing_fen: int = 0

    def add(self, account: str, amount_fen: int) -> None:
        """Let *account* pay so much more."""
        if amount_fen:
            self.sources[account] = self.sources.get(account, 0) + amount_fen


def request_refund(
    payment_id: str,
    amount_fen: int,
    *,
    reason: str = "",
    reference: str | None = None,
    seller: str = "",
    metadata: Mapping[str, str] | None = None,
) -> Refund:
    """
    Set *amount_fen* of a paid payment aside for its buyer and have the gateway give it back.

    May be asked for in parts; all parts together, those under way included, never exceed what was paid. The same
    *reference* again returns the same refund. With *seller*, what was released to that seller pays first;
    otherwise what nobody has received yet does.

    Raises:
        NotPayable: nothing was paid.
        TooMuchToRefund: more than is left.
        NotRefundable: Alipay takes no refund for it any more.
        Conflict: *reference* was used for another amount.
    """
    intent = locked(PaymentIntent, payment_id)
    if intent is None:
        raise Missing()
    found = main_charge(payment_id)
    charge = locked(Charge, found.id) if found else None
    if charge is None:
        raise NotPayable(_("这笔款还没有付，不用退"))
    known = _known(charge, reference)
    if known is not None:
        if known.amount_fen != amount_fen:
            raise Conflict(_("同一个退款单号用了两个金额"))
        return known
    left = charge.amount_fen - charge.refunded_fen
    if not 0 < amount_fen <= left:
        raise TooMuchToRefund(left)
    if not charge.is_refundable:
        raise NotRefundable()
    shares = _shares(intent, amount_fen, seller)
    return _begin(intent, charge, shares, amount_fen, RefundWords(reason, reference, metadata or {}))


def give_back_surplus(intent: PaymentIntent, charge: Charge, reason: str) -> Refund:
    """Give the whole of a surplus charge back, out of suspense."""
    shares = Shares(sources={"suspense": charge.amount_fen})
    return _begin(intent, charge, shares, charge.amount_fen, RefundWords(reason, "surplus"))


def _known(charge: Charge, reference: str | None) -> Refund | None:
    if reference is None:
        return None
    return db.session.scalar(
        select(Refund).where(Refund.charge_id == charge.id, Refund.reference == reference)
    )


def _shares(intent: PaymentIntent, amount_fen: int, seller: str) -> Shares:
    shares = Shares(missing_fen=amount_fen)
    of_it = select(SellerTransfer).where(SellerTransfer.intent_id == intent.id)
    releases = locked_rows(of_it.order_by(SellerTransfer.created_at, SellerTransfer.id))
    for release in (each for each in releases if seller and each.seller == seller):
        _take_from(release, shares)
    from_escrow = min(escrow_left(intent), shares.missing_fen)
    shares.add(f"buyer_escrow:{intent.id}", from_escrow)
    shares.missing_fen -= from_escrow
    for release in (each for each in releases if not seller or each.seller != seller):
        _take_from(release, shares)
    if shares.missing_fen:  # every fen of a paid payment lies in its escrow or in its releases
        raise RuntimeError(f"{intent.id} holds {shares.missing_fen} fen less than was paid")
    return shares


def _take_from(release: SellerTransfer, shares: Shares) -> None:
    take = min(release.gross_fen - release.taken_back_fen, shares.missing_fen)
    if not take:
        return
    seller, platform = take_back(
        take, release.taken_back_fen, release.seller_back_fen, release.gross_fen, release.net_fen
    )
    shares.add(f"seller_payable:{release.seller}", seller)
    shares.add("platform_fee", platform)
    shares.takes[release.id] = [take, seller]
    shares.missing_fen -= take
    release.taken_back_fen += take
    release.seller_back_fen += seller


def _begin(
    intent: PaymentIntent, charge: Charge, shares: Shares, amount_fen: int, words: RefundWords
) -> Refund:
    by_hand = charge.method == Method.offline
    refund = Refund(
        id=new_id("re"),
        intent_id=intent.id,
        charge_id=charge.id,
        livemode=charge.livemode,
        amount_fen=amount_fen,
        status=RefundStatus.requires_action if by_hand else RefundStatus.pending,
        reason=words.reason,
        reference=words.reference,
        details=dict(words.metadata),
        sources=shares.sources,
        takes=shares.takes,
        failure="",
        created_at=clock.now(),
    )
    db.session.add(refund)
    charge.refunded_fen += amount_fen
    World(charge.livemode).refund_requested(refund.id, shares.sources)
    record_refund("refund.created", refund, intent)
    if charge.is_main:  # a surplus concerns nobody but its payer
        tell("payment.refund_asked", intent, once=refund.id, refund_id=refund.id, amount_fen=amount_fen)
    if not by_hand:
        _plan(refund, charge)
    return refund


def _plan(refund: Refund, charge: Charge) -> None:
    attempt = db.session.get(PaymentAttempt, charge.attempt_id)
    assert attempt is not None
    db.session.add(
        GatewayOp(
            kind=REFUND,
            out_no=refund.id,
            out_trade_no=attempt.out_trade_no,
            app_id=attempt.app_id,
            livemode=attempt.livemode,
            state=OpState.planned,
            attempts=0,
            last_words="",
            created_at=clock.now(),
        )
    )
    enqueue("payment.refund", unique_key=f"payment.refund:{refund.id}:0", number=refund.id)


def is_under_way(refund_id: str) -> bool:
    """Say whether a refund has not ended; its payment is locked, so that it stays so for this transaction."""
    return _locked(refund_id)[2].status in {RefundStatus.pending, RefundStatus.requires_action}


def finish_refund(refund_id: str) -> Refund:
    """The gateway has given the money back. Harmless the second time."""
    intent, charge, refund = _locked(refund_id)
    if refund.status != RefundStatus.succeeded:
        driver_of_charge(charge).refunded(refund)
        _succeed(intent, charge, refund)
    return refund


def confirm_offline_refund(refund_id: str, keeper: str) -> Refund:
    """
    The keeper has given the money back by hand. Harmless the second time.

    Raises:
        Conflict: the refund does not go by hand, or is over.
    """
    intent, charge, refund = _locked(refund_id)
    if refund.status == RefundStatus.succeeded and charge.method == Method.offline:
        return refund
    if refund.status != RefundStatus.requires_action:
        raise Conflict(_("这笔退款不是当面退的，或者已经办完"))
    World(refund.livemode).refund_done_in_cash(refund.id, keeper, refund.amount_fen)
    _succeed(intent, charge, refund)
    return refund


def _succeed(intent: PaymentIntent, charge: Charge, refund: Refund) -> None:
    former = refund_object(refund)
    refund.status = RefundStatus.succeeded
    refund.done_at = clock.now()
    record_charge("charge.refunded", charge, intent)
    record_refund("refund.updated", refund, intent, former)
    tell(
        "payment.refunded",
        intent,
        once=refund.id,
        refund_id=refund.id,
        amount_fen=refund.amount_fen,
        refund_reference=refund.reference or "",
        is_surplus=not charge.is_main,
    )


def fail_refund(refund_id: str, failure: str) -> Refund:
    """The money definitely did not go back and will not by this refund: put it where it came from."""
    return _undo(refund_id, RefundStatus.failed, failure)


def cancel_refund(refund_id: str) -> Refund:
    """
    Take back a refund that still waits for a keeper's hand. Harmless when it is canceled already.

    Raises:
        Conflict: it is over, or the gateway was asked for it.
    """
    refund = _locked(refund_id)[2]
    if refund.status not in {RefundStatus.requires_action, RefundStatus.canceled}:
        raise Conflict(_("这笔退款不是当面退的，或者已经办完"))
    return _undo(refund_id, RefundStatus.canceled, "")


def _undo(refund_id: str, status: RefundStatus, failure: str) -> Refund:
    intent, charge, refund = _locked(refund_id)
    if refund.status not in {RefundStatus.pending, RefundStatus.requires_action}:
        return refund
    former = refund_object(refund)
    refund.status = status
    refund.failure = failure[:80]
    refund.done_at = clock.now()
    charge.refunded_fen -= refund.amount_fen
    for release_id, (gross, seller) in refund.takes.items():
        release = locked(SellerTransfer, release_id)
        assert release is not None
        release.taken_back_fen -= gross
        release.seller_back_fen -= seller
    World(refund.livemode).refund_failed(refund.id, refund.sources)
    if status is RefundStatus.failed:
        record_refund("refund.failed", refund, intent)
    else:
        record_refund("refund.updated", refund, intent, former)
    tell("payment.refund_failed", intent, once=refund.id, refund_id=refund.id, amount_fen=refund.amount_fen)
    return refund


def _locked(refund_id: str) -> tuple[PaymentIntent, Charge, Refund]:
    """Lock payment, charge and refund in the one order that everybody keeps."""
    known = db.session.get(Refund, refund_id)
    if known is None:
        raise Missing()
    intent = locked(PaymentIntent, known.intent_id)
    charge = locked(Charge, known.charge_id)
    refund = locked(Refund, refund_id)
    assert intent and charge and refund
    return intent, charge, refund
