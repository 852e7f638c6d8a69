"""A basket with today's prices: what each line comes to, what changed, what is no longer to be had."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.cart.rules import Basket
from marketplace.produce.queries import Offer, offers_of_lots
from village.public import VillageRef, village_ref


@dataclass(frozen=True, slots=True)
class BasketLine:
    """Some of a lot, priced now."""

    offer: Offer
    quantity: int
    seen_fen: int

    @property
    def amount_fen(self) -> int:
        """What the line comes to."""
        return self.offer.price_fen * self.quantity

    @property
    def is_short(self) -> bool:
        """Say whether fewer are left than wanted."""
        return self.quantity > self.offer.most

    @property
    def has_new_price(self) -> bool:
        """Say whether the price is another than was seen."""
        return self.seen_fen != self.offer.price_fen


@dataclass(frozen=True, slots=True)
class VillageBasket:
    """What a basket holds from one village: that much is one order."""

    village: VillageRef
    lines: tuple[BasketLine, ...]

    @property
    def goods_fen(self) -> int:
        """What the goods come to."""
        return sum(line.amount_fen for line in self.lines)

    @property
    def can_be_ordered(self) -> bool:
        """Say whether there is enough of everything."""
        return not any(line.is_short for line in self.lines)


@dataclass(frozen=True, slots=True)
class PricedBasket:
    """A whole basket, village by village."""

    groups: tuple[VillageBasket, ...]
    gone: tuple[int, ...]

    @property
    def goods_fen(self) -> int:
        """What all goods come to."""
        return sum(group.goods_fen for group in self.groups)

    @property
    def count(self) -> int:
        """How many kinds of things there are."""
        return sum(len(group.lines) for group in self.groups)

    def of(self, village_code: str) -> VillageBasket | None:
        """Return the part of one village; without a code, the only part there is."""
        fitting = [group for group in self.groups if village_code in {"", group.village.code}]
        return fitting[0] if len(fitting) == 1 else None


def priced(basket: Basket) -> PricedBasket:
    """Return *basket* with the present prices."""
    offers = offers_of_lots(list(basket)) if basket else {}
    by_village: dict[str, list[BasketLine]] = {}
    for lot_id, wanted in basket.items():
        offer = offers.get(lot_id)
        if offer is not None:
            line = BasketLine(offer, wanted.quantity, wanted.seen_fen)
            by_village.setdefault(offer.village_code, []).append(line)
    groups = []
    for code in sorted(by_village):
        village = village_ref(code)
        if village is not None:
            groups.append(VillageBasket(village, tuple(by_village[code])))
    return PricedBasket(tuple(groups), tuple(sorted(set(basket) - set(offers))))
