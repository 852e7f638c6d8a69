"""Money goes back in parts, never more than came, and never twice."""

from __future__ import annotations

import pytest
from flask import Flask

from commons.clock import FrozenClock
from commons.db import transaction
from commons.errors import Conflict
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import (
    confirm_offline_refund,
    release_to_seller,
    request_refund,
)
from marketplace.payments.connect.payouts import finish_payout
from marketplace.payments.errors import (
    NotPayable,
    NotRefundable,
    TooMuchToRefund,
    TooMuchToRelease,
)
from marketplace.payments.flows import ask_now, refund_now
from marketplace.payments.models import PaymentIntent, Refund
from marketplace.payments.port import Answer, Verdict
from marketplace.payments.queries import main_charge, open_cases, refunds_of, transfers_of
from marketplace.payments.rules import Standing
from marketplace.payments.terms_actions import set_terms
from tests.make.fake_gateway import FakeGateway, Trouble
from tests.make.payments import (
    make_attempt,
    make_offline_paid_payment,
    make_paid_payment,
    make_payment,
    use_fake_gateway,
)
from tests.make.sellers import make_account, make_payout


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def refund(
    payment: PaymentIntent, amount_fen: int, *, reference: str | None = None, seller: str = ""
) -> Refund:
    with transaction():
        return request_refund(payment.id, amount_fen, reference=reference, seller=seller)


def escrow(payment: PaymentIntent) -> int:
    return balance_fen(f"buyer_escrow:{payment.id}", livemode=False)


def test_refunds_in_parts_end_at_what_was_paid(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1000)

    refund(payment, 300)
    refund(payment, 700)
    with pytest.raises(TooMuchToRefund):
        refund(payment, 1)
    run_due()

    assert [each.status for each in refunds_of(payment.id)] == ["succeeded", "succeeded"]
    assert gateway.received_fen() == 0 == balance_fen("alipay_clearing", livemode=False)
    assert list(all_faults()) == []


def test_a_refund_under_way_counts_before_it_is_done(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1000)

    refund(payment, 600)

    with pytest.raises(TooMuchToRefund) as refused:
        refund(payment, 401)
    assert "4.00" in refused.value.sentence
    assert escrow(payment) == 400
    assert balance_fen("refund_in_flight", livemode=False) == 600


@pytest.mark.parametrize("amount", [0, -1, 1231, 10**12])
def test_amounts_that_cannot_be_refunded_change_nothing(gateway: FakeGateway, amount: int) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1230)

    with pytest.raises(TooMuchToRefund):
        refund(payment, amount)

    assert refunds_of(payment.id) == []


def test_what_was_never_paid_is_not_refunded(gateway: FakeGateway) -> None:
    with pytest.raises(NotPayable):
        refund(make_payment(), 100)


def test_the_same_reference_is_one_refund(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway)

    one = refund(payment, 300, reference="return:9")
    two = refund(payment, 300, reference="return:9")

    assert one.id == two.id
    with pytest.raises(Conflict):
        refund(payment, 301, reference="return:9")


