"""
What must be true when everything has come to rest, said without the product's own proofs wherever that can be done.

Each check returns sentences; none means that it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from commons.db import Base, db
from commons.outbox import Job
from marketplace.ledger.models import LedgerAccount, LedgerTransfer
from marketplace.ledger.proofs import GUARDS, all_faults
from marketplace.orders.models import Order, OrderRefund, StockHold
from marketplace.orders.rules import HoldState, OrderState, RefundState
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.rules import Means
from marketplace.payments.models import Charge, PaymentAttempt, PaymentIntent, Refund, SellerTransfer
from marketplace.payments.record_models import GatewayOp, PaymentCase, PaymentEvent
from marketplace.payments.rules import AttemptState, CaseKind, IntentStatus, Method, OpState, RefundStatus
from marketplace.produce.models import Lot
from tests.simulator import office_invariants as office
from tests.simulator.gateway import LocalAlipay
from tests.simulator.office import DESK, Bank
from tests.simulator.stories import Story

ModelT = TypeVar("ModelT", bound=Base)

# These facts are true once in the life of what they speak of.
ONCE = {
    "payment_intent.created", "payment_intent.succeeded", "payment_intent.canceled",
    "charge.succeeded", "refund.created", "refund.updated", "refund.failed", "transfer.created",
}  # fmt: skip


# What may keep a payment open, and an order from its end, for ever: a person has to do something.
HOLDS_UP_A_PAYMENT = (CaseKind.no_answer, CaseKind.amount_differs)
HOLDS_UP_AN_ORDER = (*HOLDS_UP_A_PAYMENT, CaseKind.not_fetched, CaseKind.refund_failed, CaseKind.refund_stuck)


def _all(model: type[ModelT]) -> list[ModelT]:
    return list(db.session.scalars(select(model)))


@dataclass(frozen=True)
class Rest:
    """Everything that is stored when nothing is left to do, read once; *kept_fen* is what the gateway holds of each attempt."""

    orders: list[Order]
    holds: list[StockHold]
    asked_back: list[OrderRefund]
    intents: dict[str, PaymentIntent]
    charges: list[Charge]
    refunds: list[Refund]
    books: Counter[str]
    kept_fen: dict[str, int]
    seen: set[str]
    told: set[tuple[str, str]]
    refunds_there: list[tuple[str, int]]
    payouts: list[Payout]
    releases: list[SellerTransfer]
    there: office.There

    def main_charge(self, intent_id: str) -> Charge | None:
        return next((each for each in self.charges if each.settles == intent_id), None)

    def explains(self, intent_id: str, kinds: Iterable[CaseKind]) -> bool:
        """Say whether a person was told of a payment for a reason that can hold it up; a forged letter about it is none."""
        return any((kind, intent_id) in self.told for kind in kinds)

    def given_back(self, charge: Charge) -> int:
        done = (
            each
            for each in self.refunds
            if each.charge_id == charge.id and each.status == RefundStatus.succeeded
        )
        return sum(each.amount_fen for each in done)

    def kept_of(self, intent: PaymentIntent) -> int:
        """What was taken for a payment by any attempt or by hand, less what was given back."""
        if intent.method == Method.offline:
            mine = [each for each in self.charges if each.intent_id == intent.id]
            return sum(each.amount_fen - self.given_back(each) for each in mine)
        return sum(fen for number, fen in self.kept_fen.items() if number.startswith(f"{intent.id}_"))


def look(alipay: LocalAlipay, bank: Bank) -> Rest:
    """Read everything."""
    cases = _all(PaymentCase)
    trades = alipay.gateway.store.rows(
        "SELECT out_trade_no, total_fen - refunded_fen AS fen FROM trade WHERE paid_at > 0"
    )
    return Rest(
        orders=_all(Order),
        holds=_all(StockHold),
        asked_back=_all(OrderRefund),
        intents={each.id: each for each in _all(PaymentIntent)},
        charges=_all(Charge),
        refunds=_all(Refund),
        books=_balances(),
        kept_fen={row["out_trade_no"]: int(row["fen"]) for row in trades},
        refunds_there=[
            (row["out_request_no"], int(row["amount_fen"]))
            for row in alipay.gateway.store.rows("SELECT * FROM refund")
        ],
        payouts=_all(Payout),
        releases=_all(SellerTransfer),
        there=office.seen_there(alipay, bank),
        told={(case.kind, case.intent_id) for case in cases},
        seen={case.intent_id for case in cases} | {case.unique_key.partition(":")[2] for case in cases},
    )


def _balances() -> Counter[str]:
    """Debits less credits of every account, added up from the transfers alone."""
    found: Counter[str] = Counter()
    codes = {row.id: row.code for row in db.session.execute(select(LedgerAccount.id, LedgerAccount.code))}
    wanted = select(LedgerTransfer.debit_account, LedgerTransfer.credit_account, LedgerTransfer.amount_fen)
    for debit, credit, fen in db.session.execute(wanted):
        found[codes[debit]] += fen
        found[codes[credit]] -= fen
    return found


def broken(
    alipay: LocalAlipay, bank: Bank, stocks: list[int], story: Story, *, with_proofs: bool
) -> list[str]:
    """Return everything that is wrong after a schedule; *with_proofs*: ask the product's own proof of the books as well."""
    rest = look(alipay, bank)
    return [
        *_money_is_conserved(rest),
        *_sellers_money_is_right(rest),
        *(
            office.bills_agree(alipay, rest.there, rest.books, is_honest=story.is_honest)
            if story.has_bills
            else ()
        ),
        *_cash_is_where_it_was_taken(rest),
        *_sellers_got_theirs(rest),
        *_every_order_is_paid_once_or_given_back(rest),
        *_no_stock_is_sold_twice(rest, stocks),
        *_nothing_happens_twice(rest),
        *_nothing_is_stuck(rest),
        *_people_are_told(rest),
        *_sellers_wait_for_refunds(rest),
        *_orders_come_to_an_end(rest),
        *(_proofs() if with_proofs else ()),
    ]


