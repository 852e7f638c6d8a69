"""The day's bill of a running gateway is held against our books: everything that differs is found, and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from commons import clock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.payments.actions import begin_attempt, release_to_seller, request_refund
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay_driver import AlipayGateway
from marketplace.payments.flows import ask_now, refund_now
from marketplace.payments.local_gateway import RunningGateway
from marketplace.payments.models import Charge, PaymentIntent, Refund
from marketplace.payments.port import PayRequest, TradeReport
from marketplace.payments.queries import main_charge, open_cases, the_payment
from marketplace.payments.reconcile.flows import reconcile
from marketplace.payments.reconcile.jobs import plan_reconciliation
from marketplace.payments.reconcile.models import Bill
from marketplace.payments.reconcile.queries import lines_of
from marketplace.payments.reconcile.rules import last_ready_day
from marketplace.payments.rules import Product, Standing
from marketplace.payments.settle import settle_payment
from tests.make.payments import make_payment
from tests.make.people import make_official, sign_in
from tests.make.sellers import make_account, make_payout
from tests.marketplace.payments.api.checked import program
from tests.marketplace.payments.buying import make_purchase, pay
from tests.marketplace.payments.gateway_control import GatewayControl

DAY = 86_400


class Calendar:
    """Moves our clock and the gateway's together, beginning at noon in China."""

    def __init__(self, control: GatewayControl) -> None:
        self.control = control
        here = clock.to_beijing(datetime.now(UTC))
        noon = here.replace(hour=12, minute=0, second=0) + timedelta(days=1)
        self.ahead = noon - here
        control.advance(self.ahead.total_seconds())

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)
        self.control.advance(seconds)

    @property
    def today(self) -> date:
        return clock.to_beijing(self()).date()


@pytest.fixture
def calendar(control: GatewayControl) -> Iterator[Calendar]:
    days = Calendar(control)
    with clock.reading(days):
        yield days


@pytest.fixture
def gateway(app: Flask, merchant: AlipayConfig) -> AlipayGateway:
    made = AlipayGateway(AlipayClient(merchant), livemode=False)
    app.extensions["payment_gateways"].fixed[:] = [made]
    return made


def bought(
    gateway: AlipayGateway, control: GatewayControl, *, amount_fen: int, hears: bool = True
) -> PaymentIntent:
    """A buyer pays at the gateway; *hears* says whether we come to know of it."""
    payment = make_payment(amount_fen=amount_fen, reference=f"order:{amount_fen}")
    with transaction():
        attempt = begin_attempt(payment.id, Product.wap)
    request = PayRequest(
        attempt.out_trade_no, amount_fen, payment.subject, attempt.time_expire, Product.wap, "", "", ""
    )
    assert requests.get(gateway.pay_address(request), timeout=10).status_code == 200
    control.trade(attempt.out_trade_no, "pay")
    if hears:
        ask_now(attempt.out_trade_no)
    return payment


def given_back(payment: PaymentIntent, amount_fen: int) -> Refund:
    with transaction():
        refund = request_refund(payment.id, amount_fen)
    refund_now(refund.id)
    return refund


def kinds() -> list[str]:
    return sorted(case.kind for case in open_cases())


def clearing() -> int:
    return balance_fen("alipay_clearing", livemode=False)


def reconciled(gateway: AlipayGateway, day: date, *, again: bool = False) -> Bill:
    bill = reconcile(gateway.app_id, False, day, again=again)
    assert bill is not None
    return bill


