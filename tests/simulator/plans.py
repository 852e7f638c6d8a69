"""Draws from a seed who wants what, and when: plans are made to meet where it hurts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from marketplace.orders.rules import Way
from marketplace.payments.local_gateway.notices import Forgery
from marketplace.payments.rules import Method, Product
from tests.simulator.ground import BUYERS, Ground
from tests.simulator.people import Basket, Deed, People

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class Planned:
    """One deed and the second, counted from the beginning, at which somebody sets out to do it."""

    at_s: float
    name: str
    deed: Deed


class Planner:
    """Makes the plans of one schedule."""

    def __init__(self, seed: int, ground: Ground, people: People) -> None:
        self._dice = Random(f"plans {seed}")
        self._seed = seed
        self._ground = ground
        self._people = people
        self._plans: list[Planned] = []
        self._is_short = False

    def stocks(self) -> list[int]:
        """Little of the first lot, so that somebody goes without; enough of the second, mostly."""
        return [self._dice.choice([1, 1, 2, 3]), self._dice.choice([0, 1, 2, 4])]

    def plans(self) -> list[Planned]:
        """Return everything that people will try, in no order."""
        # Most schedules are one buyer's, quickly played, so that many can be; the others have everything.
        self._is_short = self._chance(0.6)
        for slot in range(1 if self._is_short else self._dice.choices([1, 2, 3, 4], [60, 26, 10, 4])[0]):
            self._plan_order(slot)
        if self._chance(0.0 if self._is_short else 0.2):
            self._add(
                self._dice.uniform(0, 2 * DAY),
                "count",
                partial(self._people.count_cash, self._dice.choice([0, 0, -5, 7])),
            )
        return self._plans

    def _chance(self, of: float) -> bool:
        return self._dice.random() < of

    def _add(self, at_s: float, name: str, deed: Deed) -> None:
        self._plans.append(Planned(max(0.0, at_s), name, deed))

    def _plan_order(self, slot: int) -> None:
        dice, people = self._dice, self._people
        method = Method.offline if self._chance(0.2) else Method.alipay
        way = Way.delivery if method is Method.alipay and self._chance(0.3) else Way.pickup
        wanted = dice.choice([(1, 0), (1, 0), (1, 1), (2, 0), (0, 1)])
        basket = Basket(
            slot,
            self._ground.buyers[dice.randrange(BUYERS)],
            wanted,
            method,
            way,
            f"form-{self._seed}-{slot}",
        )
        placed_s = dice.choice([0.0, 0.0, dice.uniform(0, 5 * MINUTE), dice.uniform(0, 20 * MINUTE)])
        for again in range(dice.choices([1, 2, 3], [70, 24, 6])[0]):
            self._add(placed_s + again * dice.uniform(0, 2), f"place{slot}", partial(people.place, basket))
        if method is Method.alipay:
            self._plan_paying(basket, placed_s)
        if self._chance(0.13):
            self._add(
                placed_s + dice.choice([2.0, 60.0, 14.9 * MINUTE, 17 * MINUTE]),
                f"cancel{slot}",
                partial(people.cancel, basket),
            )
        if self._chance(0.05 if self._is_short else 0.7):
            self._plan_goods(basket, placed_s)
        if self._chance(0.1 if self._is_short else 0.5):
            self._plan_refund(basket, placed_s)
        if method is Method.alipay and self._chance(0.25):
            self._plan_mischief(basket, placed_s)

    def _plan_paying(self, basket: Basket, placed_s: float) -> None:
        """Most pay at once; some when the time is nearly over, some twice, some never."""
        dice, people, slot = self._dice, self._people, basket.slot
        manner = dice.choices(["at once", "late", "twice", "never"], [50, 25, 15, 10])[0]
        click_s = placed_s + (dice.uniform(8, 16) * MINUTE if manner == "late" else dice.uniform(1, 90))
        first, second = dice.sample([Product.wap, Product.page], 2)
        for again in range(dice.choice([1, 1, 2])):
            self._add(click_s + again * 0.5, f"click{slot}", partial(people.click, basket, first))
        self._add(click_s + dice.uniform(1, 20), f"open{slot}", partial(people.open_cashier, basket))
        if manner == "never":
            if self._chance(0.7):
                forged = partial(people.forge, basket, dice.choice(list(Forgery)))
                self._add(click_s + dice.uniform(20, 200), f"forge{slot}", forged)
            return
        paid_s = click_s + dice.choice([3.0, dice.uniform(2, 60), dice.uniform(2, 12 * MINUTE)])
        pay = partial(people.pay, basket, Random(dice.random()), is_forced=self._chance(0.15))
        self._add(paid_s, f"pay{slot}", pay)
        if manner == "twice":
            self._add(click_s + dice.uniform(1, 30), f"click{slot}", partial(people.click, basket, second))
            for _ in range(2):
                pay = partial(people.pay, basket, Random(dice.random()), is_forced=self._chance(0.3))
                self._add(paid_s + dice.uniform(-5, 60), f"pay{slot}", pay)
        if self._chance(0.5):
            self._add(paid_s + dice.uniform(0, 30), f"back{slot}", partial(people.come_back, basket))

    def _plan_goods(self, basket: Basket, placed_s: float) -> None:
        dice, people, slot = self._dice, self._people, basket.slot
        start_s = placed_s + dice.choice([20 * MINUTE, 2 * HOUR, DAY])
        for seller in range(len(self._ground.sellers)):
            self._add(start_s + dice.uniform(0, HOUR), f"pack{slot}", partial(people.pack, basket, seller))
        then_s = start_s + dice.choice([30 * MINUTE, 5 * HOUR, 2 * DAY])
        if basket.way is Way.delivery:
            self._add(then_s, f"ship{slot}", partial(people.ship, basket))
            if self._chance(0.6):
                self._add(
                    then_s + dice.uniform(HOUR, 2 * DAY), f"receive{slot}", partial(people.receive, basket)
                )
            return
        if basket.method is Method.offline and self._chance(0.4):
            for _ in range(dice.choice([1, 2])):
                self._add(
                    then_s + dice.uniform(-HOUR, HOUR), f"money{slot}", partial(people.take_money, basket)
                )
        for again in range(dice.choice([1, 1, 2])):
            over = partial(people.hand_over, basket, with_money=basket.method is Method.offline)
            self._add(then_s + again * dice.uniform(0, 3), f"over{slot}", over)

    def _plan_refund(self, basket: Basket, placed_s: float) -> None:
        dice, people, slot = self._dice, self._people, basket.slot
        at_s = placed_s + dice.choice([10 * MINUTE, 3 * HOUR, DAY, 4 * DAY])
        if self._chance(0.3):
            for _ in range(dice.choice([1, 2])):
                deed = partial(people.refund_from_outside, basket, dice.choice([0.33, 0.5, 1.0]))
                self._add(at_s + dice.uniform(0, 30), f"outside{slot}", deed)
            return
        deeds: list[Callable[[], object]] = [partial(people.want_money_back, basket, whole=self._chance(0.5))]
        for _ in range(dice.choice([1, 1, 2])):
            deeds.append(partial(people.decide, basket, agrees=self._chance(0.75)))
        if self._chance(0.3):
            deeds.append(partial(people.want_money_back, basket, whole=True))
            deeds.append(partial(people.decide, basket, agrees=True))
        if basket.method is Method.offline:
            deeds.append(partial(people.give_back_by_hand, basket))
        for number, each in enumerate(deeds):
            self._add(at_s + number * dice.choice([0.0, 5.0, HOUR]), f"refund{slot}", each)

    def _plan_mischief(self, basket: Basket, placed_s: float) -> None:
        dice, people, slot = self._dice, self._people, basket.slot
        for _ in range(dice.choice([1, 2])):
            at_s = placed_s + dice.choice([dice.uniform(5, 300), dice.uniform(0, DAY)])
            what = dice.randrange(5)
            if what < 2:
                self._add(at_s, f"forge{slot}", partial(people.forge, basket, dice.choice(list(Forgery))))
            elif what < 4:
                self._add(at_s, f"replay{slot}", partial(people.replay, Random(dice.random())))
            elif self._chance(0.4):
                self._add(at_s + 5 * DAY, f"finish{slot}", partial(people.finish, basket))
