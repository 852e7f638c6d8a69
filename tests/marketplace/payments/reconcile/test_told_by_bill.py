"""What the day's bill alone tells, and what two bills tell differently: the books follow Alipay's balance to the fen."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from commons import clock as the_clock
from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import request_refund
from marketplace.payments.alipay.bill import LineKind, Movement, TradeLine, read_trade_bill
from marketplace.payments.connect.models import Payout, SellerAccount
from marketplace.payments.connect.payouts import return_payout
from marketplace.payments.flows import refund_now
from marketplace.payments.models import PaymentIntent, SellerTransfer
from marketplace.payments.port import Answer, Verdict
from marketplace.payments.port_out import DayBill
from marketplace.payments.queries import open_cases
from marketplace.payments.reconcile.actions import bill_for, keep_bill
from marketplace.payments.reconcile.flows import reconcile
from marketplace.payments.reconcile.judging import Judge
from marketplace.payments.reconcile.models import Bill, BillLine
from marketplace.payments.reconcile.queries import Ours, lines_of
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_paid_payment, use_fake_gateway
from tests.make.sellers import make_account, make_owed, make_payout

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 11, 21), date(2026, 11, 22)
_number = itertools.count(1)


@pytest.fixture
def noon() -> Iterator[FrozenClock]:
    frozen = FrozenClock(NOW)
    with the_clock.reading(frozen):
        yield frozen


@pytest.fixture
def gateway(app: Flask, noon: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def bought(gateway: FakeGateway, *, amount_fen: int = 10_000) -> PaymentIntent:
    return make_paid_payment(gateway=gateway, amount_fen=amount_fen)


def moved(out_trade_no: str, amount_fen: int, words: str, number: str | None = None) -> Movement:
    """A line of the balance sheet."""
    if number is None:
        number = f"N{next(_number):05d}"
    return Movement(number, "B", out_trade_no, NOW, amount_fen, 0, words, "")


def traded(out_trade_no: str, amount_fen: int) -> TradeLine:
    """A payment in the trade sheet."""
    kind = LineKind.payment
    return TradeLine("T", out_trade_no, kind, kind.value, "", amount_fen, amount_fen, 0, NOW)


def held(gateway: FakeGateway, trades: Sequence[TradeLine], moves: Sequence[Movement]) -> Bill:
    """Hold a bill with these lines against our books."""
    gateway.day_bill = lambda day: DayBill(tuple(trades), tuple(moves))  # type: ignore[method-assign]
    bill = reconcile(gateway.app_id, False, TODAY, again=True)
    assert bill is not None
    assert list(all_faults()) == []
    return bill


def kinds() -> list[str]:
    return sorted(case.kind for case in open_cases())


def balance(code: str) -> int:
    return balance_fen(code, livemode=False)


def test_a_strangers_payment_in_the_balance_alone_becomes_a_case(
    gateway: FakeGateway, noon: FrozenClock
) -> None:
    own = f"{bought(gateway).id}_1"
    noon.move(days=1)
    sheets = [traded(own, 10_000)], [moved(own, 10_000, "交易付款"), moved("stranger", 500, "交易付款", "N1")]

    assert held(gateway, *sheets).state == "differs"
    assert kinds() == ["bill_theirs_only"]
    held(gateway, *sheets)
    assert kinds() == ["bill_theirs_only"]
    assert (balance("alipay_clearing"), balance("suspense")) == (10_500, 500)


def test_a_refund_whose_trade_line_is_another_days_is_booked_once(
    gateway: FakeGateway, noon: FrozenClock
) -> None:
    payment = bought(gateway)
    with transaction():
        refunds = [request_refund(payment.id, 1_000).id for _twice in range(2)]
    for refund_id in refunds:
        refund_now(refund_id)
    noon.move(days=1)
    own = f"{payment.id}_1"
    back = [moved(own, -1_000, "交易退款") for _twice in range(2)]
    bill = held(gateway, [traded(own, 10_000)], [moved(own, 10_000, "交易付款"), *back])

    assert (bill.state, kinds()) == ("done", [])
    assert bill.moved_fen == bill.booked_fen == balance("alipay_clearing") == 8_000
    third = held(
        gateway,
        [traded(own, 10_000)],
        [moved(own, 10_000, "交易付款"), *back, moved(own, -1_000, "交易退款")],
    )
    assert third.state == "differs" and kinds() == ["bill_theirs_only"]


def test_a_payout_that_comes_back_is_owed_again(gateway: FakeGateway, noon: FrozenClock) -> None:
    make_owed()
    payout = make_payout(account=make_account(), amount_fen=5_000)
    run_due()
    noon.move(days=1)
    moves = [moved(payout.id, -5_000, "转账"), moved(payout.id, 5_000, "转账退回")]
    for _twice in range(2):
        bill = held(gateway, [], moves)
    db.session.refresh(payout)

    assert (payout.status, payout.failure, payout.is_returned) == ("failed", "转账退回", True)
    assert (bill.state, bill.booked_fen, kinds()) == ("done", 0, ["payout_returned"])
    assert (balance("alipay_clearing"), balance("payout_in_flight")) == (0, 0)
    assert balance(f"seller_payable:{payout.seller}") == 9_700
    with transaction():
        return_payout(payout.id, "again")
    assert balance(f"seller_payable:{payout.seller}") == 9_700


def called_failed(account: SellerAccount, gateway: FakeGateway) -> Payout:
    """A payout that Alipay refuses, by what we hear."""
    gateway.payout_answers.append(Answer(Verdict.refused, "PAYEE_NOT_EXIST"))
    payout = make_payout(account=account, amount_fen=5_000)
    run_due()
    db.session.refresh(payout)
    assert payout.status == "failed" and kinds() == ["payout_failed"]
    return payout


def test_money_that_left_for_a_payout_called_failed_is_a_difference(
    gateway: FakeGateway, noon: FrozenClock
) -> None:
    make_owed()
    payout = called_failed(make_account(), gateway)
    noon.move(days=1)
    for _twice in range(2):
        bill = held(gateway, [], [moved(payout.id, -5_000, "转账", "N1")])

        assert [line.verdict for line in lines_of(bill.id)] == ["state_differs"]
        assert (bill.state, kinds()) == ("differs", ["bill_state", "payout_failed"])
        # The books follow Alipay's balance, and the seller is still owed it: a person has to say what is true.
        assert (bill.moved_fen, bill.booked_fen, balance("alipay_clearing")) == (-5_000, -5_000, -5_000)
        assert (balance("suspense"), balance(f"seller_payable:{payout.seller}")) == (-5_000, 9_700)


def test_a_failed_payout_whose_money_came_back_the_same_day_is_clean(
    gateway: FakeGateway, noon: FrozenClock
) -> None:
    make_owed()
    payout = called_failed(make_account(), gateway)
    noon.move(days=1)
    for _twice in range(2):
        bill = held(gateway, [], [moved(payout.id, -5_000, "转账"), moved(payout.id, 5_000, "转账退回")])

        assert (bill.state, kinds()) == ("done", ["payout_failed"])
        assert (balance("alipay_clearing"), balance("suspense")) == (0, 0)


@pytest.mark.parametrize("is_newest_first", [True, False])
def test_a_payout_that_failed_the_next_day_is_clean_when_that_days_bill_brings_it_back(
    gateway: FakeGateway, noon: FrozenClock, is_newest_first: bool
) -> None:
    bills = held_of_failed_the_next_day(gateway, noon, back_fen=[5_000], is_newest_first=is_newest_first)

    assert (bills, kinds()) == (["done", "done"], ["payout_failed"])
    assert (balance("alipay_clearing"), balance("suspense")) == (0, 0)


@pytest.mark.parametrize("is_newest_first", [True, False])
def test_a_payout_that_failed_the_next_day_differs_when_that_days_bill_does_not_bring_it_back(
    gateway: FakeGateway, noon: FrozenClock, is_newest_first: bool
) -> None:
    bills = held_of_failed_the_next_day(gateway, noon, back_fen=[], is_newest_first=is_newest_first)

    assert (bills, kinds()) == (["differs", "done"], ["bill_state", "payout_failed"])
    assert (balance("alipay_clearing"), balance("suspense")) == (-5_000, -5_000)


def test_what_was_set_aside_for_a_failed_payout_is_made_up_for_by_its_coming_back(
    gateway: FakeGateway, noon: FrozenClock
) -> None:
    make_owed()
    payout = called_failed(make_account(), gateway)
    noon.move(days=4)
    sheets = {TODAY: [moved(payout.id, -5_000, "转账", "N1")], TOMORROW: []}
    held_by_days(gateway, sheets, [*sheets])
    assert balance("suspense") == -5_000
    sheets[TOMORROW] = [moved(payout.id, 5_000, "转账退回", "N2")]

    for days in ([TOMORROW], [TODAY], [TODAY, TOMORROW], [TOMORROW, TODAY]):
        bills = held_by_days(gateway, sheets, days)
        assert (balance("alipay_clearing"), balance("suspense")) == (0, 0)
    assert bills == ["done", "done"]
    assert kinds() == ["bill_state", "payout_failed"]  # a person closes it


def held_of_failed_the_next_day(
    gateway: FakeGateway, noon: FrozenClock, *, back_fen: Sequence[int], is_newest_first: bool
) -> list[str]:
    """Let money leave on one day and the payout fail on the next, whose bill brings *back_fen* back; hold both days' bills."""
    make_owed()
    noon.move(days=1)
    payout = called_failed(make_account(), gateway)
    noon.move(days=1)
    sheets = {
        TODAY: [moved(payout.id, -5_000, "转账")],
        TOMORROW: [moved(payout.id, fen, "转账退回") for fen in back_fen],
    }
    return held_by_days(gateway, sheets, sorted(sheets, reverse=is_newest_first))