def _proofs() -> Iterator[str]:
    """Ask the product's own proof; only the triggers it looks for were taken away, so that the ground can be put back."""
    for fault in all_faults():
        if fault.where not in GUARDS:
            yield f"ledger check: {fault.where} {fault.words}"


def _money_is_conserved(rest: Rest) -> Iterator[str]:
    of_trades = sum(fen for number, fen in rest.kept_fen.items() if number not in rest.there.trades)
    received = of_trades + rest.there.without(*office.OF_TRADES)
    booked = rest.books["alipay_clearing"] + rest.books["alipay_fee"]  # what it kept is on the bill alone
    if booked != received:
        yield f"Alipay holds {received} fen for us, the books say {booked}"
    strange = rest.there.unexplained_fen
    if -rest.books["suspense"] != strange and not any(
        each.status == RefundStatus.failed for each in rest.refunds
    ):
        yield f"{-rest.books['suspense']} fen still lie in suspense, and {strange} moved without us"
    ours = Counter((each.id, each.amount_fen) for each in rest.refunds)
    for number, fen in Counter(rest.refunds_there) - ours:
        if number.startswith(DESK):
            continue
        yield f"Alipay gave {fen} fen back under {number}, which is no refund of ours"
    under_way = {RefundStatus.pending, RefundStatus.requires_action}
    waiting = sum(each.amount_fen for each in rest.refunds if each.status in under_way)
    if -rest.books["refund_in_flight"] != waiting:
        yield f"{-rest.books['refund_in_flight']} fen are on their way back, the refunds say {waiting}"


def _cash_is_where_it_was_taken(rest: Rest) -> Iterator[str]:
    """What the keepers took, less what they gave back, lies in their boxes or at the office, or is known to be missing."""
    by_hand = (each for each in rest.charges if each.method == Method.offline)
    taken = sum(each.amount_fen - rest.given_back(each) for each in by_hand)
    there = sum(
        fen for code, fen in rest.books.items() if code.partition(":")[0] in {"cash", "cash_difference"}
    )
    paid = sum(each.amount_fen for each in rest.payouts if each.means == Means.cash and each.paid_from)
    if there != taken - paid:
        yield f"{taken} fen were taken by hand and {paid} paid, the boxes hold {there}"


def _sellers_money_is_right(rest: Rest) -> Iterator[str]:
    """Payouts left once, sub-merchants have theirs, and the accounts in between say so."""
    yield from office.payouts_left_once(rest.there, rest.payouts, rest.seen)
    yield from office.payouts_are_told_once(rest.payouts)
    yield from office.nobody_is_paid_too_much()
    yield from office.accounts_of_payouts(rest.there, rest.books, rest.payouts)
    yield from office.sub_merchants_are_settled(rest.there, rest.releases)


