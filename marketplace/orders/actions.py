"""
Place an order, know that it is paid, give it up.

Stock goes down when an order is placed and comes back when it is given up, each exactly once: a hold moves from *held* to
*taken* or *released* under the lock of its order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, update

from commons import clock
from commons.accounts.models import Person
from commons.db import db, locked, locked_rows
from commons.errors import Missing, SignInNeeded
from commons.outbox import enqueue
from commons.rows import write_changes, write_new
from commons.security import seal_text
from marketplace.orders.errors import (
    AddressNeeded,
    EmptyBasket,
    GoneFromShop,
    PickupOnly,
    PriceChanged,
    TooManyUnpaid,
    WrongState,
)
from marketplace.orders.models import Order, OrderLine, OrderRefund, StockHold
from marketplace.orders.rules import (
    FORGET_ADDRESS_AFTER,
    GRACE,
    HOLD,
    MOST_LINES,
    MOST_PER_LINE,
    OFFLINE_GRACE,
    UNPAID_PER_PERSON,
    Act,
    Address,
    Handover,
    HoldState,
    OrderState,
    RefundReason,
    RefundState,
    Way,
    new_number,
    new_pickup_code,
    next_state,
)
from marketplace.payments.actions import PaymentAsk, cancel_payment, open_intent, request_refund
from marketplace.payments.connect.queries import sub_merchant_of
from marketplace.payments.errors import NotRefundable
from marketplace.payments.queries import main_charge
from marketplace.payments.records import open_case
from marketplace.payments.rules import CaseKind, IntentStatus, Method
from marketplace.produce.actions import give_back_stock, take_stock
from marketplace.produce.errors import NotEnoughLeft
from marketplace.produce.queries import Offer, offers_of_lots
from village.public import village_ref

UNPAID = (OrderState.pending_payment, OrderState.reserved, OrderState.packed)
OVER = tuple(state for state in OrderState if state.is_over)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a buyer wants of one village, how it is to come and to be paid, and the sum that the buyer saw."""

    village_code: str
    wanted: Mapping[int, int]
    seen_fen: int
    handover: Handover
    method: Method
    form_key: str
    address: Address | None = None


def place_order(person_id: int, new: NewOrder) -> Order:
    """
    Take the goods out of stock, store the order and ask for its money; the same form again returns the same order.

    Raises:
        EmptyBasket, GoneFromShop, PriceChanged, NotEnoughLeft: the basket is not what it was.
        AddressNeeded, PickupOnly: way and payment do not fit.
        TooManyUnpaid: two orders of this person, or of this telephone, wait for their money already.
        OfflineLimit: too much to be paid by hand.
    """
    buyer = locked(Person, person_id)  # a person's orders are placed one after the other
    if buyer is None:
        raise SignInNeeded()
    earlier = _earlier(buyer, new.form_key)
    for order in earlier:
        if (order.person_id, order.form_key) == (person_id, new.form_key):
            return order
    _check_ask(new)
    if len(earlier) >= UNPAID_PER_PERSON:
        raise TooManyUnpaid()
    offers = offers_of_lots(list(new.wanted))
    if any(lot not in offers or offers[lot].village_code != new.village_code for lot in new.wanted):
        raise GoneFromShop()
    for lot, quantity in new.wanted.items():  # most who come too late are told before anything is written
        if quantity > offers[lot].most and offers[lot].most < MOST_PER_LINE:
            raise NotEnoughLeft(offers[lot].name, offers[lot].most)
    order = _store(buyer, new, offers)
    _take(new.wanted, offers)
    return order


def _earlier(buyer: Person, form_key: str) -> Sequence[Order]:
    """Return what this form placed before, and what waits for the buyer's money, also under an account closed since."""
    own = and_(Order.person_id == buyer.id, or_(Order.form_key == form_key, _is_unpaid()))
    of_same_phone = and_(Order.buyer_hash == buyer.phone_hash, _is_unpaid())
    wanted = own if buyer.phone_hash is None else or_(own, of_same_phone)
    return db.session.scalars(select(Order).where(wanted)).all()


def _take(wanted: Mapping[int, int], offers: Mapping[int, Offer]) -> None:
    """Take the goods last, so that buyers of one lot wait for each other as shortly as can be."""
    try:
        lots = take_stock(wanted)
    except Missing as gone:
        raise GoneFromShop() from gone
    if any(lot.price_fen != offers[lot.id].price_fen for lot in lots.values()):
        raise PriceChanged()