def held_by_days(gateway: FakeGateway, sheets: dict[date, list[Movement]], days: Sequence[date]) -> list[str]:
    """Hold the bills of several days against our books in this order; return what they came to, the oldest first."""
    sums = itertools.accumulate(line.amount_fen for day in sorted(sheets) for line in sheets[day])
    told = {
        day: tuple(replace(line, balance_fen=next(sums)) for line in sheets[day]) for day in sorted(sheets)
    }
    gateway.day_bill = lambda day: DayBill((), told[day])  # type: ignore[method-assign]
    for day in days:
        assert reconcile(gateway.app_id, False, day, again=True) is not None
        assert list(all_faults()) == []
    fresh = select(Bill).order_by(Bill.day).execution_options(populate_existing=True)
    return [bill.state for bill in db.session.scalars(fresh)]


def test_two_fees_without_numbers_are_two_fees(gateway: FakeGateway, noon: FrozenClock) -> None:
    own = f"{bought(gateway).id}_1"
    noon.move(days=1)
    fees = [moved(own, -60, "收费", ""), moved("", -70, "收费", ""), moved("", -70, "收费", "")]
    for _twice in range(2):
        bill = held(gateway, [traded(own, 10_000)], [moved(own, 10_000, "交易付款", ""), *fees])
        assert (bill.state, bill.booked_fen, bill.fee_fen) == ("done", 9_800, 200)
        assert (balance("alipay_fee"), balance("alipay_clearing")) == (200, 9_800)