def _sellers_got_theirs(rest: Rest) -> Iterator[str]:
    books = rest.books
    net: Counter[str] = Counter()
    fees = 0
    for release in rest.releases:
        net[release.seller] += release.net_fen - release.seller_back_fen
        fees += release.gross_fen - release.net_fen - (release.taken_back_fen - release.seller_back_fen)
        if release.gross_fen - release.net_fen != release.gross_fen * 3 // 100:
            yield f"{release.id}: {release.net_fen} fen of {release.gross_fen} went to the seller"
    net.subtract(office.paid_out(rest.payouts))
    under_way = {each.intent_id for each in rest.refunds if each.status == RefundStatus.pending}
    held = office.held_for_sub_merchants(rest.there, rest.releases, under_way)
    if held is not None:
        net.subtract(held.got)
        if books["direct_clearing"] != held.clearing_fen:
            yield f"Alipay holds {held.clearing_fen} fen for sub-merchants, the books say {books['direct_clearing']}"
    for seller in {*net, *(code.partition(":")[2] for code in books if code.startswith("seller_payable:"))}:
        if held is not None and -books[f"seller_payable:{seller}"] != net[seller]:
            yield f"seller {seller} is owed {-books[f'seller_payable:{seller}']}, and {net[seller]} were not paid yet"
    if -books["platform_fee"] != fees:
        yield f"the platform has {-books['platform_fee']}, the releases say {fees}"


def _every_order_is_paid_once_or_given_back(rest: Rest) -> Iterator[str]:
    forms = Counter(order.form_key for order in rest.orders)
    yield from (f"the form {key} became {number} orders" for key, number in forms.items() if number > 1)
    for order in rest.orders:
        intent, charge = rest.intents[order.payment_id], rest.main_charge(order.payment_id)
        kept, back = rest.kept_of(intent), rest.given_back(charge) if charge else 0
        wanted = order.total_fen - back if charge else 0
        if kept != wanted and not _surplus_was_refused(rest, intent):
            yield f"order {order.id} ({order.state}): {kept} fen were kept of it, and {wanted} should be"
        if order.is_paid != (charge is not None):
            yield f"order {order.id} ({order.state}) is paid: {order.is_paid}, and has a charge: {charge is not None}"
        if order.state == OrderState.refunded and back != order.total_fen:
            yield f"order {order.id} is refunded, and {back} of {order.total_fen} fen went back"
        if order.state == OrderState.cancelled and kept and not _money_waits(rest, intent):
            yield f"order {order.id} is cancelled, and {kept} fen of it are kept"
        if order.state == OrderState.settled and rest.books[f"buyer_escrow:{intent.id}"]:
            yield f"order {order.id} is settled, and {-rest.books[f'buyer_escrow:{intent.id}']} fen are held for its buyer"
        if intent.amount_fen != order.total_fen:
            yield f"order {order.id} asks for {order.total_fen} and its payment for {intent.amount_fen}"


def _surplus_was_refused(rest: Rest, intent: PaymentIntent) -> bool:
    """Alipay has refused for good to take a surplus back: a case tells a person."""
    surplus = {each.id for each in rest.charges if each.intent_id == intent.id and not each.is_main}
    refused = (
        each for each in rest.refunds if each.charge_id in surplus and each.status == RefundStatus.failed
    )
    return any(each.id in rest.seen for each in refused)


def _money_waits(rest: Rest, intent: PaymentIntent) -> bool:
    waiting = {RefundStatus.pending, RefundStatus.requires_action, RefundStatus.failed}
    return any(each.intent_id == intent.id and each.status in waiting for each in rest.refunds)


def _no_stock_is_sold_twice(rest: Rest, stocks: list[int]) -> Iterator[str]:
    for lot, first in zip(db.session.scalars(select(Lot).order_by(Lot.id)), stocks, strict=True):
        out = sum(
            each.quantity for each in rest.holds if each.lot_id == lot.id and each.state != HoldState.released
        )
        if lot.stock_left < 0 or lot.stock_left + out != first:
            yield f"lot {lot.id}: {first} at first, {out} sold, {lot.stock_left} left"
    states = {order.id: order.state for order in rest.orders}
    for hold in rest.holds:
        state = OrderState(states[hold.order_id])
        if state not in {OrderState.cancelled, OrderState.refunded} and hold.state == HoldState.released:
            yield f"order {hold.order_id} is {state}, and its goods are on the shelf again"
        if state is OrderState.cancelled and hold.state != HoldState.released:
            yield f"order {hold.order_id} is cancelled, and its goods are {hold.state}"


