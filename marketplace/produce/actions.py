"""Enter and verify sellers, publish products, add lots, and move stock: down at a sale, back when a sale came to nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from commons import audit, clock
from commons.accounts.permissions import require_scope
from commons.accounts.rules import Leaving
from commons.db import db, locked, locked_rows
from commons.errors import Missing, NotAllowed
from commons.rows import write_changes
from marketplace.produce.errors import (
    BadPrice,
    BadStock,
    Boasting,
    ClaimNeedsCertificate,
    ForbiddenCategory,
    HarvestedInFuture,
    LicenceNeeded,
    NotASeller,
    NotEnoughLeft,
    PaperNeeded,
    SupplierNeeded,
)
from marketplace.produce.models import Lot, Product, Seller
from marketplace.produce.rules import (
    CATEGORY_OF,
    LEAST_FEN,
    MOST_FEN,
    MOST_STOCK,
    UNITS,
    Entry,
    SellerKind,
    boasts_in,
    claims_in,
    is_licence,
)
from village.public import bump_page, village_ref


@dataclass(frozen=True, slots=True)
class NewSeller:
    """What a seller said of itself."""

    village_code: str
    kind: str
    public_name: str
    group_words: str
    form_key: str
    licence_no: str = ""
    supplier_group: str = ""


@dataclass(frozen=True, slots=True)
class NewLot:
    """A harvest: when, how much, in which unit, at which price."""

    harvest_on: date
    stock: int
    unit: str
    price_fen: int


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What a seller wants to offer."""

    name: str
    category: str
    origin_code: str
    form_key: str
    lot: NewLot
    note: str = ""
    inputs: str = ""
    certificate: str = ""
    has_origin_consent: bool = False
    picture_id: int | None = None


