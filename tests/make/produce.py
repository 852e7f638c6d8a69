"""Sellers, products and lots that could exist."""

from __future__ import annotations

import itertools
from datetime import date

from commons import clock
from commons.accounts.models import Person
from commons.db import db
from marketplace.produce.models import Lot, Product, Seller
from marketplace.produce.rules import SellerKind
from tests.make.divisions import make_village, written
from tests.make.people import make_person
from village.public import bump_page

_number = itertools.count(1)


def make_seller(
    *,
    person: Person | None = None,
    kind: SellerKind = SellerKind.own_produce,
    public_name: str = "谷子喂的鸡",
    verified: bool = True,
    village_code: str | None = None,
) -> Seller:
    """A household that sells its own produce, verified unless said otherwise."""
    with written():
        village = make_village(code=village_code) if village_code else make_village()
        farmer = person or make_person(name="周老汉")
        seller = Seller(
            person_id=farmer.id, village_code=village.code, county_code=village.county_code, kind=kind.value,
            public_name=public_name, group_words="三组", entered_by=farmer.id,
            licence_no="" if kind is SellerKind.own_produce else "93420199MA4KTE0T0X",
            supplier_group="三组八户" if kind is SellerKind.coop else "",
            verified_at=clock.now() if verified else None, verified_by=farmer.id if verified else None,
            form_key=f"seller-{next(_number):020d}", created_at=clock.now(),
        )  # fmt: skip
        db.session.add(seller)
        db.session.flush()  # products refer to it
        return seller


def make_product(
    *,
    seller: Seller | None = None,
    name: str = "散养鸡蛋",
    category: str = "egg",
    stock: int = 10,
    price_fen: int = 1500,
) -> Product:
    """A product with one lot, harvested today."""
    with written():
        seller = seller or make_seller()
        product = Product(
            seller_id=seller.id, village_code=seller.village_code, county_code=seller.county_code, name=name,
            category=category, note="谷子喂", inputs="", certificate="", origin_code="N49HB55B2", published_at=clock.now(),
            has_origin_consent=False, form_key=f"product-{next(_number):020d}",
        )  # fmt: skip
        db.session.add(product)
        db.session.flush()  # the lot refers to it
        add_lot(product, stock=stock, price_fen=price_fen)
        bump_page(seller.village_code)
        return product


def add_lot(
    product: Product, *, stock: int = 10, price_fen: int = 1500, harvest_on: date | None = None
) -> Lot:
    """Another harvest of a product."""
    with written():
        lot = Lot(
            product_id=product.id, harvest_on=harvest_on or clock.today(), unit="box10", price_fen=price_fen,
            stock_left=stock, stock_first=stock, created_at=clock.now(),
        )  # fmt: skip
        db.session.add(lot)
        db.session.flush()  # the test needs its number
        return lot
