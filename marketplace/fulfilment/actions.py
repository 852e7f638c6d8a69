"""Open and close pickup points, say what a parcel costs, and take money and hand over at the counter."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from commons import audit, clock
from commons.accounts.permissions import require_scope
from commons.db import db, locked
from commons.errors import Missing
from marketplace.fulfilment.errors import WindowWrong
from marketplace.fulfilment.models import DeliveryTerms, PickupPoint
from marketplace.fulfilment.rules import Week
from marketplace.orders import moves, refunds
from marketplace.orders.actions import locked_order, mark_paid
from marketplace.orders.models import Order, OrderRefund
from marketplace.orders.rules import RefundState
from marketplace.payments.actions import confirm_offline, confirm_offline_refund
from marketplace.payments.connect.actions import NewAccount, open_account
from marketplace.payments.connect.models import SellerAccount
from marketplace.payments.rules import Method
from marketplace.produce.models import Seller
from village.public import village_ref


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A pickup point as an official describes it."""

    village_code: str
    name: str
    address: str
    week: Week
    form_key: str


def open_point(new: NewPoint) -> PickupPoint:
    """
    Open a pickup point; the same form again returns the same point.

    Raises:
        WindowWrong: it would end before it begins.
    """
    require_scope("keep-pickup-points", new.village_code)
    known = db.session.scalar(select(PickupPoint).where(PickupPoint.form_key == new.form_key))
    if known is not None:
        return known
    village = village_ref(new.village_code)
    if village is None:
        raise Missing("没有找到这个村")
    if new.week.from_minute >= new.week.until_minute:
        raise WindowWrong()
    point = PickupPoint(
        village_code=village.code, county_code=village.county_code, name=new.name, address=new.address,
        cutoff_day=new.week.cutoff_day, cutoff_minute=new.week.cutoff_minute, pickup_day=new.week.pickup_day,
        from_minute=new.week.from_minute, until_minute=new.week.until_minute, form_key=new.form_key,
        created_at=clock.now(),
    )  # fmt: skip
    db.session.add(point)
    audit.record("open-pickup-point", area=village.code, name=new.name)
    return point


def close_point(point_id: int) -> None:
    """Take no more orders for a point; what was ordered is still handed over there. Harmless the second time."""
    point = locked(PickupPoint, point_id)
    if point is None:
        raise Missing()
    require_scope("keep-pickup-points", point.village_code)
    if point.closed_at is None:
        point.closed_at = clock.now()
        audit.record("close-pickup-point", subject=f"pickup-point:{point_id}", area=point.village_code)


def set_delivery(village_code: str, *, fee_fen: int, free_from_fen: int | None, is_offered: bool) -> None:
    """Say whether a village sends parcels and what that costs; orders that were placed keep their fee."""
    require_scope("keep-pickup-points", village_code)
    if village_ref(village_code) is None:
        raise Missing("没有找到这个村")
    terms = locked(DeliveryTerms, village_code)
    if terms is None:
        terms = DeliveryTerms(village_code=village_code)
        db.session.add(terms)
    terms.fee_fen, terms.free_from_fen, terms.is_offered = fee_fen, free_from_fen, is_offered
    terms.changed_at = clock.now()
    audit.record("set-delivery", area=village_code, fee_fen=fee_fen, is_offered=is_offered)


def take_money(number: str, keeper_id: int) -> Order:
    """The keeper has the buyer's money in hand. Harmless when the same keeper says so twice."""
    order = locked_order(number)
    require_scope("hand-over", order.village_code)
    confirm_offline(order.payment_id, str(keeper_id))
    audit.record("take-money", subject=f"order:{number}", area=order.village_code, amount_fen=order.total_fen)
    return mark_paid(number)


def hand_over(number: str, code: str, keeper_id: int, *, with_money: bool) -> Order:
    """The buyer says the code, pays if that is still to be done, and takes the goods: all of it or nothing."""
    order = locked_order(number)
    require_scope("hand-over", order.village_code)
    if with_money and order.method == Method.offline and not order.is_paid:
        take_money(number, keeper_id)
    return moves.hand_over(number, code)


def pack_for_sellers(number: str) -> Order:
    """The keeper packs for all sellers of an order: some have no telephone."""
    order = locked_order(number)
    require_scope("hand-over", order.village_code)
    return moves.pack(number, {line.seller_id for line in order.lines})


def ship(number: str, parcel: str) -> Order:
    """The keeper has brought the parcel on its way."""
    require_scope("hand-over", locked_order(number).village_code)
    return moves.ship(number, parcel)


def give_back_by_hand(number: str, refund_id: int, keeper_id: int) -> None:
    """The keeper has given money back that was paid by hand. Harmless the second time."""
    order = locked_order(number)
    require_scope("hand-over", order.village_code)
    back = db.session.get(OrderRefund, refund_id)
    if back is None or back.order_id != order.id or not back.payment_refund_id:
        raise Missing()
    confirm_offline_refund(back.payment_refund_id, str(keeper_id))
    if back.state == RefundState.agreed:
        refunds.money_went_back(number, back.payment_refund_id, back.amount_fen, is_surplus=False)
    audit.record("give-back-money", subject=f"order:{number}", area=order.village_code)


def account_for(seller: Seller) -> SellerAccount:
    """Return the account into which a seller's money goes, opened at the first need, with the seller's own name."""
    return open_account(NewAccount(str(seller.id), seller.public_name, seller.village_code, seller.person_id))