def _nothing_happens_twice(rest: Rest) -> Iterator[str]:
    facts = db.session.execute(select(PaymentEvent.type, PaymentEvent.object_id))
    told = Counter((kind, object_id) for kind, object_id in facts)
    for (kind, object_id), number in told.items():
        if kind in ONCE and number > 1:
            yield f"{kind} of {object_id} was told {number} times"
    for refund in rest.refunds:
        ended = told["refund.updated", refund.id] + told["refund.failed", refund.id]
        if ended != (refund.status in {RefundStatus.succeeded, RefundStatus.failed}):
            yield f"{refund.id} is {refund.status}, and its end was told {ended} times"
    for charge in rest.charges:
        if told["charge.succeeded", charge.id] != 1:
            yield f"{charge.id} came, and that was told {told['charge.succeeded', charge.id]} times"
    ends = {
        IntentStatus.succeeded: "payment_intent.succeeded",
        IntentStatus.canceled: "payment_intent.canceled",
    }
    for intent in rest.intents.values():
        for status, kind in ends.items():
            if told[kind, intent.id] != (intent.status == status):
                yield f"{intent.id} is {intent.status}, and {kind} was told {told[kind, intent.id]} times"


def _nothing_is_stuck(rest: Rest) -> Iterator[str]:
    for intent in rest.intents.values():
        if IntentStatus(intent.status).is_open and not rest.explains(intent.id, HOLDS_UP_A_PAYMENT):
            yield f"{intent.id} is still {intent.status}, and nobody was told"
    for attempt in _all(PaymentAttempt):
        if attempt.state == AttemptState.open and not rest.explains(attempt.intent_id, HOLDS_UP_A_PAYMENT):
            yield f"{attempt.out_trade_no} is still open, and nobody was told"
    for op in _all(GatewayOp):
        if not OpState(op.state).is_final and op.out_no not in rest.seen:
            yield f"{op.kind} {op.out_no} is still {op.state}, and nobody was told"
    for refund in rest.refunds:
        if refund.status == RefundStatus.failed and refund.id not in rest.seen:
            yield f"{refund.id} failed, and nobody was told"
    for job in db.session.scalars(select(Job).where(Job.state != "done")):
        yield f"job {job.id} {job.kind} is {job.state} after {job.attempts} attempts: {job.last_error}"


def _people_are_told(rest: Rest) -> Iterator[str]:
    """Money that came too late or twice goes back by itself, and somebody sees that it did."""
    for charge in rest.charges:
        if not charge.is_main and charge.id not in rest.seen:
            yield f"{charge.id} came in surplus, and nobody was told"
    for order in rest.orders:
        if order.state == OrderState.cancelled and order.is_paid and f"order:{order.number}" not in rest.seen:
            yield f"order {order.id} was paid after its goods were gone, and nobody was told"


def _sellers_wait_for_refunds(rest: Rest) -> Iterator[str]:
    """No seller is paid while somebody still has to decide about money of that order."""
    settled = {order.id: order.settled_at for order in rest.orders if order.settled_at is not None}
    for back in rest.asked_back:
        at = settled.get(back.order_id)
        if at is not None and back.asked_at < at and (back.decided_at is None or back.decided_at > at):
            yield f"order {back.order_id} was settled while a refund of it was asked for"


def something_is_unfinished() -> bool:
    """Say whether the sweeps could still find something to do."""
    over = [state for state in OrderState if state.is_over]
    orders = select(Order.id).where(Order.state.not_in(over)).limit(1)
    attempts = select(PaymentAttempt.id).where(PaymentAttempt.state == AttemptState.open).limit(1)
    ops = select(GatewayOp.id).where(GatewayOp.state.not_in((OpState.done, OpState.failed))).limit(1)
    return any(db.session.scalar(wanted) is not None for wanted in (orders, attempts, ops))


def _orders_come_to_an_end(rest: Rest) -> Iterator[str]:
    """Or wait for somebody's word about money, or have a case, as what lies at the counter has after a week."""
    waiting = {back.order_id for back in rest.asked_back if RefundState(back.state).is_open}
    for order in rest.orders:
        state = OrderState(order.state)
        if state.is_over or order.id in waiting or rest.explains(order.payment_id, HOLDS_UP_AN_ORDER):
            continue
        yield f"order {order.id} is still {state}, paid: {order.is_paid}, way {order.way}, method {order.method}"
    known = {back.payment_refund_id for back in rest.asked_back}
    ordered = {
        order.payment_id for order in rest.orders
    }  # a program that sold without an order knows its own
    for refund in rest.refunds:
        if (
            refund.status == RefundStatus.requires_action
            and refund.id not in known
            and refund.intent_id in ordered
        ):
            yield f"{refund.id} is to be given back by hand, and no keeper sees it"