def _check_ask(new: NewOrder) -> None:
    if not new.wanted or len(new.wanted) > MOST_LINES:
        raise EmptyBasket()
    if new.handover.way is not Way.delivery:
        return
    if new.method is Method.offline:
        raise PickupOnly()
    address = new.address or Address("", "", "")
    for field, words in (("name", address.name), ("phone", address.phone), ("place", address.place)):
        if not words:
            raise AddressNeeded(field)


def _is_unpaid() -> ColumnElement[bool]:
    return and_(Order.paid_at.is_(None), Order.state.in_(UNPAID))


def _store(buyer: Person, new: NewOrder, offers: Mapping[int, Offer]) -> Order:
    goods_fen = sum(offers[lot].price_fen * quantity for lot, quantity in new.wanted.items())
    delivery_fen = new.handover.fee_for(goods_fen)
    if goods_fen + delivery_fen != new.seen_fen:
        raise PriceChanged()
    village = village_ref(new.village_code)
    if village is None:
        raise GoneFromShop()
    now, way, number = clock.now(), new.handover, new_number()
    by_hand = new.method is Method.offline
    hold_until = (way.ready_until or now) + OFFLINE_GRACE if by_hand else now + HOLD
    intent = open_intent(
        PaymentAsk(
            goods_fen + delivery_fen, new.method, f"{village.name}农产品 {number[-4:]}", hold_until,
            reference=f"order:{number}", return_url=f"/orders/{number}", area=village.code,
            account=_sub_merchant(new, offers, delivery_fen),
        )
    )  # fmt: skip
    order = Order(
        number=number, person_id=buyer.id, buyer_hash=buyer.phone_hash, village_code=village.code, county_code=village.county_code,
        state=OrderState.reserved if by_hand else OrderState.pending_payment, method=new.method, way=way.way,
        goods_fen=goods_fen, delivery_fen=delivery_fen, total_fen=goods_fen + delivery_fen,
        place_key=way.key, place_words=way.words[:120], ready_from=way.ready_from, ready_until=way.ready_until,
        address_sealed=_sealed(new.address) if way.way is Way.delivery else None,
        pickup_code=new_pickup_code(), payment_id=intent.id, form_key=new.form_key, created_at=now,
        hold_until=hold_until,
    )  # fmt: skip
    write_new(order)
    for lot, quantity in sorted(new.wanted.items()):
        hold = StockHold(order_id=order.id, lot_id=lot, quantity=quantity, state=HoldState.held)
        write_new(_line(order.id, offers[lot], quantity), hold)
    enqueue("order.expire", due_at=hold_until, unique_key=f"order.expire:{number}", number=number)
    return order


def _sub_merchant(new: NewOrder, offers: Mapping[int, Offer], delivery_fen: int) -> str:
    """
    Return the account in whose name the order is paid: a sub-merchant's own if all of it is that seller's, else ours.

    Alipay settles such a trade with one seller and as a whole, so neither a second seller nor the village's parcel fits in.
    """
    sellers = {offers[lot].seller_id for lot in new.wanted}
    if new.method is Method.offline or delivery_fen or len(sellers) > 1:
        return ""
    return sub_merchant_of(str(sellers.pop()))


def _line(order_id: int, offer: Offer, quantity: int) -> OrderLine:
    return OrderLine(
        order_id=order_id, lot_id=offer.lot_id, seller_id=offer.seller_id, seller_words=offer.seller_words[:160], name=offer.name,
        unit=offer.unit, harvest_on=offer.harvest_on, origin_code=offer.origin_code, price_fen=offer.price_fen,
        quantity=quantity, amount_fen=offer.price_fen * quantity, refunded_fen=0,
    )  # fmt: skip


def _sealed(address: Address | None) -> bytes | None:
    return None if address is None else seal_text(json.dumps(asdict(address), ensure_ascii=False))


def locked_order(number: str) -> Order:
    """
    Lock an order and return it as it now is.

    Raises:
        Missing: there is none of that number.
    """
    found = locked_rows(select(Order).where(Order.number == number))
    if not found:
        raise Missing()
    order = found[0]
    db.session.expire(order, ["lines", "holds", "refunds"])  # read again where they are used, and only there
    return order


def move(order: Order, act: Act) -> None:
    """
    Let *act* happen to a locked order.

    Raises:
        WrongState: it may not happen any more, or not yet.
    """
    following = next_state(OrderState(order.state), act, is_paid=order.is_paid)
    if following is None:
        raise WrongState()
    order.state = following


