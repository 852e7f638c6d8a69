"""What orders put on a person's own page, and into the copy of their data that a person may take away."""

from __future__ import annotations

from typing import Any

from flask import render_template
from markupsafe import Markup

from commons.accounts.models import Person
from commons.accounts.queries import exported
from marketplace.orders.models import Order
from marketplace.orders.queries import address_of, orders_of
from village.public import VillageRef


def on_a_person(person: Person) -> Markup | None:
    """Show the way to one's own orders."""
    return Markup(render_template("marketplace/orders/_own.html"))  # noqa: S704 - escaped by the template


def beneath_the_shop(_village: VillageRef | None) -> Markup:
    """Show the way to one's own orders beneath the goods."""
    return Markup(render_template("marketplace/orders/_shop_foot.html"))  # noqa: S704 - escaped by the template


@exported("我的订单", "shop_order.person_id", "shop_order.address_sealed", "order_refund.asked_by")
def own_orders(person_id: int) -> list[dict[str, Any]]:
    """Return every order of a person, in plain values."""
    page = orders_of(person_id)
    found = list(page.items)
    for number in range(2, page.last + 1):
        found += orders_of(person_id, number).items
    return [_plain(order) for order in found]


def _plain(order: Order) -> dict[str, Any]:
    address = address_of(order)
    return {
        "单号": order.number,
        "状态": order.state,
        "下单": order.created_at.isoformat(),
        "一共（分）": order.total_fen,
        "怎么拿": order.place_words,
        "收件": f"{address.name} {address.phone} {address.place}" if address else "",
        "东西": [[line.name, line.quantity, line.amount_fen] for line in order.lines],
        "付款": order.paid_at.isoformat() if order.paid_at else None,
        "退款": [
            [back.reason, back.amount_fen, back.state, back.words, back.answer] for back in order.refunds
        ],
    }
