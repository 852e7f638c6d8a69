"""Sellers get what they are owed, once, by whichever of three ways; what does not arrive is owed again."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Conflict
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import request_refund
from marketplace.payments.cash import hand_over_cash
from marketplace.payments.connect.actions import block, set_payee
from marketplace.payments.connect.errors import (
    BalanceTooSmall,
    CashShort,
    NotSetUp,
    PayoutsBlocked,
    TooSmall,
    WrongPayoutState,
)
from marketplace.payments.connect.models import Payout
from marketplace.payments.connect.payouts import cancel_payout, fail_payout, finish_payout, pay_in_cash
from marketplace.payments.ops import send_op
from marketplace.payments.port import Answer, Verdict
from marketplace.payments.port_out import PayoutRequest
from marketplace.payments.queries import open_cases
from marketplace.payments.record_models import PaymentEvent
from tests.make.fake_gateway import FakeGateway, Trouble
from tests.make.payments import use_fake_gateway
from tests.make.sellers import PAYEES, make_account, make_owed, make_payout


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def payable(seller: str = "7") -> int:
    return balance_fen(f"seller_payable:{seller}", livemode=False)


def in_flight() -> int:
    return balance_fen("payout_in_flight", livemode=False)


def fresh(payout: Payout) -> Payout:
    db.session.expire_all()
    found = db.session.get(Payout, payout.id)
    assert found is not None
    return found


def events_about(object_id: str) -> list[str]:
    wanted = select(PaymentEvent.type).where(PaymentEvent.object_id == object_id)
    return list(db.session.scalars(wanted.order_by(PaymentEvent.created_at)))


def test_a_payout_leaves_arrives_and_is_told(gateway: FakeGateway) -> None:
    make_owed(amount_fen=10_000)
    account = make_account()

    payout = make_payout(account=account, amount_fen=5_000, reference="week:47")
    again = make_payout(account=account, amount_fen=5_000, reference="week:47")
    assert again.id == payout.id
    assert (payable(), in_flight()) == (4_700, 5_000)
    with pytest.raises(Conflict):
        make_payout(account=account, amount_fen=1, reference="week:47")
    run_due()

    assert gateway.payouts == {payout.id: 5_000}
    assert fresh(payout).status == "paid" and fresh(payout).trace
    assert (payable(), in_flight()) == (4_700, 0)
    assert balance_fen("alipay_clearing", livemode=False) == -5_000
    assert sorted(events_about(payout.id)) == ["payout.created", "payout.paid", "payout.updated"]
    event = db.session.scalars(select(PaymentEvent).where(PaymentEvent.type == "payout.paid")).one()
    assert event.account == account.id and event.data["status"] == "paid"
    assert "wang@example.cn" not in str(event.data)
    assert list(all_faults()) == []


def test_a_lost_answer_is_asked_about_and_never_paid_twice(gateway: FakeGateway, clock: FrozenClock) -> None:
    make_owed()
    payout = make_payout(account=make_account())
    gateway.troubles.append(Trouble.lost_answer)

    run_due()
    assert fresh(payout).status == "in_transit"
    with pytest.raises(WrongPayoutState), transaction():
        cancel_payout(payout.id)
    clock.move(minutes=1)
    run_due()

    assert fresh(payout).status == "paid"
    assert [what for what, number in gateway.calls if number == payout.id] == ["pay_out", "ask_payout"]
    assert gateway.payouts == {payout.id: 5_000}


def test_a_request_that_never_arrived_goes_out_again_under_its_number(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    make_owed()
    payout = make_payout(account=make_account())
    gateway.troubles.extend([Trouble.not_sent, Trouble.lost_answer, Trouble.lost_answer])

    for _ in range(6):
        run_due()
        clock.move(minutes=20)

    assert fresh(payout).status == "paid"
    assert gateway.payouts == {payout.id: 5_000}
    assert {number for _, number in gateway.calls} == {payout.id}


@pytest.mark.parametrize("other_is_first", [True, False])
def test_a_refusal_says_nothing_of_what_another_worker_has_sent(
    gateway: FakeGateway, clock: FrozenClock, other_is_first: bool
) -> None:
    make_owed()
    payout = make_payout(account=make_account())
    honest = gateway.pay_out

    def refused_while_the_other_arrives(request: PayoutRequest) -> Answer:
        gateway.pay_out = honest  # type: ignore[method-assign]
        if not other_is_first:
            send_op("payout", payout.id)
        gateway.payouts[request.number] = request.amount_fen
        return Answer(Verdict.refused, "40004 PAYEE_NOT_EXIST")

    gateway.pay_out = refused_while_the_other_arrives  # type: ignore[method-assign]
    if other_is_first:
        send_op("payout", payout.id)
        gateway.troubles.extend([Trouble.none, Trouble.lost_answer])  # its last question is not answered
    run_due()
    assert (fresh(payout).status, in_flight()) == ("in_transit", 5_000)
    clock.move(minutes=1)
    run_due()

    assert fresh(payout).status == "paid"
    assert open_cases() == []


def test_a_refused_payout_is_owed_again_and_makes_a_case(gateway: FakeGateway) -> None:
    make_owed()
    payout = make_payout(account=make_account())
    gateway.refusal = "40004 PAYEE_NOT_EXIST"

    run_due()

    assert (fresh(payout).status, fresh(payout).failure) == ("failed", "40004 PAYEE_NOT_EXIST")
    assert (payable(), in_flight()) == (9_700, 0)
    assert [case.kind for case in open_cases()] == ["payout_failed"]
    with pytest.raises(WrongPayoutState), transaction():
        finish_payout(payout.id)
    assert list(all_faults()) == []


def test_a_refusal_of_a_repetition_does_not_undo_what_had_arrived(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    make_owed()
    payout = make_payout(account=make_account())
    gateway.troubles.extend([Trouble.lost_answer])
    run_due()
    # Asked too early, Alipay knows nothing; then it refuses the repetition of what it meanwhile did.
    gateway.payout_answers.extend(
        [Answer(Verdict.later, "ORDER_NOT_EXIST"), Answer(Verdict.refused, "40004 X")]
    )
    clock.move(minutes=1)
    run_due()

    assert fresh(payout).status == "paid"
    assert in_flight() == 0


def test_an_answer_that_never_comes_becomes_a_case_and_is_asked_on(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    make_owed()
    payout = make_payout(account=make_account())
    gateway.payout_answers.extend([Answer(Verdict.unknown, "DEALING")] * 5)

    for _ in range(6):
        run_due()
        clock.move(hours=1)
    assert [case.kind for case in open_cases()] == ["payout_stuck"]
    clock.move(hours=2)
    run_due()

    assert fresh(payout).status == "paid"


def test_who_is_not_set_up_blocked_or_in_debt_is_not_paid(gateway: FakeGateway) -> None:
    released = make_owed(amount_fen=10_000)
    account = make_account(verified=False)
    with pytest.raises(NotSetUp):
        make_payout(account=account)
    account = make_account()
    for wrong, refusal in (
        (9_701, BalanceTooSmall),
        (9, TooSmall),
        (0, TooSmall),
        (-5, TooSmall),
        (True, TooSmall),
    ):
        with pytest.raises(refusal):
            make_payout(account=account, amount_fen=wrong)
    with transaction():
        block(account.id, "身份证过期")
    with pytest.raises(PayoutsBlocked, match="身份证过期"):
        make_payout(account=account)
    with transaction():
        block(account.id, "")

    make_payout(account=account, amount_fen=9_700)
    with transaction():
        request_refund(released.intent_id, 1_000)
    assert payable() == -970
    with pytest.raises(PayoutsBlocked, match="欠账"):
        make_payout(account=account, amount_fen=10)
    assert list(all_faults()) == []


def test_what_has_not_left_can_be_taken_back_once(gateway: FakeGateway) -> None:
    make_owed()
    payout = make_payout(account=make_account())

    for _ in range(2):
        with transaction():
            cancel_payout(payout.id)
    run_due()

    assert fresh(payout).status == "canceled"
    assert gateway.payouts == {} and (payable(), in_flight()) == (9_700, 0)
    with pytest.raises(WrongPayoutState), transaction():
        fail_payout(payout.id, "late")
    assert list(all_faults()) == []


def test_what_a_worker_died_over_cannot_be_taken_back(gateway: FakeGateway) -> None:
    make_owed()
    payout = make_payout(account=make_account())
    send_op(
        "payout", payout.id
    )  # written down that it goes out now; then the worker died, perhaps after sending

    with pytest.raises(WrongPayoutState), transaction():
        cancel_payout(payout.id)
    run_due()

    assert [what for what, _ in gateway.calls] == ["ask_payout", "pay_out"]
    assert fresh(payout).status == "paid" and gateway.payouts == {payout.id: 5_000}


def test_a_change_of_account_does_not_redirect_what_was_approved(gateway: FakeGateway) -> None:
    make_owed()
    account = make_account(means="alipay")
    payout = make_payout(account=account)
    with transaction():
        set_payee(account.id, PAYEES["cash"])

    run_due()

    assert fresh(payout).means == "alipay" and gateway.payees == {payout.id: "wang@example.cn"}


def test_cash_is_paid_against_a_slip_out_of_the_offices_box(gateway: FakeGateway) -> None:
    make_owed(amount_fen=10_000)
    payout = make_payout(account=make_account(means="cash"), amount_fen=9_700)
    with pytest.raises(CashShort, match="0.00"), transaction():
        pay_in_cash(payout.id)
    with transaction():
        hand_over_cash("7", 10_000, balance_fen("cash:7", livemode=False))

    for _ in range(2):
        with transaction():
            pay_in_cash(payout.id)

    assert fresh(payout).status == "paid"
    assert balance_fen("cash:office", livemode=False) == 300
    assert balance_fen("platform_fee", livemode=False) == 300
    assert payable() == 0 and list(all_faults()) == []
