"""What follows from payments' facts, and from time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import structlog

from commons import clock
from commons.accounts.queries import has_consented
from commons.accounts.rules import SERVICE_CONSENT
from commons.db import transaction
from commons.errors import Missing, Refusal
from commons.outbox import job, listens
from marketplace.orders import moves, queries, refunds
from marketplace.orders.actions import (
    cancel_order,
    erase_addresses,
    expire_order,
    forget_buyer,
    give_up,
    locked_order,
    mark_paid,
)

log = structlog.get_logger(__name__)

# A payment may name an order that is not there (any program can ask for money): its facts concern nobody here.
OURS = "order:"
PER_SWEEP = 500


def _number(reference: str) -> str | None:
    """Return the order that a payment's reference names; other features' payments are none of ours."""
    return reference.removeprefix(OURS) if reference.startswith(OURS) else None


@listens("payment.succeeded")
def take_payment(payment_id: str, reference: str, **_more: object) -> None:
    """Safe to repeat: an order that is paid stays as it is."""
    number = _number(reference)
    if number:
        with suppress(Missing), transaction():
            mark_paid(number)


@listens("payment.canceled")
def let_order_go(payment_id: str, reference: str, reason: str = "", **_more: object) -> None:
    """Safe to repeat: what an order held is given back once."""
    number = _number(reference)
    if number:
        with suppress(Missing), transaction():
            give_up(locked_order(number), "expired" if reason == "expired" else "by_buyer")


@listens("payment.refund_asked")
def note_refund_under_way(
    payment_id: str, reference: str, refund_id: str, amount_fen: int, **_more: object
) -> None:
    """Safe to repeat: a refund is noted once, by its number, and only while it is under way."""
    number = _number(reference)
    if number:
        with suppress(Missing), transaction():
            refunds.money_is_going_back(number, refund_id, amount_fen)


@listens("payment.refunded")
def note_refund(
    payment_id: str,
    reference: str,
    refund_id: str,
    amount_fen: int,
    is_surplus: bool = False,
    **_more: object,
) -> None:
    """Safe to repeat: a refund is noted once, by its number."""
    number = _number(reference)
    if number:
        with suppress(Missing), transaction():
            refunds.money_went_back(number, refund_id, amount_fen, is_surplus=is_surplus)


@listens("payment.refund_failed")
def note_failed_refund(payment_id: str, reference: str, refund_id: str, **_more: object) -> None:
    """Safe to repeat: it only marks a refund that is under way."""
    with transaction():
        refunds.money_did_not_go_back(refund_id)


@listens("person.closed")
def forget_who_left(person_id: int, **_more: object) -> None:
    """Safe to repeat: an order that was given up stays so, an address that is gone stays gone."""
    _give_up_unpaid(person_id)
    with transaction():
        forget_buyer(person_id)


@listens("consent.ended")
def give_up_unpaid(person_id: int, consent: str, **_more: object) -> None:
    """Safe to repeat: an order that was given up stays so. Whoever has agreed again meanwhile keeps what they order."""
    if consent == SERVICE_CONSENT and not has_consented(person_id):
        _give_up_unpaid(person_id)


def _give_up_unpaid(person_id: int) -> None:
    for number in queries.unpaid_of(person_id):
        with suppress(Refusal), transaction():  # packed already, or paid in this moment: it goes its way
            cancel_order(number)


@job("order.expire")
def expire(number: str) -> None:
    """Safe to repeat: a paid or ended order stays as it is."""
    try:
        with transaction():
            expire_order(number)
    except Refusal:  # paid in the last moment: the fact is on its way
        return


@job("order.let_go")
def let_go(number: str) -> None:
    """Safe to repeat. The gateway never said a last word: the goods are free again; money that still comes revives or returns."""
    with transaction():
        give_up(locked_order(number), "expired")


@job("order.confirm")
def confirm(number: str) -> None:
    """Safe to repeat: it looks at the clock itself."""
    with transaction():
        moves.confirm_by_time(number)


@job("order.settle")
def settle(number: str) -> None:
    """Safe to repeat: each seller's release bears its own reference."""
    with transaction():
        moves.settle(number)


@job("order.sweep", every=timedelta(minutes=10))
def pick_up_strays() -> None:
    """Safe to repeat: it does again what jobs should have done, and gives back what nobody packed or sent."""
    now = clock.now()
    work: list[tuple[list[str], Callable[[str], None]]] = [
        (queries.unpaid_since(now, PER_SWEEP), expire),
        (queries.never_packed(now, PER_SWEEP), give_back_unpacked),
        (queries.never_sent(now, PER_SWEEP), give_back_unsent),
        (queries.never_fetched(now, PER_SWEEP), tell_of_unfetched),
        (queries.received_before(now, PER_SWEEP), settle),
    ]
    for numbers, deed in work:
        for number in numbers:
            try:
                deed(number)
            except Refusal as refusal:  # one order that is stuck keeps no other waiting
                log.warning("order_not_swept", order=number, deed=deed.__name__, refusal=refusal.code)


def give_back_unpacked(number: str) -> None:
    """Give the money of an order that nobody packed back."""
    with transaction():
        refunds.cannot_supply(number)


def give_back_unsent(number: str) -> None:
    """Give the money of a parcel that nobody sent back."""
    with transaction():
        refunds.never_sent(number)


def tell_of_unfetched(number: str) -> None:
    """Tell a person of goods that nobody fetches."""
    with transaction():
        refunds.never_fetched(number)


@job("order.forget", every=timedelta(days=1))
def forget_addresses() -> None:
    """Safe to repeat: an address that is gone stays gone."""
    with transaction():
        erase_addresses(clock.now())
