"""Pickup points, and orders that were really placed."""

from __future__ import annotations

import itertools

from commons import clock
from commons.accounts.models import Person
from commons.db import db
from marketplace.fulfilment.models import DeliveryTerms, PickupPoint
from marketplace.fulfilment.queries import ways_of
from marketplace.orders.actions import NewOrder, place_order
from marketplace.orders.models import Order
from marketplace.orders.rules import Address, Way
from marketplace.payments.rules import Method
from marketplace.produce.models import Product
from tests.make.divisions import VILLAGE, make_village, written
from tests.make.people import make_person
from tests.make.produce import make_product

_number = itertools.count(1)


def make_pickup_point(
    *, village_code: str = VILLAGE, name: str = "示例小区东门", address: str = "示例路 1 号"
) -> PickupPoint:
    """A point where orders close on Tuesday at 20:00 and goods are fetched on Wednesday from 17:00 to 19:00."""
    with written():
        village = make_village(code=village_code)
        point = PickupPoint(
            village_code=village.code, county_code=village.county_code, name=name, address=address,
            cutoff_day=2, cutoff_minute=20 * 60, pickup_day=3, from_minute=17 * 60, until_minute=19 * 60,
            form_key=f"point-{next(_number):020d}", created_at=clock.now(),
        )  # fmt: skip
        db.session.add(point)
        db.session.flush()  # a buyer's choice names its number
        return point


def make_delivery(
    *, village_code: str = VILLAGE, fee_fen: int = 800, free_from_fen: int | None = 9900
) -> DeliveryTerms:
    """A village that sends parcels."""
    with written():
        make_village(code=village_code)
        terms = DeliveryTerms(
            village_code=village_code, fee_fen=fee_fen, free_from_fen=free_from_fen, is_offered=True,
            changed_at=clock.now(),
        )  # fmt: skip
        db.session.add(terms)
        return terms


def ask(
    product: Product,
    *,
    quantity: int = 1,
    method: Method = Method.alipay,
    way: Way = Way.pickup,
    key: str = "",
) -> NewOrder:
    """What a buyer of *quantity* of a product's first lot would send; makes the way to get it where there is none."""
    lot, village = product.lots[0], product.village_code
    if not any(each.way is way for each in ways_of(village)):
        make_pickup_point(village_code=village) if way is Way.pickup else make_delivery(village_code=village)
    handover = next(each for each in ways_of(village) if each.way is way)
    goods_fen = lot.price_fen * quantity
    address = Address("王秀兰", "10012345678", "江汉市示例路 2 号")
    return NewOrder(
        village_code=village, wanted={lot.id: quantity}, seen_fen=goods_fen + handover.fee_for(goods_fen),
        handover=handover, method=method, form_key=key or f"order-{next(_number):020d}",
        address=address if way is Way.delivery else None,
    )  # fmt: skip


def make_order(
    *,
    buyer: Person | None = None,
    product: Product | None = None,
    quantity: int = 1,
    method: Method = Method.alipay,
    way: Way = Way.pickup,
) -> Order:
    """An order placed by the same action that the page calls: its goods are held, its payment waits."""
    with written():
        new = ask(product or make_product(), quantity=quantity, method=method, way=way)
        person = buyer or make_person(name="陈先生")
        db.session.flush()  # a new buyer's number is needed
        order = place_order(person.id, new)
        db.session.flush()  # the test looks at it by its number
        return order