def test_a_lost_answer_is_asked_about_and_never_sent_under_a_new_number(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_paid_payment(gateway=gateway)
    wanted = refund(payment, 1230)
    gateway.troubles.append(Trouble.lost_answer)

    run_due()
    unsure = refunds_of(payment.id)[0].status
    clock.move(seconds=10)
    run_due()

    assert unsure == "pending"
    assert refunds_of(payment.id)[0].status == "succeeded"
    assert [call for call in gateway.calls if "refund" in call[0]] == [
        ("refund", wanted.id),
        ("ask_refund", wanted.id),
    ]


def test_a_refund_that_never_arrived_is_sent_again_under_its_number(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_paid_payment(gateway=gateway)
    wanted = refund(payment, 1230)
    gateway.troubles.append(Trouble.not_sent)

    run_due()
    clock.move(seconds=10)
    run_due()

    assert refunds_of(payment.id)[0].status == "succeeded"
    assert gateway.calls.count(("refund", wanted.id)) == 2
    assert gateway.received_fen() == 0


def test_a_refund_that_is_unknown_and_was_not_done_is_asked_about_and_then_sent_again(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_paid_payment(gateway=gateway)
    wanted = refund(payment, 1230)
    gateway.troubles.append(Trouble.vanished)

    run_due()
    clock.move(seconds=10)
    run_due()

    assert refunds_of(payment.id)[0].status == "succeeded" and gateway.received_fen() == 0
    told = [call for call in gateway.calls if "refund" in call[0]]
    assert told == [("refund", wanted.id), ("ask_refund", wanted.id), ("refund", wanted.id)]


@pytest.mark.parametrize(("was_done", "end"), [(True, "succeeded"), (False, "failed")])
def test_the_refusal_of_a_repetition_counts_only_if_the_first_sending_was_not_carried_out(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, was_done: bool, end: str
) -> None:
    payment = make_paid_payment(gateway=gateway)
    wanted = refund(payment, 1230)
    gateway.troubles.append(Trouble.vanished)
    refund_now(wanted.id)

    def refuse(out_trade_no: str, refund_id: str, amount_fen: int, *_: object) -> Answer:
        if was_done:  # the first sending arrives only now
            gateway.trades[out_trade_no].refunds[refund_id] = amount_fen
        return Answer(Verdict.refused, "40004 ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")

    monkeypatch.setattr(gateway, "refund", refuse)
    refund_now(wanted.id)

    assert refunds_of(payment.id)[0].status == end
    assert (
        gateway.received_fen() == (0 if was_done else 1230) == balance_fen("alipay_clearing", livemode=False)
    )
    assert list(all_faults()) == []


def test_a_refund_that_fails_after_the_release_leaves_the_release_as_it_was(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1000)
    with transaction():
        release_to_seller(payment.id, "coop-7", 1000, "order:1")
    gateway.refusal = "40004 ACQ.TRADE_HAS_FINISHED"
    refund(payment, 400)
    run_due()
    gateway.refusal = ""

    release = transfers_of(payment.id)[0]
    assert (release.taken_back_fen, release.seller_back_fen) == (0, 0)
    assert balance_fen("seller_payable:coop-7", livemode=False) == 970
    refund(payment, 1000)
    run_due()
    assert (
        balance_fen("seller_payable:coop-7", livemode=False)
        == balance_fen("platform_fee", livemode=False)
        == 0
    )
    assert list(all_faults()) == []


def test_a_refund_without_any_answer_becomes_a_case_and_stays_pending(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_paid_payment(gateway=gateway)
    wanted = refund(payment, 1230)
    gateway.troubles.extend([Trouble.lost_answer] * 100)

    for _ in range(10):
        run_due()
        clock.move(hours=1)

    assert refunds_of(payment.id)[0].status == "pending"
    assert [(case.kind, case.intent_id) for case in open_cases()] == [("refund_stuck", payment.id)]
    assert {number for what, number in gateway.calls if "refund" in what} == {wanted.id}


def test_a_refusal_puts_the_money_back_where_it_came_from(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1000)
    gateway.refusal = "40004 ACQ.TRADE_HAS_FINISHED"

    refund(payment, 400)
    run_due()

    assert [(each.status, each.failure) for each in refunds_of(payment.id)] == [("failed", gateway.refusal)]
    assert escrow(payment) == 1000
    assert balance_fen("refund_in_flight", livemode=False) == 0
    assert [case.kind for case in open_cases()] == ["refund_failed"]
    assert refund(payment, 1000).status == "pending"
    assert list(all_faults()) == []


def test_a_worker_that_died_after_sending_asks_before_it_sends_again(
    gateway: FakeGateway, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = make_paid_payment(gateway=gateway)
    wanted = refund(payment, 1230)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr("marketplace.payments.flows._apply_refund", die)
        refund_now(wanted.id)
    refund_now(wanted.id)

    assert refunds_of(payment.id)[0].status == "succeeded"
    assert gateway.calls.count(("refund", wanted.id)) == 1
    assert list(all_faults()) == []


def test_after_the_books_of_a_trade_are_closed_nothing_is_refunded(gateway: FakeGateway) -> None:
    payment = make_payment()
    attempt = make_attempt(payment)
    gateway.buyer_pays(attempt.out_trade_no, 1230)
    gateway.trades[attempt.out_trade_no].standing = Standing.finished
    ask_now(attempt.out_trade_no)

    with pytest.raises(NotRefundable):
        refund(payment, 1)


def test_a_release_divides_between_seller_and_platform(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=9999)

    with transaction():
        release_to_seller(payment.id, "coop-7", 9999, "order:1")
        again = release_to_seller(payment.id, "coop-7", 9999, "order:1")

    assert (again.gross_fen, again.net_fen) == (9999, 9700)
    assert balance_fen("seller_payable:coop-7", livemode=False) == 9700
    assert balance_fen("platform_fee", livemode=False) == 299
    with pytest.raises(TooMuchToRelease), transaction():
        release_to_seller(payment.id, "coop-7", 1, "order:1b")


def test_an_area_may_take_another_share(gateway: FakeGateway) -> None:
    with transaction():
        set_terms("420923", share_points=500, offline_limit_fen=1)
        set_terms("420923105", share_points=0, offline_limit_fen=1)
    payment = make_paid_payment(gateway=gateway, amount_fen=1000)

    with transaction():
        release = release_to_seller(payment.id, "coop-7", 1000, "order:1")

    assert release.net_fen == 1000


def test_a_refund_after_the_release_takes_the_platforms_share_back_too(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=101)
    with transaction():
        release_to_seller(payment.id, "coop-7", 101, "order:1")

    refund(payment, 50)
    refund(payment, 51)
    run_due()

    assert transfers_of(payment.id)[0].taken_back_fen == 101
    assert balance_fen("seller_payable:coop-7", livemode=False) == 0
    assert balance_fen("platform_fee", livemode=False) == 0
    assert gateway.received_fen() == 0
    assert list(all_faults()) == []


def test_the_seller_who_sold_the_thing_pays_for_its_return(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=2000)
    with transaction():
        release_to_seller(payment.id, "coop-7", 1000, "line:1")

    refund(payment, 1000, seller="coop-7")

    assert balance_fen("seller_payable:coop-7", livemode=False) == 0
    assert escrow(payment) == 1000


def test_a_seller_who_was_paid_out_owes_what_is_given_back(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway, amount_fen=1000)
    with transaction():
        release_to_seller(payment.id, "coop-7", 1000, "order:1")
    payout = make_payout(account=make_account(seller="coop-7", means="bank"), amount_fen=970)
    with transaction():
        finish_payout(payout.id)

    refund(payment, 1000)
    run_due()

    assert balance_fen("seller_payable:coop-7", livemode=False) == -970
    assert list(all_faults()) == []


def test_cash_goes_back_by_the_keepers_hand(gateway: FakeGateway) -> None:
    payment = make_offline_paid_payment(amount_fen=1230, keeper="7")
    wanted = refund(payment, 230)
    run_due()
    waiting = refunds_of(payment.id)[0].status

    with transaction():
        confirm_offline_refund(wanted.id, "7")
        confirm_offline_refund(wanted.id, "7")

    assert waiting == "requires_action"
    assert refunds_of(payment.id)[0].status == "succeeded"
    assert balance_fen("cash:7", livemode=False) == 1000
    assert gateway.calls == []
    assert list(all_faults()) == []


def test_a_charge_remembers_what_has_gone_back(gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway)
    refund(payment, 30)

    charge = main_charge(payment.id)

    assert charge is not None and charge.refunded_fen == 30