def test_a_corrected_bill_corrects_the_books(gateway: FakeGateway, noon: FrozenClock) -> None:
    own = f"{bought(gateway).id}_1"
    noon.move(days=1)
    paid = moved(own, 10_000, "交易付款", "M1")
    for fee_fen in (60, 55, 60, 0, 55):
        fees = [moved(own, -fee_fen, "收费", "M2")] if fee_fen else []
        bill = held(gateway, [traded(own, 10_000)], [paid, *fees])
        assert (bill.state, bill.booked_fen) == ("done", 10_000 - fee_fen)
        assert (balance("alipay_fee"), balance("alipay_clearing")) == (fee_fen, 10_000 - fee_fen)
    held(gateway, [traded(own, 10_000)], [paid, moved("", -55, "提现", "M2")])
    assert (balance("alipay_fee"), balance("bank")) == (0, 55)
    held(gateway, [traded(own, 10_000)], [paid, moved("", -55, "红包", "M2")])
    assert (balance("bank"), balance("suspense"), balance("alipay_clearing")) == (0, -55, 9_945)


def test_a_line_of_blanks_in_a_bill_is_no_line() -> None:
    head = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,订单金额（元）,商家实收（元）,服务费（元）,退款批次号/请求号,备注"
    row = "2026\t,pi_a_1\t,交易\t,橘,2026-11-21 12:00:00,2026-11-21 12:00:05,1.00,1.00,0.00,\t,"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a_业务明细.csv", "\r\n".join(["#x", head, row, " , ,\t", "   "]).encode("gbk"))

    assert [line.amount_fen for line in read_trade_bill(made.getvalue())] == [100]


