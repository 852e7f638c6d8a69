"""Draws from a seed what is sold past the shop, and how its sellers are paid: payouts, refunds and bills are made to meet."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random

from commons import clock
from marketplace.payments.connect.rules import Means
from marketplace.payments.rules import Method
from tests.make.sellers import PAYEES
from tests.simulator.office import RIDDLE, Office, Sale
from tests.simulator.people import Deed
from tests.simulator.plans import DAY, HOUR, MINUTE, Planned
from tests.simulator.stories import Story, Subject

# After ten in China; both beginnings are counted from.
BILL_S = 10 * MINUTE


class OfficePlanner:
    """Makes the plans about sellers' money and bills of one schedule."""

    def __init__(self, seed: int, office: Office, story: Story) -> None:
        self._dice = Random(f"office {seed}")
        self._office = office
        self._story = story
        self._plans: list[Planned] = []
        self._sales: list[Sale] = []

    def before(self) -> list[Deed]:
        """Return what has been done, without any trouble, when the schedule begins."""
        if self._story.subject is not Subject.payouts or self._dice.random() < 0.3:
            return []
        done: list[Deed] = []
        for seller in range(self._dice.choice([1, 1, 2])):
            is_by_hand = self._story.means[seller] is Means.cash
            sale = self._sale(seller, Method.offline if is_by_hand else Method.alipay)
            done += [partial(self._office.sell, sale), partial(self._office.release, sale)]
            done += [self._office.collect_cash] if is_by_hand else []
        return done

    def plans(self) -> list[Planned]:
        """Return everything that will be tried, in no order."""
        if self._story.subject is Subject.payouts:
            self._plan_sales(self._dice.choice([0, 1, 1, 2]) if self._sales else 1)
            self._plan_payouts()
        elif self._story.subject is Subject.direct:
            self._plan_sales(self._dice.choice([0, 1, 1, 2]))
        if self._story.has_bills:
            self._plan_bills()
        return self._plans

    def _chance(self, of: float) -> bool:
        return self._dice.random() < of

    def _add(self, at_s: float, name: str, deed: Deed) -> None:
        self._plans.append(Planned(max(0.0, at_s), name, deed))

    def _sale(self, seller: int, method: Method = Method.alipay) -> Sale:
        sale = Sale(len(self._sales), seller, self._dice.choice([101, 3333, 10_000]), method)
        self._sales.append(sale)
        return sale

    # -- sales ------------------------------------------------------------------------------------------------------

    def _plan_sales(self, number: int) -> None:
        dice, office = self._dice, self._office
        for _ in range(number):
            sale = self._sale(dice.randrange(len(self._story.means)))
            name, sold_s = f"sale{sale.number}", dice.uniform(0, 5 * MINUTE)
            self._add(sold_s, name, partial(office.sell, sale))
            released_s = sold_s + dice.choice([30.0, 5 * MINUTE, 3 * HOUR, DAY])
            is_whole = self._story.subject is Subject.direct or self._chance(0.6)
            for again in range(dice.choice([1, 1, 2])):
                self._add(released_s + again, f"{name}release", partial(office.release, sale, whole=is_whole))
        for sale in self._sales:
            self._plan_way_back(sale)

    def _plan_way_back(self, sale: Sale) -> None:
        """A refund or a reversal, close to when the money is released, settled or paid out."""
        dice, office = self._dice, self._office
        at_s = dice.choice([40.0, 5.5 * MINUTE, 10 * MINUTE, 3.02 * HOUR, DAY + 40])
        if self._chance(0.45 if self._story.subject is Subject.direct else 0.35):
            for again in range(dice.choice([1, 1, 2])):
                back = partial(
                    office.give_back, sale, dice.choice([0.02, 0.33, 0.5, 1.0]), f"back:{sale.number}:{again}"
                )
                self._add(at_s + again * dice.choice([0.0, 15.0, HOUR]), f"back{sale.number}", back)
        if self._chance(0.2):
            self._add(
                at_s + dice.uniform(0, 60),
                f"reverse{sale.number}",
                partial(office.reverse, sale, dice.choice([0.5, 1.0])),
            )
        if (
            self._story.has_bills
            and not self._story.is_honest
            and self._story.subject is Subject.payouts
            and self._chance(0.2)
        ):
            self._add(at_s + HOUR, f"desk{sale.number}", partial(office.refund_at_the_desk, sale))

    # -- payouts ----------------------------------------------------------------------------------------------------

    def _plan_payouts(self) -> None:
        dice, office = self._dice, self._office
        for number in range(dice.choice([1, 2, 3])):
            seller, part = dice.randrange(len(self._story.means)), dice.choice([1.0, 1.0, 0.5, 0.3])
            at_s = dice.choice([5.0, 5 * MINUTE, 10 * MINUTE, 3 * HOUR, DAY + 30]) + dice.uniform(0, 60)
            for again in range(dice.choice([1, 1, 2])):  # the same form, or another's in the same moment
                reference = f"pay:{number}" if self._chance(0.5) else f"pay:{number}:{again}"
                self._add(
                    at_s + again * dice.uniform(0, 2),
                    f"payout{number}",
                    partial(office.pay_out, seller, part, reference),
                )
            self._plan_means(seller, at_s)
            if self._chance(0.25):
                self._add(
                    at_s + dice.choice([0.5, 5.0, 60.0]), f"unpay{seller}", partial(office.cancel, seller)
                )
        if self._chance(0.25):
            for again in range(2):
                self._add(
                    dice.choice([60.0, 4 * HOUR]) + again,
                    "everybody",
                    partial(office.pay_everybody, f"press{self._dice.choice([1, again])}"),
                )
        if self._chance(0.15):
            payee = PAYEES[dice.choice(list(PAYEES))]
            self._add(dice.uniform(0, 4 * HOUR), "payee", partial(office.change_payee, 0, payee))
        if self._chance(0.2):
            self._add(0.0, "slow", partial(office.take_time_over_transfers, takes_time=True))
            self._add(
                dice.choice([2 * MINUTE, HOUR, 5 * HOUR]),
                "decide",
                partial(office.decide_transfers, Random(dice.random())),
            )
        if self._story.has_bills and self._chance(0.4):
            self._add(dice.choice([12 * MINUTE, 5 * HOUR, 2 * DAY]), "returned", office.return_transfers)

    def _plan_means(self, seller: int, at_s: float) -> None:
        dice, office = self._dice, self._office
        if self._story.means[seller] is Means.cash:
            for again in range(dice.choice([1, 2])):
                self._add(at_s + HOUR + again, f"slips{seller}", partial(office.sign_slips, seller))
        elif self._story.means[seller] is Means.bank:
            for again in range(dice.choice([1, 2])):
                self._add(at_s + dice.choice([30.0, HOUR]) + again, "list", office.make_list)
            self._add(at_s + 2 * HOUR, "bank", partial(office.bank_works, Random(dice.random())))
            for again in range(dice.choice([1, 2])):
                self._add(at_s + 3 * HOUR + again, "results", office.bank_answers)
            if self._chance(0.2):
                self._add(at_s + 4 * HOUR, "bounced", office.bank_sends_back)
                self._add(at_s + 5 * HOUR, "results", office.bank_answers)

    def last_deeds(self) -> list[Deed]:
        """Return what bank, Alipay and office still have to come to an end with when nothing goes wrong any more."""
        if self._story.subject is not Subject.payouts:
            return []
        dice, office = self._dice, self._office
        in_time = partial(office.take_time_over_transfers, takes_time=False)
        return [
            in_time,
            partial(office.decide_transfers, dice),
            partial(office.bank_works, dice),
            office.bank_answers,
        ]

    # -- bills ------------------------------------------------------------------------------------------------------

    def _plan_bills(self) -> None:
        dice, office = self._dice, self._office
        first_day = clock.to_beijing(self._story.begins_at).date()
        to_ten_s = (
            clock.to_beijing(self._story.begins_at).replace(hour=10, minute=0)
            + timedelta(days=1)
            - self._story.begins_at
        ).total_seconds()
        for after in range(dice.choice([0, 0, 1, 1, 2])):
            at_s = to_ten_s + BILL_S + after * DAY
            for again in range(dice.choice([1, 1, 2])):
                self._add(at_s + again, "bills", office.plan_bills)
            if self._chance(0.3):
                day = first_day + timedelta(days=after)
                self._add(
                    at_s + dice.choice([0.0, 1.0, HOUR]),
                    "operator",
                    partial(office.reconcile, day, again=self._chance(0.6)),
                )
        if not self._story.is_honest and self._chance(0.3):
            kind, fen = dice.choice([(RIDDLE, 77), (RIDDLE, -5), ("提现", -50), ("保证金", -9)])
            self._add(
                dice.choice([60.0, 6 * HOUR, DAY]), "strange", partial(office.move_strangely, kind, fen)
            )
