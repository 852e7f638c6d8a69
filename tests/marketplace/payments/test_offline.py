"""Money that a keeper takes by hand goes through the same intents, events and ledger."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Conflict
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import (
    cancel_payment,
    confirm_offline,
    open_payment,
    release_to_seller,
)
from marketplace.payments.cash import hand_over_cash
from marketplace.payments.errors import BadAmount, NotPayable, OfflineLimit
from marketplace.payments.models import PaymentIntent
from marketplace.payments.queries import the_payment
from marketplace.payments.terms_actions import set_terms
from tests.make.payments import make_offline_paid_payment, make_payment

pytestmark = pytest.mark.usefixtures("app", "clock")


def confirm(payment: PaymentIntent, keeper: str = "7") -> None:
    with transaction():
        confirm_offline(payment.id, keeper)


def test_the_keepers_word_settles_once_and_fills_the_keepers_box() -> None:
    payment = make_payment(method="offline")

    confirm(payment)
    confirm(payment)

    assert the_payment(payment.id).status == "succeeded"
    assert balance_fen("cash:7", livemode=False) == 1230
    assert balance_fen("alipay_clearing", livemode=False) == 0
    assert list(all_faults()) == []


def test_another_keeper_cannot_take_it_again() -> None:
    payment = make_offline_paid_payment(keeper="7")

    with pytest.raises(NotPayable, match="另一位"):
        confirm(payment, "8")

    assert balance_fen("cash:8", livemode=False) == 0


def test_an_online_payment_is_not_taken_by_hand() -> None:
    with pytest.raises(NotPayable):
        confirm(make_payment(method="alipay"))


def test_a_canceled_payment_is_not_taken_by_hand() -> None:
    payment = make_payment(method="offline")
    with transaction():
        cancel_payment(payment.id)

    with pytest.raises(NotPayable):
        confirm(payment)


def test_a_place_limits_what_is_paid_by_hand() -> None:
    with transaction():
        set_terms("420923105207", share_points=300, offline_limit_fen=5000)

    make_payment(amount_fen=5000, method="offline")
    with pytest.raises(OfflineLimit, match="50.00"):
        make_payment(amount_fen=5001, method="offline")
    make_payment(amount_fen=20000, method="offline", area="420923105208")


def test_cash_is_released_to_the_seller_like_any_other_money() -> None:
    payment = make_offline_paid_payment(amount_fen=1000)

    with transaction():
        release_to_seller(payment.id, "coop-7", 1000, "order:1")

    assert balance_fen("seller_payable:coop-7", livemode=False) == 970


def test_what_nobody_fetches_expires(clock: FrozenClock) -> None:
    payment = make_payment(method="offline", minutes=60)

    clock.move(minutes=61)
    run_due()

    assert the_payment(payment.id).cancel_reason == "expired"


@pytest.mark.parametrize("amount", [0, -1, True, 10**10 + 1])
def test_impossible_amounts_are_refused(amount: int, clock: FrozenClock) -> None:
    with pytest.raises(BadAmount), transaction():
        open_payment(amount, "alipay", "x", "order:1", "", clock.at.replace(year=2027))


@pytest.mark.parametrize(("counted", "difference"), [(2460, 0), (2400, -60), (2500, 40)])
def test_the_days_cash_is_counted_with_the_difference_shown(counted: int, difference: int) -> None:
    for _ in range(2):
        make_offline_paid_payment(amount_fen=1230, keeper="7")

    with transaction():
        done = hand_over_cash("7", counted, balance_fen("cash:7", livemode=False))

    assert done.difference_fen == difference
    assert balance_fen("cash:7", livemode=False) == 0
    assert balance_fen("cash:office", livemode=False) == counted
    assert balance_fen("cash_difference", livemode=False) == -difference
    assert list(all_faults()) == []


def test_the_same_form_counts_a_box_once_and_another_sum_under_it_is_refused() -> None:
    make_offline_paid_payment(amount_fen=1230, keeper="7")
    for _ in range(2):
        with transaction():
            done = hand_over_cash("7", 1200, 1230, "form")
    with pytest.raises(Conflict), transaction():
        hand_over_cash("7", 0, 0, "form")

    assert (done.difference_fen, balance_fen("cash:7", livemode=False)) == (-30, 0)
    assert balance_fen("cash:office", livemode=False) == 1200
    assert len(db.session.scalars(select(AuditLine).where(AuditLine.action == "cash.counted")).all()) == 1


def test_money_taken_while_counting_means_counting_again() -> None:
    make_offline_paid_payment(amount_fen=1230, keeper="7")
    shown = balance_fen("cash:7", livemode=False)
    make_offline_paid_payment(amount_fen=100, keeper="7")

    with pytest.raises(Conflict), transaction():
        hand_over_cash("7", shown, shown)
    with pytest.raises(BadAmount), transaction():
        hand_over_cash("7", -1, balance_fen("cash:7", livemode=False))

    assert balance_fen("cash:7", livemode=False) == 1330
