"""Where a seller's money goes is known until the last of it has gone, and taken along by whom it concerns."""

from __future__ import annotations

import pytest
from flask import Flask

from commons.accounts.actions import close_account
from commons.accounts.models import Person
from commons.accounts.queries import everything_about
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.outbox import tick
from commons.worker import run_due
from marketplace.payments.connect.leaving import KEEP_PAYEE
from marketplace.payments.connect.models import SellerAccount
from tests.make.payments import use_fake_gateway
from tests.make.people import make_person
from tests.make.sellers import make_account, make_owed


@pytest.fixture
def account(app: Flask, clock: FrozenClock) -> SellerAccount:
    """The account of a farmer who may leave."""
    use_fake_gateway()
    made = make_account(seller="7", means="bank")
    with transaction():
        made.person_id = make_person(name="周老汉").id
    return made


def let_days_pass(clock: FrozenClock, days: int) -> None:
    clock.move(days=days)
    with transaction():
        tick()
    run_due()
    db.session.rollback()
    db.session.expire_all()


def keeps_payee(account: SellerAccount) -> bool:
    return account.payee_sealed is not None


def test_the_payee_of_who_left_is_forgotten_after_a_month(account: SellerAccount, clock: FrozenClock) -> None:
    with transaction():
        close_account(account.person_id or 0)
    let_days_pass(clock, KEEP_PAYEE.days - 1)
    assert keeps_payee(account)
    let_days_pass(clock, 2)
    assert not keeps_payee(account) and (account.means, account.payee_hint) == ("", "")


def test_the_payee_stays_while_money_is_owed(account: SellerAccount, clock: FrozenClock) -> None:
    make_owed(seller="7")
    with transaction():
        close_account(account.person_id or 0)
    let_days_pass(clock, KEEP_PAYEE.days + 1)
    assert keeps_payee(account) and account.means == "bank"


def test_who_stays_keeps_the_payee(account: SellerAccount, clock: FrozenClock) -> None:
    let_days_pass(clock, KEEP_PAYEE.days * 2)
    assert keeps_payee(account)


def test_the_account_is_among_ones_own_data_with_the_payee_masked(account: SellerAccount) -> None:
    about = everything_about(db.session.get_one(Person, account.person_id))
    (mine,) = about["收款账户"]
    assert mine["收款人"] == account.payee_hint and "6200000000000000012" not in str(about)
