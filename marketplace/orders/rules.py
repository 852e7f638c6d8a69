"""What may happen to an order, and when. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# No 0 O 1 I L U: a number may be read over the telephone.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
NUMBER_LETTERS = 16  # 78 bits
CODE_DIGITS = 6

HOLD = timedelta(minutes=15)
# The gateway is asked for ten minutes after its cashier closed; only then is silence taken for an end.
GRACE = timedelta(minutes=20)
OFFLINE_GRACE = timedelta(hours=24)
UNPAID_PER_PERSON = 2
MOST_PER_LINE = 99
MOST_LINES = 30
# A parcel that nobody complains about counts as received after so long; produce is fresh, so sooner than for other goods.
AUTO_CONFIRM = timedelta(days=7)
# Once, while the parcel is on its way, the buyer may ask for so much longer.
EXTENSION = timedelta(days=3)
# Paid goods are packed within so long after they should have been fetched or were paid, or the money goes back.
PACKED_WITHIN = timedelta(days=3)
# A packed parcel is sent within so long, or the money goes back.
SENT_WITHIN = timedelta(days=3)
# Packed goods that nobody fetched for so long are a matter for a person.
FETCHED_WITHIN = timedelta(days=7)
# Between receipt and the seller's money: time to look into the box.
LOOK_INTO_BOX = timedelta(hours=24)
REFUND_WITHIN = timedelta(days=7)
# Alipay holds a sub-merchant's money for thirty days [payments.md 3]; a dispute must find room before their end.
DIRECT_HOLD = timedelta(days=30)
DISPUTE = timedelta(days=7)
# Names and addresses of parcels are needed no longer than a dispute about them could last.
FORGET_ADDRESS_AFTER = timedelta(days=90)


class OrderState(StrEnum):
    """Where an order stands. Whether it is paid is told beside it: 自提时付 is packed before the money comes."""

    pending_payment = "pending_payment"
    reserved = "reserved"  # to be paid at pickup
    paid = "paid"
    packed = "packed"
    shipped = "shipped"
    received = "received"
    settled = "settled"
    cancelled = "cancelled"
    refunded = "refunded"

    @property
    def is_over(self) -> bool:
        """Nothing more is to be packed, fetched or sent."""
        return self in {OrderState.settled, OrderState.cancelled, OrderState.refunded}


class Act(StrEnum):
    """What somebody does to an order."""

    pay = "pay"
    pack = "pack"
    ship = "ship"
    receive = "receive"
    settle = "settle"
    cancel = "cancel"
    revive = "revive"
    give_back = "give_back"


class Way(StrEnum):
    """How the goods come to the buyer."""

    pickup = "pickup"
    delivery = "delivery"


class HoldState(StrEnum):
    """What became of a part of the stock."""

    held = "held"
    taken = "taken"
    released = "released"


class RefundState(StrEnum):
    """Where a refund stands."""

    asked = "asked"
    refused = "refused"
    agreed = "agreed"  # the money is on its way back
    done = "done"
    failed = "failed"

    @property
    def is_open(self) -> bool:
        """The seller's money waits as long as this lasts."""
        return self in {RefundState.asked, RefundState.agreed, RefundState.failed}


class RefundReason(StrEnum):
    """Why money goes back."""

    not_wanted = "not_wanted"
    not_good = "not_good"
    not_come = "not_come"
    cannot_supply = "cannot_supply"
    not_sent = "not_sent"
    sold_out = "sold_out"
    late_payment = "late_payment"


ASKED_BY_BUYER = (RefundReason.not_wanted, RefundReason.not_good, RefundReason.not_come)