def mark_paid(number: str) -> Order:
    """
    The money has come. Harmless the second time; an order whose goods went to others gives the money back.

    For money that is not what the order costs nothing is handed over: a person looks.
    """
    order = locked_order(number)
    if order.is_paid:
        return order
    charge = main_charge(order.payment_id)
    if charge is not None and charge.amount_fen != order.total_fen:
        known = {"order": number, "asked_fen": order.total_fen, "told_fen": charge.amount_fen}
        open_case(CaseKind.amount_differs, f"order:{number}", order.payment_id, **known)
        return order
    if order.state == OrderState.cancelled:
        _revive(order)
    else:
        move(order, Act.pay)
        order.paid_at = clock.now()
    order.buyer_hash = None
    write_changes(order)
    for hold in order.holds:
        if hold.state == HoldState.held:
            hold.state = HoldState.taken
    write_changes(*order.holds)
    return order


def _revive(order: Order) -> None:
    """The money came after the goods were given up: they are taken again if they are still there."""
    try:
        take_stock({hold.lot_id: hold.quantity for hold in order.holds})
    except (NotEnoughLeft, Missing):
        _give_money_back(order)
        return
    move(order, Act.revive)
    order.paid_at, order.cancelled_at, order.cancel_reason = clock.now(), None, ""
    for hold in order.holds:
        hold.state = HoldState.taken


def _give_money_back(order: Order) -> None:
    """All of it goes back; where Alipay takes no refund any more, a person has to find another way."""
    order.paid_at = clock.now()
    try:
        back = request_refund(
            order.payment_id,
            order.total_fen,
            reason="货已售完，自动退回",
            reference=f"{order.number}:sold-out",
        )
    except NotRefundable:
        words = {"order": order.number, "amount_fen": order.total_fen}
        open_case(CaseKind.refund_failed, f"order:{order.number}", order.payment_id, **words)
        return
    order.refunds.append(
        OrderRefund(
            amount_fen=order.total_fen, reason=RefundReason.sold_out, state=RefundState.agreed,
            payment_refund_id=back.id, asked_at=clock.now(), decided_at=clock.now(),
        )
    )  # fmt: skip
    details = {"order": order.number, "refund": back.id, "amount_fen": order.total_fen}
    open_case(CaseKind.paid_after_cancel, f"order:{order.number}", order.payment_id, **details)


def cancel_order(number: str) -> Order:
    """
    The buyer gives an order up before it is paid or packed. Harmless the second time.

    Where the cashier may be open, it ends only when the gateway has closed it.

    Raises:
        WrongState: it is packed already.
        AlreadyPaid: the money has come; ask for a refund instead.
    """
    order = locked_order(number)
    if order.state == OrderState.cancelled:
        return order
    if order.state not in {OrderState.pending_payment, OrderState.reserved}:
        raise WrongState()
    order.cancel_reason = "by_buyer"
    if cancel_payment(order.payment_id).status == IntentStatus.canceled:
        give_up(order, "by_buyer")
    return order


def expire_order(number: str) -> None:
    """Nobody paid in time. Where the cashier may still be open, the goods wait a little longer for its last word."""
    order = locked_order(number)
    if order.is_paid or OrderState(order.state).is_over:
        return
    if cancel_payment(order.payment_id, "expired").status == IntentStatus.canceled:
        give_up(order, "expired")
        return
    key = f"order.let_go:{number}"
    enqueue("order.let_go", due_at=order.hold_until + GRACE, unique_key=key, number=number)


def give_up(order: Order, reason: str) -> None:
    """End a locked, unpaid order and put what it held back into stock. Harmless the second time."""
    if order.is_paid or OrderState(order.state).is_over:
        return
    move(order, Act.cancel)
    order.cancelled_at, order.cancel_reason = clock.now(), order.cancel_reason or reason
    order.buyer_hash = None
    release(order)


def release(order: Order) -> None:
    """Put what a locked order took back into stock; what was put back before is not put back again."""
    returned = {hold.lot_id: hold.quantity for hold in order.holds if hold.state != HoldState.released}
    for hold in order.holds:
        hold.state = HoldState.released
    if returned:
        give_back_stock(returned)


def erase_addresses(now: datetime) -> None:
    """Forget to whom parcels went, once no dispute can need it any more; of closed accounts as soon as the order is over."""
    old = Order.created_at < now - FORGET_ADDRESS_AFTER
    left = Order.person_id.in_(select(Person.id).where(Person.closed_at.is_not(None)))
    _erase_addresses(or_(old, and_(left, Order.state.in_(OVER))))


def forget_buyer(person_id: int) -> None:
    """An account was closed: forget its addresses, except where a parcel is still to be sent or disputed."""
    _erase_addresses(and_(Order.person_id == person_id, Order.state.in_(OVER)))


def _erase_addresses(which: ColumnElement[bool]) -> None:
    known = Order.address_sealed.is_not(None)
    db.session.execute(update(Order).where(known, which).values(address_sealed=None))
