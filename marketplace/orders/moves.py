"""From the field to the table: pack, send, hand over, receive, and let the seller have the money."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime

from commons import audit, clock
from commons.outbox import enqueue
from commons.security import equal
from marketplace.orders.actions import locked_order, move
from marketplace.orders.errors import NotPacked, WrongPickupCode, WrongState
from marketplace.orders.models import Order
from marketplace.orders.rules import (
    Act,
    OrderState,
    RefundReason,
    RefundState,
    Way,
    confirms_at,
    settles_at,
    shares,
)
from marketplace.payments.actions import release_to_seller
from marketplace.payments.queries import escrow_left, the_payment


def pack(number: str, seller_ids: Container[int]) -> Order:
    """
    The lines of these sellers are in the box; when all are, the order is packed. Harmless the second time.

    Raises:
        WrongState: the order is over or being given back, or its money was to come first and has not.
    """
    order = locked_order(number)
    mine = [line for line in order.lines if line.seller_id in seller_ids]
    if all(line.packed_at for line in mine):
        return order
    if not can_pack(order):
        raise WrongState()
    for line in mine:
        line.packed_at = line.packed_at or clock.now()
    if all(line.packed_at for line in order.lines):
        move(order, Act.pack)
        order.packed_at = clock.now()
    return order


def can_pack(order: Order) -> bool:
    """Say whether an order waits for its goods: neither over nor being given back, and its money there if that comes first."""
    return order.state in {OrderState.paid, OrderState.reserved} and not money_goes_back(order)


def money_goes_back(order: Order) -> bool:
    """Say whether all the money of an order is on its way back, so that nothing more is packed, sent or handed over."""
    return any(back.line_id is None and back.state == RefundState.agreed for back in order.refunds)


def ship(number: str, parcel: str) -> Order:
    """
    The parcel is on its way. Harmless the second time.

    Raises:
        WrongState: it is to be fetched, not paid, or not packed.
    """
    order = locked_order(number)
    if order.state == OrderState.shipped:
        return order
    if order.way != Way.delivery or money_goes_back(order):
        raise WrongState()
    if order.state == OrderState.paid:
        raise NotPacked()
    move(order, Act.ship)
    order.shipped_at, order.parcel = clock.now(), parcel[:60]
    _ask_again("order.confirm", order, counts_as_received_at(order))
    return order


def hand_over(number: str, code: str) -> Order:
    """
    The buyer stands before the keeper and says the pickup code. Harmless the second time.

    Raises:
        WrongPickupCode: the digits are another order's.
        WrongState: it is not paid, or goes by parcel.
    """
    order = locked_order(number)
    if not equal(order.pickup_code, code):
        raise WrongPickupCode()
    if order.received_at is not None:
        return order
    if order.way != Way.pickup or money_goes_back(order):
        raise WrongState()
    _receive(order)
    audit.record("hand-over-order", subject=f"order:{number}", area=order.village_code)
    return order


def confirm_receipt(number: str) -> Order:
    """
    The buyer has the parcel. Harmless the second time.

    Raises:
        WrongState: it was never sent.
    """
    order = locked_order(number)
    if order.received_at is None:
        if order.state != OrderState.shipped:
            raise WrongState()
        _receive(order)
    return order


def extend(number: str) -> Order:
    """
    The buyer wants longer before the parcel counts as received, once. Harmless the second time.

    Raises:
        WrongState: it was never sent, or counts as received already.
    """
    order = locked_order(number)
    if order.state != OrderState.shipped:
        raise WrongState()
    order.extended_at = order.extended_at or clock.now()
    return order


def counts_as_received_at(order: Order) -> datetime:
    """Return when a parcel that was sent counts as received, if nobody says anything."""
    assert order.shipped_at is not None
    return confirms_at(order.shipped_at, _refund_ends(order), is_extended=order.extended_at is not None)


def _refund_ends(order: Order) -> list[datetime]:
    return [back.done_at or back.decided_at or back.asked_at for back in order.refunds]


def confirm_by_time(number: str) -> None:
    """Nobody complained for so long that the parcel counts as received; an open refund stops the clock."""
    order = locked_order(number)
    if order.state != OrderState.shipped or order.shipped_at is None:
        return
    due_at = counts_as_received_at(order)
    if has_open_refund(order):
        return  # whoever ends the refund asks again
    if clock.now() < due_at:
        _ask_again("order.confirm", order, due_at)
        return
    _receive(order)


def _receive(order: Order) -> None:
    move(order, Act.receive)
    order.received_at = clock.now()
    plan_settling(order)


def has_open_refund(order: Order) -> bool:
    """Say whether somebody still has to decide about money of this order, or it is on its way back."""
    return any(back.is_open for back in order.refunds)


def plan_settling(order: Order) -> None:
    """Write down when the sellers' money is due; called again when a refund has ended."""
    if order.state == OrderState.shipped:
        _ask_again("order.confirm", order, clock.now())
    if order.state != OrderState.received or order.received_at is None:
        return
    due_at = _due_at(order)
    _ask_again("order.settle", order, due_at)


def _ask_again(kind: str, order: Order, due_at: datetime) -> None:
    mark = due_at.isoformat(timespec="seconds")
    enqueue(kind, due_at=due_at, unique_key=f"{kind}:{order.number}:{mark}", number=order.number)


def _due_at(order: Order) -> datetime:
    assert order.received_at is not None
    return settles_at(order.received_at, _refund_ends(order))


def given_back_fen(order: Order) -> int:
    """Return what went back of the order's own money; surplus payments were never part of it."""
    done = (back for back in order.refunds if back.state == RefundState.done)
    return sum(back.amount_fen for back in done if back.reason != RefundReason.late_payment)


def _delivery_left_fen(order: Order) -> int:
    """What the village still gets for the parcel: a refund that exceeds the goods takes it too."""
    return order.delivery_fen - (given_back_fen(order) - sum(line.refunded_fen for line in order.lines))


def settle(number: str) -> None:
    """Let each seller have what its lines came to, less what went back. Harmless the second time."""
    order = locked_order(number)
    if order.state != OrderState.received or has_open_refund(order) or clock.now() < _due_at(order):
        return
    net = shares((line.seller_id, line.amount_fen - line.refunded_fen) for line in order.lines)
    delivery_fen = _delivery_left_fen(order)
    if sum(share.amount_fen for share in net) + delivery_fen > escrow_left(the_payment(order.payment_id)):
        return  # some of it is set aside to go back, and the order has not heard of that yet
    for share in net:
        release_to_seller(order.payment_id, share.seller, share.amount_fen, f"{number}:{share.seller}")
    if delivery_fen:  # the village sends the parcels
        place = f"village-{order.village_code}"
        release_to_seller(order.payment_id, place, delivery_fen, f"{number}:delivery")
    move(order, Act.settle)
    order.settled_at = clock.now()