def enter_seller(person_id: int, new: NewSeller, *, for_person: int | None) -> Seller:
    """
    Store a seller who waits to be verified; *for_person* is who will see the orders, nobody for a house without a telephone.

    Raises:
        LicenceNeeded, SupplierNeeded: the kind in law is not complete.
        Missing: the village does not work with this system.
    """
    known = db.session.scalar(select(Seller).where(Seller.form_key == new.form_key))
    if known is not None:
        return known
    village = village_ref(new.village_code)
    if village is None:
        raise Missing("没有找到这个村")
    kind = SellerKind(new.kind)
    if kind is not SellerKind.own_produce and not is_licence(new.licence_no):
        raise LicenceNeeded()
    if kind is SellerKind.coop and not new.supplier_group:
        raise SupplierNeeded()
    seller = Seller(
        person_id=for_person, village_code=village.code, county_code=village.county_code, kind=kind.value,
        public_name=new.public_name, group_words=new.group_words, licence_no=new.licence_no,
        supplier_group=new.supplier_group, entered_by=person_id, form_key=new.form_key, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(seller)
    db.session.flush()  # the audit names it by its number
    audit.record("enter-seller", subject=f"seller:{seller.id}", area=village.code, kind=kind.value)
    return seller


def verify_seller(person_id: int, seller_id: int) -> None:
    """Say that a seller is who it claims to be; what it offers is public from now on. Harmless the second time."""
    seller = locked(Seller, seller_id)
    if seller is None:
        raise Missing()
    require_scope("verify-sellers", seller.village_code)
    if seller.verified_at is None:
        seller.verified_at, seller.verified_by = clock.now(), person_id
        bump_page(seller.village_code)
        audit.record("verify-seller", subject=f"seller:{seller_id}", area=seller.village_code)


def close_seller(seller_id: int) -> None:
    """Take a seller and all it offers out of the shop. Harmless the second time."""
    seller = locked(Seller, seller_id)
    if seller is None:
        raise Missing()
    require_scope("verify-sellers", seller.village_code)
    _close(seller)


def close_who_leaves(leaving: Leaving) -> None:
    """
    Take out of the shop what somebody sells who closes the account or takes back the consent to it.

    Orders stand, and name who sold. Harmless the second time.
    """
    theirs = select(Seller).where(Seller.person_id == leaving.person_id)
    for seller in locked_rows(theirs.order_by(Seller.village_code, Seller.id), may_be_referred_to=True):
        _close(seller)


def _close(seller: Seller) -> None:
    if seller.closed_at is None:
        seller.closed_at = clock.now()
        bump_page(seller.village_code)
        audit.record("close-seller", subject=f"seller:{seller.id}", area=seller.village_code)


def publish_product(seller: Seller, new: NewProduct) -> Product:
    """
    Offer a product with its first lot.

    Raises:
        NotASeller: nobody has verified the seller.
        ForbiddenCategory, PaperNeeded, ClaimNeedsCertificate, Boasting: the goods or the words are not allowed so.
        BadPrice, BadStock, HarvestedInFuture: the lot cannot be.
    """
    known = db.session.scalar(select(Product).where(Product.form_key == new.form_key))
    if known is not None:
        if known.seller_id != seller.id:
            raise NotAllowed()
        return known
    if not seller.is_open:
        raise NotASeller()
    _check_words(new)
    product = Product(
        seller_id=seller.id, village_code=seller.village_code, county_code=seller.county_code, name=new.name,
        category=new.category, note=new.note, inputs=new.inputs, certificate=new.certificate,
        origin_code=new.origin_code, has_origin_consent=new.has_origin_consent, picture_id=new.picture_id,
        published_at=clock.now(), form_key=new.form_key, lots=[make_lot(new.lot)],
    )  # fmt: skip
    db.session.add(product)
    bump_page(seller.village_code)
    db.session.flush()  # the answer leads to the product by its number
    return product


def _check_words(new: NewProduct) -> None:
    category = CATEGORY_OF[new.category]
    text = f"{new.name} {new.note} {new.inputs}"
    if category.entry is Entry.forbidden:
        raise ForbiddenCategory(category.words)
    if category.entry is Entry.paper and not new.certificate:
        raise PaperNeeded(category.words, category.paper)
    if boasts := boasts_in(text):
        raise Boasting(boasts)
    if (claims := claims_in(text)) and not new.certificate:
        raise ClaimNeedsCertificate(claims)


def make_lot(new: NewLot) -> Lot:
    """Return a lot as it may be stored."""
    if not LEAST_FEN <= new.price_fen <= MOST_FEN:
        raise BadPrice()
    if not 0 <= new.stock <= MOST_STOCK:
        raise BadStock()
    if new.harvest_on > clock.today():
        raise HarvestedInFuture()
    return Lot(
        harvest_on=new.harvest_on, unit=new.unit if new.unit in UNITS else "piece", price_fen=new.price_fen,
        stock_left=new.stock, stock_first=new.stock, created_at=clock.now(),
    )  # fmt: skip


def add_lot(product_id: int, new: NewLot) -> Lot:
    """Add a harvest to a product."""
    product = locked(Product, product_id)
    if product is None or product.withdrawn_at is not None:
        raise Missing()
    lot = make_lot(new)
    lot.product_id = product.id
    db.session.add(lot)
    bump_page(product.village_code)
    return lot


def withdraw_product(product_id: int) -> None:
    """Take a product out of the shop; orders that were placed stand. Harmless the second time."""
    product = locked(Product, product_id)
    if product is None:
        raise Missing()
    if product.withdrawn_at is None:
        product.withdrawn_at = clock.now()
        bump_page(product.village_code)


def take_stock(wanted: Mapping[int, int]) -> dict[int, Lot]:
    """
    Take *wanted* (lot → quantity) out of stock, all or nothing, and return the lots as they now are.

    Lots are locked in the order of their numbers, so that two buyers of the same things never wait for each other in a
    circle. Only the change between 有货 and 售完 shows on a page, so only that raises its version.

    Raises:
        NotEnoughLeft: somebody was faster.
        Missing: a lot is no longer for sale.
    """
    lots = {lot.id: lot for lot in _locked_lots(wanted)}
    for lot_id, quantity in wanted.items():
        lot = lots.get(lot_id)
        if lot is None or lot.closed_at is not None or lot.product.withdrawn_at is not None:
            raise Missing("这样东西已经下架")
        if quantity < 1:
            raise BadStock()
        if lot.stock_left < quantity:
            raise NotEnoughLeft(lot.product.name, lot.stock_left)
    for lot_id, quantity in wanted.items():
        lots[lot_id].stock_left -= quantity
        write_changes(lots[lot_id])
    _bump(lots[lot_id] for lot_id in wanted if lots[lot_id].stock_left == 0)
    return lots


def give_back_stock(returned: Mapping[int, int]) -> None:
    """Put *returned* (lot → quantity) back into stock; the caller sees to it that this happens once."""
    lots = _locked_lots(returned)
    _bump(lot for lot in lots if lot.stock_left == 0 and returned[lot.id])
    for lot in lots:
        lot.stock_left += returned[lot.id]


def _locked_lots(numbers: Iterable[int]) -> list[Lot]:
    wanted = select(Lot).where(Lot.id.in_(sorted(numbers))).order_by(Lot.id)
    return locked_rows(wanted, may_be_referred_to=True)


def _bump(lots: Iterable[Lot]) -> None:
    """Raise the pages of the lots' villages, in the order of their codes: nobody waits in a circle."""
    for village_code in sorted({lot.product.village_code for lot in lots}):
        bump_page(village_code)
