"""What is for sale, for anyone, for a door, for its seller."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from commons.accounts.permissions import Scope
from commons.db import db
from commons.paging import Page
from commons.uploads import Upload
from geocode.beidou import get_level
from marketplace.produce.models import Lot, Product, Seller
from marketplace.produce.origins import FIELD_LEVEL
from marketplace.produce.rules import CATEGORY_OF, UNITS, Category, seller_in_law

IN_A_LIST = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """A product with its present lot, as anyone may see it; the exact stock is for the seller alone."""

    product_id: int
    lot_id: int
    village_code: str
    name: str
    category: Category
    note: str
    inputs: str
    certificate: str
    origin_code: str
    harvest_on: date
    unit: str
    price_fen: int
    is_sold_out: bool
    most: int
    group_words: str
    seller_id: int
    seller_words: str
    picture_url: str

    @property
    def is_field(self) -> bool:
        """Whether the origin names a field, and not only a part of the village."""
        return get_level(self.origin_code) == FIELD_LEVEL

    @property
    def drawing(self) -> str:
        """The drawn picture of its category."""
        return self.category.drawing


def _present_lot() -> ColumnElement[bool]:
    """The lot that is offered: the oldest with stock, else the latest."""
    other = aliased(Lot)
    with_stock = select(func.min(other.id)).where(
        other.product_id == Product.id, other.closed_at.is_(None), other.stock_left > 0
    )
    latest = select(func.max(other.id)).where(other.product_id == Product.id, other.closed_at.is_(None))
    return Lot.id == func.coalesce(
        with_stock.correlate(Product).scalar_subquery(), latest.correlate(Product).scalar_subquery()
    )


def for_sale() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a product is public: not withdrawn, its seller verified and not closed."""
    return (Product.withdrawn_at.is_(None), Seller.verified_at.is_not(None), Seller.closed_at.is_(None))


def _offers() -> Select[Product, Seller, Lot, Upload]:
    return (
        select(Product, Seller, Lot, Upload)
        .join(Seller, Seller.id == Product.seller_id)
        .join(Lot, and_(Lot.product_id == Product.id, _present_lot()))
        .outerjoin(Upload, Upload.id == Product.picture_id)
        .where(*for_sale())
    )


def _offer(product: Product, seller: Seller, lot: Lot, picture: Upload | None) -> Offer:
    return Offer(
        product.id, lot.id, product.village_code, product.name, CATEGORY_OF[product.category], product.note,
        product.inputs, product.certificate, product.origin_code, lot.harvest_on, UNITS[lot.unit], lot.price_fen,
        lot.stock_left == 0, min(lot.stock_left, 99), seller.group_words, seller.id,
        seller_in_law(seller.kind, seller.public_name, seller.licence_no, seller.supplier_group),
        picture.url if picture is not None else "",
    )  # fmt: skip


def offers_on_doors(village_code: str, limit: int) -> list[Offer]:
    """Return what a village's doors show: what can be bought first, the newest first. One query."""
    order = ((Lot.stock_left == 0), Product.id.desc())
    rows = db.session.execute(
        _offers().where(Product.village_code == village_code).order_by(*order).limit(limit)
    )
    return [_offer(*row) for row in rows]


def offers(*, village_code: str = "", category: str = "", words: str = "", number: int = 1) -> Page[Offer]:
    """Return one page of the shop."""
    where: list[ColumnElement[bool]] = []
    if village_code:
        where.append(Product.village_code == village_code)
    if category:
        where.append(Product.category == category)
    for word in words.split()[:4]:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        where.append(or_(Product.name.like(like), Product.note.like(like), Seller.public_name.like(like)))
    query = _offers().where(*where)
    total = (
        db.session.scalar(select(func.count()).select_from(query.with_only_columns(Product.id).subquery()))
        or 0
    )
    rows = (
        query.order_by((Lot.stock_left == 0), Product.id.desc())
        .limit(IN_A_LIST)
        .offset((number - 1) * IN_A_LIST)
    )
    return Page([_offer(*row) for row in db.session.execute(rows)], number, IN_A_LIST, total)


def categories_offered(village_code: str = "") -> set[str]:
    """Return the categories in which something is for sale."""
    where = [Product.village_code == village_code] if village_code else []
    query = select(Product.category).join(Seller, Seller.id == Product.seller_id).where(*for_sale(), *where)
    return set(db.session.scalars(query.distinct()))


def offer(product_id: int) -> Offer | None:
    """Return one product as anyone may see it."""
    row = db.session.execute(_offers().where(Product.id == product_id)).first()
    return None if row is None else _offer(*row)


def offers_of_lots(lot_ids: list[int]) -> dict[int, Offer]:
    """Return the offers behind some lots that are still for sale, by lot."""
    query = (
        select(Product, Seller, Lot, Upload)
        .join(Seller, Seller.id == Product.seller_id)
        .join(Lot, Lot.product_id == Product.id)
        .outerjoin(Upload, Upload.id == Product.picture_id)
        .where(*for_sale(), Lot.id.in_(lot_ids), Lot.closed_at.is_(None))
    )
    return {row[2].id: _offer(*row) for row in db.session.execute(query)}


def sellers_of(person_id: int) -> list[Seller]:
    """Return the sellers whose orders a person sees."""
    own = select(Seller).where(Seller.person_id == person_id, Seller.closed_at.is_(None)).order_by(Seller.id)
    return list(db.session.scalars(own))


def products_of(seller_ids: list[int]) -> list[Product]:
    """Return everything that some sellers offer, withdrawn or not, the newest first."""
    query = select(Product).where(Product.seller_id.in_(seller_ids)).order_by(Product.id.desc())
    return list(db.session.scalars(query))


def kept_sellers(scope: Scope, number: int) -> Page[Seller]:
    """Return one page of the sellers an official looks after, those who wait first."""
    where = scope.condition(Seller.village_code)
    total = db.session.scalar(select(func.count()).select_from(Seller).where(where)) or 0
    order = (Seller.closed_at.is_not(None), Seller.verified_at.is_not(None), Seller.id.desc())
    rows = select(Seller).where(where).order_by(*order).limit(IN_A_LIST).offset((number - 1) * IN_A_LIST)
    return Page(db.session.scalars(rows).all(), number, IN_A_LIST, total)


def sellers_waiting(scope: Scope) -> int:
    """Return how many sellers wait to be verified."""
    waiting = (scope.condition(Seller.village_code), Seller.verified_at.is_(None), Seller.closed_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(Seller).where(*waiting)) or 0