_S = OrderState
MOVES: dict[tuple[OrderState, Act], OrderState] = {
    (_S.pending_payment, Act.pay): _S.paid,
    (_S.reserved, Act.pay): _S.paid,
    (_S.packed, Act.pay): _S.packed,
    (_S.reserved, Act.pack): _S.packed,
    (_S.paid, Act.pack): _S.packed,
    (_S.packed, Act.ship): _S.shipped,
    (_S.packed, Act.receive): _S.received,
    (_S.paid, Act.receive): _S.received,
    (_S.shipped, Act.receive): _S.received,
    (_S.received, Act.settle): _S.settled,
    (_S.pending_payment, Act.cancel): _S.cancelled,
    (_S.reserved, Act.cancel): _S.cancelled,
    (_S.packed, Act.cancel): _S.cancelled,
    (_S.cancelled, Act.revive): _S.paid,
    (_S.paid, Act.give_back): _S.refunded,
    (_S.packed, Act.give_back): _S.refunded,
    (_S.shipped, Act.give_back): _S.refunded,
    (_S.received, Act.give_back): _S.refunded,
    (_S.settled, Act.give_back): _S.refunded,
}
NEEDS_MONEY = {Act.ship, Act.receive, Act.settle, Act.give_back}
UNPAID_ONLY = {Act.pay, Act.cancel, Act.revive}


def next_state(state: OrderState, act: Act, *, is_paid: bool) -> OrderState | None:
    """
    Return where *act* leads from *state*, or None where it may not happen.

    >>> next_state(OrderState.reserved, Act.pack, is_paid=False).value
    'packed'
    """
    if (act in NEEDS_MONEY and not is_paid) or (act in UNPAID_ONLY and is_paid):
        return None
    return MOVES.get((state, act))


def new_number() -> str:
    """Return a number that nobody can guess."""
    return "".join(secrets.choice(LETTERS) for _ in range(NUMBER_LETTERS))


def new_pickup_code() -> str:
    """Return the digits that a buyer says at the pickup point."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


@dataclass(frozen=True, slots=True)
class Handover:
    """
    One way in which the goods of a village can come to a buyer.

    Guests of the slot ``ways-to-get`` answer with lists of these; *key* tells them apart (``p12``: pickup point 12).
    """

    key: str
    way: Way
    name: str
    address: str = ""
    fee_fen: int = 0
    free_from_fen: int | None = None
    closes_at: datetime | None = None
    ready_from: datetime | None = None
    ready_until: datetime | None = None

    def fee_for(self, goods_fen: int) -> int:
        """Return what it costs to get goods of this worth."""
        is_free = self.free_from_fen is not None and goods_fen >= self.free_from_fen
        return 0 if is_free else self.fee_fen

    @property
    def words(self) -> str:
        """The name and address in one line."""
        return f"{self.name}（{self.address}）" if self.address else self.name


@dataclass(frozen=True, slots=True)
class Address:
    """To whom a parcel goes."""

    name: str
    phone: str
    place: str


@dataclass(frozen=True, slots=True)
class Share:
    """What of an order belongs to one seller."""

    seller: str
    amount_fen: int


def shares(lines: Iterable[tuple[int, int]]) -> list[Share]:
    """
    Return what each seller gets of an order, from pairs of seller and fen, sellers in their order.

    >>> shares([(2, 500), (1, 300), (2, 200)])
    [Share(seller='1', amount_fen=300), Share(seller='2', amount_fen=700)]
    """
    sums: dict[int, int] = {}
    for seller_id, amount_fen in lines:
        sums[seller_id] = sums.get(seller_id, 0) + amount_fen
    return [Share(str(seller_id), fen) for seller_id, fen in sorted(sums.items()) if fen > 0]


def confirms_at(shipped_at: datetime, refund_ends: Iterable[datetime], *, is_extended: bool) -> datetime:
    """Return when a parcel counts as received: the end of a refund starts the clock anew, and the buyer may add to it once."""
    return max([shipped_at, *refund_ends]) + AUTO_CONFIRM + (EXTENSION if is_extended else timedelta(0))


def longest_hold() -> timedelta:
    """Return how long the money of a parcel may be held from its payment on when nobody disputes anything."""
    return PACKED_WITHIN + SENT_WITHIN + AUTO_CONFIRM + EXTENSION + LOOK_INTO_BOX


if longest_hold() + DISPUTE > DIRECT_HOLD:  # a change of one of them must not outlast what Alipay holds
    raise ValueError("a parcel would wait longer than Alipay holds the money of a sub-merchant")


def settles_at(received_at: datetime, refund_ends: Iterable[datetime]) -> datetime:
    """Return when the seller's money is due: an open refund stops the clock, and its end starts it anew."""
    return max([received_at, *refund_ends]) + LOOK_INTO_BOX
