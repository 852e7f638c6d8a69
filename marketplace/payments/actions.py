"""
What other features and pages may do about a payment. Every one runs inside the caller's ``transaction()``.

None of them speaks with a gateway: what has to be sent is written down as a job in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from commons import clock
from commons.db import db, locked
from commons.errors import Conflict, Missing
from commons.outbox import enqueue
from commons.rows import write_changes, write_new
from marketplace.ledger.actions import World
from marketplace.money import LARGEST_FEN, share_of
from marketplace.payments.closing import ask_to_close, close_op
from marketplace.payments.connect.actions import NewAccount, open_account
from marketplace.payments.connect.settlement import driver_of, smid_for
from marketplace.payments.errors import (
    AlreadyPaid,
    BadAmount,
    NotPayable,
    OfflineLimit,
    TooMuchToRelease,
)
from marketplace.payments.gateways import gateways
from marketplace.payments.models import Charge, PaymentAttempt, PaymentIntent, SellerTransfer
from marketplace.payments.objects import transfer_object
from marketplace.payments.port import TradeReport
from marketplace.payments.queries import (
    attempts_of,
    escrow_left,
    main_charge,
    open_attempts,
    share_at,
    terms_of,
)
from marketplace.payments.records import record_intent, record_object, tell
from marketplace.payments.refunds import confirm_offline_refund, request_refund
from marketplace.payments.rules import (
    SHORTEST_CASHIER,
    AttemptState,
    IntentStatus,
    Method,
    Product,
    Standing,
    ask_at,
    attempt_number,
    new_id,
)
from marketplace.payments.settle import cancel_now, settle_payment, take_money

__all__ = [
    "PaymentAsk",
    "ProgramWords",
    "begin_attempt",
    "cancel_payment",
    "confirm_offline",
    "confirm_offline_refund",
    "open_intent",
    "open_payment",
    "release_to_seller",
    "request_refund",
    "settle_payment",
]


@dataclass(frozen=True, slots=True)
class ProgramWords:
    """
    What a program says beside, when it asks for money through the interface.

    It chooses the world by its key. Until it confirms, the payment is not to be paid: it *has_method* or still needs one.
    """

    livemode: bool
    customer: str = ""
    payment_method: str = ""
    has_method: bool = False
    said: Mapping[str, Any] = field(default_factory=dict)
    sealed: bytes | None = None

    @property
    def status(self) -> IntentStatus:
        """Return where such a payment begins."""
        return IntentStatus.requires_confirmation if self.has_method else IntentStatus.requires_payment_method


@dataclass(frozen=True, slots=True)
class PaymentAsk:
    """Everything that may be said when money is asked for; see :class:`PaymentIntent` for the words."""

    amount_fen: int
    method: str
    subject: str
    expires_at: datetime
    reference: str = ""
    return_url: str = ""
    area: str = ""
    account: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    program: ProgramWords | None = None


def open_payment(
    amount_fen: int, method: str, subject: str, reference: str, return_url: str, expires_at: datetime
) -> PaymentIntent:
    """Ask for money; see :func:`open_intent`, which can also be told the area of a pickup place."""
    return open_intent(PaymentAsk(amount_fen, method, subject, expires_at, reference, return_url))


def open_intent(ask: PaymentAsk) -> PaymentIntent:
    """
    Ask for money. What becomes of it comes back as facts through the outbox.

    The facts ``payment.succeeded``, ``payment.failed`` (an attempt ended unpaid; it may be tried again),
    ``payment.canceled`` and ``payment.refunded`` carry ``payment_id`` and ``reference``.

    Raises:
        BadAmount: not whole fen between one and a hundred million yuan.
        OfflineLimit: paying by hand is limited in this place.
        NotPayable: it would be over before anybody could pay.
    """
    method = Method(ask.method)
    if isinstance(ask.amount_fen, bool) or not 0 < ask.amount_fen <= LARGEST_FEN:
        raise BadAmount()
    if method is Method.offline and ask.amount_fen > terms_of(ask.area).offline_limit_fen:
        raise OfflineLimit(terms_of(ask.area).offline_limit_fen)
    if ask.expires_at <= clock.now():
        raise NotPayable()
    intent = _new_intent(ask, method)
    write_new(intent)
    record_intent("payment_intent.created", intent)
    enqueue("payment.expire", due_at=ask.expires_at, payment_id=intent.id)
    return intent


def _new_intent(ask: PaymentAsk, method: Method) -> PaymentIntent:
    # The keeper's hand is the action that an offline payment waits for; the cashier has to be opened first.
    status = IntentStatus.requires_action if method is Method.offline else IntentStatus.requires_confirmation
    program = ask.program or ProgramWords(gateways().livemode)
    return PaymentIntent(
        id=new_id("pi"),
        livemode=program.livemode,
        account=ask.account,
        amount_fen=ask.amount_fen,
        currency="cny",
        status=program.status if ask.program else status,
        method=method,
        subject=ask.subject[:256],
        reference=ask.reference,
        details=dict(ask.metadata),
        area=ask.area,
        return_url=ask.return_url,
        created_at=clock.now(),
        expires_at=ask.expires_at,
        cancel_reason="",
        last_error="",
        customer=program.customer,
        payment_method=program.payment_method,
        said=dict(program.said),
        sealed=program.sealed,
    )


def begin_attempt(payment_id: str, product: Product) -> PaymentAttempt:
    """
    Return the attempt by which *payment_id* is to be paid now through *product*.

    An attempt under way through the same door is used again, so that two clicks cannot become two payments; one
    through another door is closed first, as far as it can be.

    Raises:
        NotPayable: the payment is over, or its time is.
    """
    intent = _open_intent(payment_id)
    if intent.method != Method.alipay or intent.cancel_asked_at or clock.now() >= intent.expires_at:
        raise NotPayable()
    gateway = gateways().current(intent.livemode)
    earlier = attempts_of(intent.id)
    for known in (each for each in earlier if each.state == AttemptState.open):
        door = (known.product, known.app_id, known.livemode)
        is_usable = clock.now() < known.time_expire and close_op(known.out_trade_no) is None
        if is_usable and door == (product, gateway.app_id, gateway.livemode):
            return known
        ask_to_close(known)
    attempt = _new_attempt(intent, product, gateway.app_id, len(earlier) + 1)
    attempt.smid = smid_for(intent)
    attempt.ask_at = ask_at(0, clock.now(), attempt.time_expire)
    write_new(attempt)
    key = f"payment.ask:{attempt.out_trade_no}:0"
    enqueue("payment.ask", due_at=attempt.ask_at, unique_key=key, out_trade_no=attempt.out_trade_no, asked=0)
    if intent.status != IntentStatus.requires_action:
        intent.status = IntentStatus.requires_action
        write_changes(intent)
        record_intent("payment_intent.requires_action", intent)
    return attempt


def _new_attempt(intent: PaymentIntent, product: Product, app_id: str, number: int) -> PaymentAttempt:
    return PaymentAttempt(
        intent_id=intent.id,
        number=number,
        out_trade_no=attempt_number(intent.id, number),
        product=product,
        app_id=app_id,
        livemode=intent.livemode,
        amount_fen=intent.amount_fen,
        state=AttemptState.open,
        time_expire=max(intent.expires_at, clock.now() + SHORTEST_CASHIER),
        trade_no="",
        created_at=clock.now(),
        asked=0,
        smid="",
    )


def cancel_payment(payment_id: str, reason: str = "requested_by_customer") -> PaymentIntent:
    """
    Give up a payment that is not paid. Harmless when it is canceled already.

    Where the cashier may be open the gateway is asked to close it first, so the payment may become canceled a moment
    later, or turn out to be paid: wait for the fact.

    Raises:
        AlreadyPaid: the money has come.
    """
    intent = locked(PaymentIntent, payment_id)
    if intent is None:
        raise Missing()
    if intent.status == IntentStatus.succeeded:
        raise AlreadyPaid()
    if intent.status == IntentStatus.canceled or intent.cancel_asked_at:
        return intent
    waiting = open_attempts(intent.id)
    if not waiting:
        cancel_now(intent, reason)
        return intent
    intent.cancel_asked_at, intent.cancel_reason = clock.now(), reason[:40]
    for attempt in waiting:
        ask_to_close(attempt)
    return intent


def confirm_offline(payment_id: str, keeper: str) -> PaymentIntent:
    """
    The keeper of the pickup place has taken the money. Harmless when the same keeper says so twice.

    Raises:
        NotPayable: it is not to be paid by hand, is over, or another keeper has taken it.
    """
    intent = locked(PaymentIntent, payment_id)
    if intent is None:
        raise Missing()
    if intent.method != Method.offline:
        raise NotPayable(_("这笔款要在网上付，不能当面收"))
    charge = main_charge(payment_id)
    if charge is not None:
        if charge.keeper != keeper:
            raise NotPayable(_("这笔款已经由另一位自提点管理员收了"))
        return intent
    if intent.status == IntentStatus.canceled:
        raise NotPayable()
    attempt = _new_attempt(intent, Product.offline, "", len(attempts_of(intent.id)) + 1)
    write_new(attempt)
    report = TradeReport(attempt.out_trade_no, Standing.paid, attempt.amount_fen, heard_by="keeper")
    take_money(intent, attempt, Method.offline, report, keeper)
    return intent


def release_to_seller(
    payment_id: str, seller: str, amount_fen: int, reference: str, said: Mapping[str, Any] | None = None
) -> SellerTransfer:
    """
    The buyer has the goods: of what the payment holds, *amount_fen* go to *seller* less the platform's share.

    The same *reference* again returns the same release.

    Raises:
        TooMuchToRelease: the payment holds less, counting what is set aside to go back.
    """
    intent = locked(PaymentIntent, payment_id)
    if intent is None:
        raise Missing()
    known = db.session.scalar(
        select(SellerTransfer).where(
            SellerTransfer.intent_id == intent.id, SellerTransfer.reference == reference
        )
    )
    if known is not None:
        if (known.gross_fen, known.seller) != (amount_fen, seller):
            raise Conflict(_("同一个结算单号用了两次，金额或卖家不同"))
        return known
    left = escrow_left(intent)
    if not 0 < amount_fen <= left:
        raise TooMuchToRelease(left)
    paid_by = _paying_attempt(intent.id)
    driver_of(paid_by).check_release(intent, seller, amount_fen, left)
    fee = share_of(amount_fen, share_at(intent.area, intent.created_at))
    transfer = _release(intent, (seller, reference), amount_fen, fee, said)
    driver_of(paid_by).released(transfer, paid_by)
    return transfer


def _release(
    intent: PaymentIntent,
    names: tuple[str, str],
    gross_fen: int,
    fee_fen: int,
    said: Mapping[str, Any] | None,
) -> SellerTransfer:
    seller, reference = names
    account = open_account(NewAccount(seller=seller, area=intent.area), livemode=intent.livemode)
    transfer = SellerTransfer(
        id=new_id("tr"),
        intent_id=intent.id,
        livemode=intent.livemode,
        seller=seller,
        reference=reference,
        gross_fen=gross_fen,
        net_fen=gross_fen - fee_fen,
        taken_back_fen=0,
        seller_back_fen=0,
        account_id=account.id,
        said=dict(said) if said else None,
        created_at=clock.now(),
    )
    db.session.add(transfer)
    World(intent.livemode).released(transfer.id, intent.id, seller, transfer.net_fen, fee_fen)
    record_object("transfer.created", intent, transfer_object(transfer))
    tell(
        "payment.released",
        intent,
        once=transfer.id,
        transfer_id=transfer.id,
        account_id=account.id,
        seller=seller,
    )
    return transfer


def _paying_attempt(payment_id: str) -> PaymentAttempt:
    """Return the attempt by which a payment was paid."""
    paid = select(PaymentAttempt).join(Charge, Charge.attempt_id == PaymentAttempt.id)
    return db.session.scalars(paid.where(Charge.settles == payment_id)).one()


def _open_intent(payment_id: str) -> PaymentIntent:
    intent = locked(PaymentIntent, payment_id)
    if intent is None:
        raise Missing()
    if not IntentStatus(intent.status).is_open:
        raise NotPayable()
    return intent
