"""Orders as their buyer, a seller and the officials of a village may see them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import selectinload

from commons.accounts import current_person
from commons.accounts.permissions import Scope, current_scope
from commons.db import db
from commons.errors import Missing
from commons.paging import Page
from commons.security import open_text
from marketplace.orders.models import Order, OrderLine, OrderRefund
from marketplace.orders.rules import (
    FETCHED_WITHIN,
    LOOK_INTO_BOX,
    NUMBER_LETTERS,
    PACKED_WITHIN,
    SENT_WITHIN,
    Address,
    OrderState,
    RefundState,
    Way,
)
from marketplace.payments.record_models import PaymentCase
from marketplace.payments.rules import CaseKind
from marketplace.produce.queries import sellers_of

IN_A_LIST = 20
OPEN = (OrderState.reserved, OrderState.paid, OrderState.packed, OrderState.shipped)
UNPAID = (OrderState.pending_payment, OrderState.reserved, OrderState.packed)


@dataclass(frozen=True, slots=True)
class Sight:
    """An order as one person may see it: all of it, or a seller's own lines."""

    order: Order
    lines: tuple[OrderLine, ...]
    is_owner: bool
    is_official: bool

    @property
    def sees_all(self) -> bool:
        """Say whether sums, place and code may be shown."""
        return self.is_owner or self.is_official

    @property
    def lines_fen(self) -> int:
        """What the visible lines come to."""
        return sum(line.amount_fen for line in self.lines)


def _whole_orders() -> tuple[object, ...]:
    return (selectinload(Order.lines), selectinload(Order.refunds))


def order_numbered(number: str) -> Order | None:
    """Return an order with its lines; what cannot be a number is not looked up."""
    if len(number) != NUMBER_LETTERS or not number.isascii():
        return None
    wanted = select(Order).where(Order.number == number).options(*_whole_orders())  # type: ignore[arg-type]
    return db.session.scalar(wanted)


def visible_order(number: str) -> Sight:
    """
    Return an order as the person here may see it.

    Raises:
        Missing: there is none, or it is none of theirs: both look the same.
    """
    order, person = order_numbered(number), current_person()
    if order is None or person is None:
        raise Missing(_("没有找到这一单。是您的订单，请先登录再看"))
    is_owner = order.person_id == person.id and bool(current_scope("order"))
    is_official = current_scope("see-orders").covers(order.village_code)
    if is_owner or is_official:
        return Sight(order, tuple(order.lines), is_owner, is_official)
    own = {seller.id for seller in sellers_of(person.id)} if current_scope("sell") else set()
    lines = tuple(line for line in order.lines if line.seller_id in own)
    if not lines or order.state == OrderState.pending_payment:
        raise Missing(_("没有找到这一单。是您的订单，请先登录再看"))
    return Sight(order, lines, is_owner=False, is_official=False)


def own_order(number: str, person_id: int) -> Order:
    """
    Return an order of this buyer.

    Raises:
        Missing: there is none, or it is somebody else's.
    """
    order = order_numbered(number)
    if order is None or order.person_id != person_id:
        raise Missing(_("没有找到这一单。是您的订单，请先登录再看"))
    return order


def order_of_form(person_id: int, form_key: str) -> Order | None:
    """Return the order that this very form placed before."""
    mine = (Order.person_id == person_id, Order.form_key == form_key)
    return db.session.scalar(select(Order).where(*mine))


def orders_of(person_id: int, number: int = 1) -> Page[Order]:
    """Return one page of a buyer's orders, the newest first."""
    mine = Order.person_id == person_id
    total = db.session.scalar(select(func.count()).select_from(Order).where(mine)) or 0
    rows = (
        select(Order)
        .where(mine)
        .options(*_whole_orders())  # type: ignore[arg-type]
        .order_by(Order.id.desc())
        .limit(IN_A_LIST)
        .offset((number - 1) * IN_A_LIST)
    )
    return Page(db.session.scalars(rows).all(), number, IN_A_LIST, total)


def orders_for_sellers(seller_ids: Iterable[int], limit: int = 100) -> list[Sight]:
    """Return what some sellers have to pack or wait for, as far as it is theirs: the earliest pickup first."""
    own = set(seller_ids)
    of_theirs = select(OrderLine.order_id).where(OrderLine.seller_id.in_(own))
    wanted = (
        select(Order)
        .where(Order.id.in_(of_theirs), Order.state.in_((*OPEN, OrderState.received)))
        .options(*_whole_orders())  # type: ignore[arg-type]
        .order_by(Order.ready_from, Order.id)
        .limit(limit)
    )
    return [
        Sight(order, tuple(line for line in order.lines if line.seller_id in own), False, False)
        for order in db.session.scalars(wanted)
    ]