def test_a_share_is_held_against_what_was_shared() -> None:
    release = SellerTransfer(id="tr_1", gross_fen=10_000, net_fen=9_700, intent_id="pi_1")
    line = BillLine(
        sheet="balance", out_trade_no="pi_1_1", kind_words="分账", amount_fen=270, out_request_no=""
    )
    after_refund = Judge(Ours(shares={"pi_1_1": release}, shared_fen={"tr_1": 270}))
    asked_for = Judge(Ours(shares={"pi_1_1": release}))

    assert after_refund(line).verdict == "matched"
    assert asked_for(line).verdict == "amount_differs"


@pytest.mark.parametrize("is_on_bill", [True, False])
@pytest.mark.parametrize("is_newest_first", [True, False])
def test_what_happened_near_midnight_is_looked_for_by_the_later_of_two_bills(
    gateway: FakeGateway, noon: FrozenClock, is_on_bill: bool, is_newest_first: bool
) -> None:
    noon.at = datetime(2026, 11, 21, 15, 55, tzinfo=UTC)  # five minutes before midnight in China
    own = f"{bought(gateway).id}_1"
    noon.move(days=2)
    full = DayBill((traded(own, 10_000),), (moved(own, 10_000, "交易付款"),))
    sheets = {TODAY: full if is_on_bill else DayBill((), ()), TOMORROW: DayBill((), ())}
    gateway.day_bill = lambda day: sheets[day]  # type: ignore[method-assign]

    days = sorted(sheets, reverse=is_newest_first)
    bills = [reconcile(gateway.app_id, False, day) for day in days]

    assert [bill.state for bill in bills if bill is not None] == ["done", "done" if is_on_bill else "differs"]
    assert kinds() == ([] if is_on_bill else ["bill_ours_only"])


def test_a_bill_that_is_fetched_anew_meanwhile_is_left_to_who_fetched_it(
    gateway: FakeGateway, noon: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"{bought(gateway).id}_1"
    noon.move(days=1)
    told = DayBill((traded(own, 10_000),), (moved(own, 10_000, "交易付款"), moved(own, -60, "收费")))
    gateway.day_bill = lambda day: told  # type: ignore[method-assign]

    def another_fetches(bill_id: int) -> None:
        with transaction():
            bill_for(gateway.app_id, False, TODAY).tries += 1
        with transaction():
            keep_bill(bill_id, 2, told)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("marketplace.payments.reconcile.flows._ask_about_differences", another_fetches)
        first = reconcile(gateway.app_id, False, TODAY)
    assert first is not None and first.state == "fetched" and kinds() == []

    assert held(gateway, told.trades, told.movements).state == "done"
    assert kinds() == [] and balance("alipay_clearing") == 9_940
