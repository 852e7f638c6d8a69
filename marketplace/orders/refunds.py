"""Money that goes back: asked for by the buyer, decided by the seller or the village, carried out by payments."""

from __future__ import annotations

from sqlalchemy import select

from commons import audit, clock
from commons.db import db
from commons.errors import Missing
from marketplace.money import split
from marketplace.orders.actions import locked_order, move, release
from marketplace.orders.errors import NothingToRefund, RefundOpen, RefundTooLate, WrongState
from marketplace.orders.models import Order, OrderLine, OrderRefund
from marketplace.orders.moves import given_back_fen, has_open_refund, plan_settling
from marketplace.orders.rules import (
    REFUND_WITHIN,
    Act,
    OrderState,
    RefundReason,
    RefundState,
    Way,
    next_state,
)
from marketplace.payments.actions import request_refund
from marketplace.payments.errors import NotRefundable
from marketplace.payments.records import open_case
from marketplace.payments.refunds import is_under_way
from marketplace.payments.rules import CaseKind


def refundable_fen(order: Order, line: OrderLine | None) -> int:
    """Return how much of a line, or of the whole order, has not gone back yet."""
    if line is not None:
        return line.amount_fen - line.refunded_fen
    return order.total_fen - given_back_fen(order)


def ask_refund(
    number: str, person_id: int, reason: RefundReason, words: str, line_id: int | None
) -> OrderRefund:
    """
    The buyer wants the money of one line, or (no line) of the whole order, back.

    Raises:
        WrongState: nothing was paid, or all went back.
        RefundTooLate: it was received more than seven days ago.
        RefundOpen: one request is under way already.
        NothingToRefund: that line went back before.
    """
    order = locked_order(number)
    line = _line_of(order, line_id)
    if next_state(OrderState(order.state), Act.give_back, is_paid=order.is_paid) is None:
        raise WrongState()
    if order.received_at is not None and clock.now() > order.received_at + REFUND_WITHIN:
        raise RefundTooLate()
    if has_open_refund(order):
        raise RefundOpen()
    amount_fen = refundable_fen(order, line)
    if amount_fen <= 0:
        raise NothingToRefund()
    fresh = OrderRefund(
        line_id=line_id, amount_fen=amount_fen, reason=reason, words=words, state=RefundState.asked,
        asked_by=person_id, asked_at=clock.now(),
    )  # fmt: skip
    order.refunds.append(fresh)
    return fresh


def _line_of(order: Order, line_id: int | None) -> OrderLine | None:
    if line_id is None:
        return None
    for line in order.lines:
        if line.id == line_id:
            return line
    raise Missing()


def decide(number: str, refund_id: int, person_id: int, reason: str) -> OrderRefund:
    """
    Refuse with *reason*, or agree where that is empty.

    Raises:
        WrongState: the other was decided already.
    """
    return refuse(number, refund_id, person_id, reason) if reason else agree(number, refund_id, person_id)


def agree(number: str, refund_id: int, person_id: int) -> OrderRefund:
    """
    Let the money go back the way it came. Harmless the second time; a refund that failed may be tried again.

    Raises:
        WrongState: it was refused already.
    """
    order = locked_order(number)
    back = _refund_of(order, refund_id)
    if back.state in {RefundState.agreed, RefundState.done}:
        return back
    if back.state == RefundState.refused:
        raise WrongState()
    _send_back(order, back, person_id)
    audit.record(
        "agree-refund", subject=f"order:{number}", area=order.village_code, amount_fen=back.amount_fen
    )
    return back


def _send_back(order: Order, back: OrderRefund, person_id: int | None) -> None:
    seller = str(back.line.seller_id) if back.line is not None else ""
    # The first try and one after a failure are two refunds; within one the lock and the state prevent a second.
    reference = f"{order.number}:{back.id}:{back.payment_refund_id or ''}"
    sent = request_refund(
        order.payment_id, back.amount_fen, reason=back.reason, reference=reference, seller=seller
    )
    back.state, back.payment_refund_id = RefundState.agreed, sent.id
    back.decided_by, back.decided_at = person_id, clock.now()


def refuse(number: str, refund_id: int, person_id: int, answer: str) -> OrderRefund:
    """
    Say no, with a reason; the clock towards the seller's money goes on. Harmless the second time.

    Raises:
        WrongState: it was agreed to already.
    """
    order = locked_order(number)
    back = _refund_of(order, refund_id)
    if back.state == RefundState.refused:
        return back
    if back.state != RefundState.asked:
        raise WrongState()
    back.state, back.answer = RefundState.refused, answer
    back.decided_by, back.decided_at = person_id, clock.now()
    plan_settling(order)
    audit.record("refuse-refund", subject=f"order:{number}", area=order.village_code)
    return back


def _refund_of(order: Order, refund_id: int) -> OrderRefund:
    for back in order.refunds:
        if back.id == refund_id:
            return back
    raise Missing()