def test_a_clean_day_matches_to_the_fen(
    gateway: AlipayGateway, control: GatewayControl, calendar: Calendar
) -> None:
    first, day = bought(gateway, control, amount_fen=10_000), calendar.today
    given_back(first, 1_000)
    given_back(first, 1_000)
    with transaction():
        release_to_seller(first.id, "7", 8_000, "order:1:7")
    payout = make_payout(account=make_account(), amount_fen=5_000)
    run_due()
    before = clearing()
    calendar.move(DAY)

    bill = reconciled(gateway, day)

    assert bill.state == "done" and open_cases() == []
    assert bill.counts == {
        "matched": 3, "amount_differs": 0, "ours_only": 0, "theirs_only": 0, "state_differs": 0
    }  # fmt: skip
    # 0.6 of a hundred of 100.00, less what came back with 20.00 of it.
    assert bill.fee_fen == 48 == balance_fen("alipay_fee", livemode=False)
    assert clearing() == before - 48
    assert bill.moved_fen == bill.booked_fen == clearing() == 10_000 - 2_000 - 5_000 - 48
    assert f"-payout:{payout.id}" in {line.posting for line in lines_of(bill.id)}
    assert list(all_faults()) == []
    api, charge = program(), main_charge(first.id)
    assert charge is not None
    entry = api.get(f"/v1/balance_transactions/txn_{charge.id}")
    assert (entry["fee"], entry["net"], entry["status"]) == (60, 9_940, "available")
    back = api.get("/v1/balance_transactions", type="refund")["data"]
    assert [(each["amount"], each["fee"], each["net"]) for each in back] == [(-1_000, -6, -994)] * 2

    reconciled(gateway, day, again=True)
    assert clearing() == before - 48 and open_cases() == []


def test_five_classes_each_make_a_case(
    gateway: AlipayGateway, control: GatewayControl, calendar: Calendar, merchant: AlipayConfig
) -> None:
    day = calendar.today
    bought(gateway, control, amount_fen=100_00)
    unheard = bought(gateway, control, amount_fen=200_00, hears=False)
    short = bought(gateway, control, amount_fen=300_00)
    pending = bought(gateway, control, amount_fen=400_00)
    stranger = make_purchase(amount_fen=55_00, minutes=2 * DAY / 60)
    pay(AlipayClient(merchant), stranger)
    # Theirs says refunded, ours still waits for an answer.
    with transaction():
        refund = request_refund(pending.id, 100)
    gateway.refund(f"{pending.id}_1", refund.id, 100, "")
    # Ours says paid, theirs knows nothing of it; ours says 300.00, and a fen is missing.
    invented = make_payment(amount_fen=600_00, reference="order:invented")
    with transaction():
        lonely = begin_attempt(invented.id, Product.wap)
        settle_payment(TradeReport(lonely.out_trade_no, Standing.paid, 600_00, "T1", paid_at=clock.now()))
        db.session.execute(update(Charge).where(Charge.settles == short.id).values(amount_fen=299_99))
    calendar.move(DAY)

    bill = reconciled(gateway, day)

    assert bill.counts == {
        "matched": 2, "amount_differs": 1, "ours_only": 1, "theirs_only": 2, "state_differs": 1
    }  # fmt: skip
    assert bill.state == "differs"
    assert kinds() == ["bill_amount", "bill_ours_only", "bill_state", "bill_theirs_only", "bill_theirs_only"]
    # Who paid unheard is settled the ordinary way; the stranger's money lies in suspense, so the books agree with Alipay's.
    assert bill.moved_fen == bill.booked_fen
    assert the_payment(unheard.id).status == "succeeded"
    assert db.session.scalar(select(Refund.status).where(Refund.id == refund.id)) == "succeeded"
    assert balance_fen("suspense", livemode=False) == 55_00
    number = len(open_cases())
    reconciled(gateway, day, again=True)
    assert len(open_cases()) == number