def kept_orders(scope: Scope, *, code: str = "", number: int = 1) -> Page[Order]:
    """Return one page of a keeper's orders; with *code*, those whose pickup code or number's end it is."""
    where = [scope.condition(Order.village_code), Order.state.in_((*OPEN, OrderState.received))]
    if code:
        where.append((Order.pickup_code == code) | Order.number.like(f"%{code.upper()}"))
    total = db.session.scalar(select(func.count()).select_from(Order).where(*where)) or 0
    rows = (
        select(Order)
        .where(*where)
        .options(*_whole_orders())  # type: ignore[arg-type]
        .order_by(Order.received_at.is_not(None), Order.ready_from, Order.id)
        .limit(IN_A_LIST)
        .offset((number - 1) * IN_A_LIST)
    )
    return Page(db.session.scalars(rows).all(), number, IN_A_LIST, total)


def orders_waiting(scope: Scope) -> int:
    """Return how many orders a keeper still has to hand over or send."""
    waiting = (scope.condition(Order.village_code), Order.state.in_(OPEN[:3]))
    return db.session.scalar(select(func.count()).select_from(Order).where(*waiting)) or 0


def address_of(order: Order) -> Address | None:
    """Return to whom the parcel goes; only for whoever has to send it, and for its buyer."""
    if order.address_sealed is None:
        return None
    return Address(**json.loads(open_text(order.address_sealed)))


def unpaid_since(now: datetime, limit: int) -> list[str]:
    """Return unpaid orders whose time is over."""
    late = (Order.state.in_(UNPAID), Order.paid_at.is_(None), Order.hold_until < now)
    return list(db.session.scalars(select(Order.number).where(*late).limit(limit)))


def unpaid_of(person_id: int) -> list[str]:
    """Return the orders of a person that wait for their money."""
    waiting = (Order.person_id == person_id, Order.state.in_(UNPAID), Order.paid_at.is_(None))
    return list(db.session.scalars(select(Order.number).where(*waiting)))


def never_packed(now: datetime, limit: int) -> list[str]:
    """Return paid orders that nobody packed in three days after they should have been fetched or were paid."""
    due_at = func.coalesce(Order.ready_until, Order.paid_at)
    late = (Order.state == OrderState.paid, due_at < now - PACKED_WITHIN, _nothing_goes_back())
    return list(db.session.scalars(select(Order.number).where(*late).limit(limit)))


def never_sent(now: datetime, limit: int) -> list[str]:
    """Return parcels that were packed and not sent within three days."""
    late = (Order.state == OrderState.packed, Order.way == Way.delivery, Order.packed_at < now - SENT_WITHIN)
    return list(db.session.scalars(select(Order.number).where(*late, _nothing_goes_back()).limit(limit)))


def never_fetched(now: datetime, limit: int) -> list[str]:
    """Return paid and packed orders that lie at the counter for a week, and of which no person was told yet."""
    due_at = func.coalesce(Order.ready_until, Order.packed_at)
    late = (Order.state == OrderState.packed, Order.way == Way.pickup, Order.paid_at.is_not(None))
    told = exists().where(PaymentCase.unique_key == CaseKind.not_fetched.value + ":order:" + Order.number)
    wanted = select(Order.number).where(*late, due_at < now - FETCHED_WITHIN, ~told, _nothing_goes_back())
    return list(db.session.scalars(wanted.limit(limit)))


def _nothing_goes_back() -> ColumnElement[bool]:
    """Whoever ends an open refund brings the order on; until then it takes nobody's place in a sweep."""
    still_open = [state for state in RefundState if state.is_open]
    return ~exists().where(OrderRefund.order_id == Order.id, OrderRefund.state.in_(still_open))


def received_before(now: datetime, limit: int) -> list[str]:
    """Return received orders whose sellers may be due their money."""
    due = (Order.state == OrderState.received, Order.received_at <= now - LOOK_INTO_BOX)
    return list(db.session.scalars(select(Order.number).where(*due).limit(limit)))