def cannot_supply(number: str) -> None:
    """The goods were paid and never packed: everything goes back by itself. Harmless the second time."""
    order = locked_order(number)
    if order.state == OrderState.paid and not has_open_refund(order):
        _give_all_back(order, RefundReason.cannot_supply)


def never_sent(number: str) -> None:
    """The parcel was packed and never sent: everything goes back by itself. Harmless the second time."""
    order = locked_order(number)
    if order.state == OrderState.packed and order.way == Way.delivery and not has_open_refund(order):
        _give_all_back(order, RefundReason.not_sent)


def never_fetched(number: str) -> None:
    """The goods lie at the counter and nobody comes: a person has to ring the buyer. Harmless the second time."""
    order = locked_order(number)
    if order.state == OrderState.packed and order.way == Way.pickup and order.is_paid:
        key = f"order:{number}"
        open_case(
            CaseKind.not_fetched, key, order.payment_id, order=number, amount_fen=refundable_fen(order, None)
        )


def _give_all_back(order: Order, reason: RefundReason) -> None:
    """Where Alipay takes no refund any more, a person has to find another way."""
    back = OrderRefund(
        amount_fen=refundable_fen(order, None), reason=reason, state=RefundState.asked, asked_at=clock.now(),
        line_id=None,
    )  # fmt: skip
    order.refunds.append(back)
    db.session.flush()  # the refund's number is part of its reference
    try:
        _send_back(order, back, None)
    except NotRefundable:
        key = f"order:{order.number}"
        open_case(
            CaseKind.refund_failed, key, order.payment_id, order=order.number, amount_fen=back.amount_fen
        )


def money_is_going_back(number: str, refund_id: str, amount_fen: int) -> None:
    """Payments says that a refund is under way: one that was not asked for here is shown, and the sellers wait for it."""
    order = locked_order(number)
    if _refund_paid_by(refund_id) is None and is_under_way(refund_id):
        order.refunds.append(_from_outside(refund_id, amount_fen, RefundReason.cannot_supply))


def _refund_paid_by(refund_id: str) -> OrderRefund | None:
    return db.session.scalar(select(OrderRefund).where(OrderRefund.payment_refund_id == refund_id))


def _from_outside(refund_id: str, amount_fen: int, reason: RefundReason) -> OrderRefund:
    return OrderRefund(
        amount_fen=amount_fen, reason=reason, state=RefundState.agreed, payment_refund_id=refund_id,
        asked_at=clock.now(), decided_at=clock.now(), line_id=None,
    )  # fmt: skip


def money_went_back(number: str, refund_id: str, amount_fen: int, *, is_surplus: bool) -> None:
    """Payments says that a refund has been carried out. Harmless the second time."""
    order = locked_order(number)
    back = _refund_paid_by(refund_id)
    if back is None:
        # Not asked for here: a payment that came too late or twice, or one that an operator gave back.
        reason = RefundReason.late_payment if is_surplus else RefundReason.cannot_supply
        back = _from_outside(refund_id, amount_fen, reason)
        order.refunds.append(back)
    if back.state == RefundState.done:
        return
    is_the_rest = amount_fen >= refundable_fen(order, None)
    back.state, back.done_at = RefundState.done, clock.now()
    if not is_surplus and order.state != OrderState.cancelled:
        _take_off(order, back, is_the_rest=is_the_rest)


def _take_off(order: Order, back: OrderRefund, *, is_the_rest: bool) -> None:
    if back.line is not None:
        back.line.refunded_fen += back.amount_fen
    elif is_the_rest:
        was_unpacked = order.state == OrderState.paid
        for line in order.lines:
            line.refunded_fen = line.amount_fen
        move(order, Act.give_back)
        if was_unpacked:
            release(order)
        return
    elif rest := _not_given_back(order):
        for line, part in zip(order.lines, split(min(back.amount_fen, sum(rest)), rest), strict=True):
            line.refunded_fen += part
    if refundable_fen(order, None) == 0:
        move(order, Act.give_back)
    else:
        plan_settling(order)


def _not_given_back(order: Order) -> list[int]:
    """What is left of each line, in fen; nothing when only the parcel fee is left."""
    rest = [line.amount_fen - line.refunded_fen for line in order.lines]
    return rest if any(rest) else []


def money_did_not_go_back(refund_id: str) -> None:
    """Payments says that a refund was refused for good: somebody has to look at it again."""
    number = db.session.scalar(
        select(Order.number)
        .join(OrderRefund, OrderRefund.order_id == Order.id)
        .where(OrderRefund.payment_refund_id == refund_id)
    )
    if number is None:
        return
    order = locked_order(number)
    for back in order.refunds:
        if back.payment_refund_id == refund_id and back.state == RefundState.agreed:
            back.state = RefundState.failed