def test_what_cannot_be_settled_yet_is_named_and_settled_later(
    gateway: AlipayGateway, control: GatewayControl, calendar: Calendar
) -> None:
    day = calendar.today
    unheard = bought(gateway, control, amount_fen=200_00, hears=False)
    pending = bought(gateway, control, amount_fen=400_00)
    with transaction():
        refund = request_refund(pending.id, 100)
    gateway.refund(f"{pending.id}_1", refund.id, 100, "")
    with transaction():
        db.session.execute(update(Refund).where(Refund.id == refund.id).values(status="failed"))
    calendar.move(DAY)
    control.fault("drop_request", method="alipay.trade.query", times=1)

    bill = reconciled(gateway, day)

    assert bill.state == "differs" and bill.moved_fen != bill.booked_fen
    assert set(kinds()) == {"bill_theirs_only", "bill_state", "bill_total"}
    assert the_payment(unheard.id).status == "requires_action"

    with transaction():
        db.session.execute(update(Refund).where(Refund.id == refund.id).values(status="pending"))
    found = len(open_cases())
    bill = reconciled(gateway, day, again=True)
    assert bill.moved_fen == bill.booked_fen
    assert reconciled(gateway, day, again=True).state == "done"
    assert len(open_cases()) == found  # a case stays until a person has looked at it
    assert the_payment(unheard.id).status == "succeeded"
    assert list(all_faults()) == []


def test_a_late_bill_is_fetched_later_and_an_empty_day_is_empty(
    gateway: AlipayGateway, control: GatewayControl, calendar: Calendar, local_gateway: RunningGateway
) -> None:
    bought(gateway, control, amount_fen=100_00)
    day = calendar.today
    nothing = {"times": 7, "sub_code": "isp.bill_not_exist"}  # of the older days as well
    control.fault("refuse", method="alipay.data.dataservice.bill.downloadurl.query", **nothing)
    calendar.move(DAY - 2 * 3600 + 700)
    plan_reconciliation()
    run_due()
    states: Callable[[], dict[date, str]] = lambda: {  # noqa: E731
        row.day: row.state
        for row in db.session.scalars(select(Bill).execution_options(populate_existing=True))
    }
    assert "waiting" in states().values() and open_cases() == []
    calendar.move(8 * 3600)
    run_due()
    run_due()

    assert states()[day] == "done"
    assert db.session.scalar(select(func.count()).select_from(Bill)) == 7
    assert kinds() == []


def test_a_bill_that_never_comes_becomes_a_case(
    gateway: AlipayGateway, control: GatewayControl, calendar: Calendar
) -> None:
    bought(gateway, control, amount_fen=100_00)
    day = calendar.today
    control.fault("http_502", method="alipay.data.dataservice.bill.downloadurl.query", times=50)
    calendar.move(DAY)
    for _ in range(8):
        bill = reconciled(gateway, day)
        calendar.move(3600)

    assert bill.state == "waiting" and kinds() == ["bill_missing"]


def test_the_desk_and_the_command_show_a_day_and_do_it_again(
    app: Flask, client: FlaskClient, gateway: AlipayGateway, control: GatewayControl, calendar: Calendar
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    unheard, day = bought(gateway, control, amount_fen=200_00, hears=False), calendar.today
    calendar.move(DAY)
    run = app.test_cli_runner().invoke
    first, second = (run(args=["alipay", "reconcile", day.isoformat()]) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (1, 0)
    assert "theirs_only 1" in first.output and "matched 1" in second.output
    with transaction():
        sign_in(client, make_official(role="operator", area=""))
    bill = db.session.scalars(select(Bill)).one()

    assert "只有支付宝有" in client.get("/desk/settlement/bills").text
    page = client.get(f"/desk/settlement/bills/{bill.id}").text
    assert f"{unheard.id}_1" in page and "¥198.80" in page
    client.post(f"/desk/settlement/bills/{bill.id}/again")
    assert "又对了一次" in client.get(f"/desk/settlement/bills/{bill.id}").text
    assert client.get("/desk/settlement/bills/999").status_code == 404
    assert "只有支付宝有" in client.get("/desk/payments").text and kinds() == ["bill_theirs_only"]


@pytest.mark.parametrize(("hour", "minute", "day"), [(9, 59, 20), (10, 0, 21), (23, 59, 21), (0, 0, 20)])
def test_a_bill_is_asked_for_from_ten_in_the_morning(hour: int, minute: int, day: int) -> None:
    now = clock.from_beijing(datetime.fromisoformat(f"2026-11-22T{hour:02}:{minute:02}"))

    assert last_ready_day(now) == date(2026, 11, day)
