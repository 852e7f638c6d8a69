"""Payouts at the same moment, on connections of their own: a seller is never paid more than is owed, nor twice for one thing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from commons.db import db, transaction
from commons.errors import Refusal
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import request_refund
from marketplace.payments.connect.actions import NewAccount, account_of, open_account
from marketplace.payments.connect.flows import pay_out_now
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.payouts import PayoutAsk, cancel_payout, request_payout
from marketplace.payments.connect.reversals import reverse_transfer
from tests.make.fake_gateway import FakeGateway
from tests.make.sellers import make_account, make_owed, make_payout
from tests.marketplace.payments.test_together import at_once, gateway, in_one

__all__ = ["at_once", "gateway"]  # fixtures

AtOnce = Callable[..., list[object]]


def done(results: list[object]) -> list[object]:
    return [each for each in results if not isinstance(each, Refusal)]


def test_eight_approvals_of_all_that_is_owed_pay_it_once(gateway: FakeGateway, at_once: AtOnce) -> None:
    make_owed(amount_fen=10_000)
    account = make_account()

    results = at_once(*[in_one(partial(request_payout, PayoutAsk(account.id, 9_700))) for _ in range(8)])
    run_due()

    assert len(done(results)) == 1
    assert sum(gateway.payouts.values()) == 9_700
    assert balance_fen("seller_payable:7", livemode=False) == 0 and list(all_faults()) == []


def test_two_presses_of_one_button_make_one_payout(gateway: FakeGateway, at_once: AtOnce) -> None:
    make_owed(amount_fen=10_000)
    ask = PayoutAsk(make_account().id, 1_000, reference="desk:one")

    results = at_once(*[in_one(partial(request_payout, ask)) for _ in range(6)])

    assert len({getattr(each, "id", None) for each in results}) == 1
    assert len(db.session.scalars(select(Payout)).all()) == 1


def test_money_that_goes_back_while_it_is_paid_out_goes_only_once(
    gateway: FakeGateway, at_once: AtOnce
) -> None:
    released = make_owed(amount_fen=10_000)
    account = make_account()
    pay = partial(request_payout, PayoutAsk(account.id, 9_700))
    take = partial(reverse_transfer, released.id, 9_700)

    at_once(in_one(pay), in_one(take), in_one(partial(request_refund, released.intent_id, 10_000)))

    # A refund or reversal may leave the seller in debt after the payout; a payout never does.
    owed = balance_fen("seller_payable:7", livemode=False)
    paid = sum(db.session.scalars(select(Payout.amount_fen)))
    assert owed in {-9_700, 0} and (owed == 0 or paid == 9_700) and list(all_faults()) == []


def test_sending_and_taking_back_at_once_end_in_one_of_the_two(gateway: FakeGateway, at_once: AtOnce) -> None:
    make_owed(amount_fen=10_000)
    account = make_account()
    for _ in range(3):
        payout = make_payout(account=account, amount_fen=1_000)
        at_once(
            partial(pay_out_now, payout.id),
            partial(pay_out_now, payout.id),
            in_one(partial(cancel_payout, payout.id)),
        )
        for _ in range(2):
            pay_out_now(payout.id)
        db.session.expire_all()
        status = db.session.scalars(select(Payout.status).where(Payout.id == payout.id)).one()
        assert (status, payout.id in gateway.payouts) in {("paid", True), ("canceled", False)}
    assert balance_fen("payout_in_flight", livemode=False) == 0 and list(all_faults()) == []


@pytest.mark.parametrize("round_number", range(2))
def test_two_accounts_are_opened_for_no_seller(
    round_number: int, gateway: FakeGateway, at_once: AtOnce
) -> None:
    results = at_once(
        *[in_one(partial(open_account, NewAccount(seller=f"s{round_number}"))) for _ in range(6)]
    )

    account = account_of(f"s{round_number}", livemode=False)
    assert account is not None and {getattr(each, "id", each) for each in results} == {account.id}
    with transaction():
        assert open_account(NewAccount(seller=f"s{round_number}")).id == account.id
