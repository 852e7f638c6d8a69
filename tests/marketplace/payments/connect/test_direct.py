"""Mode A at a running gateway: Alipay holds a sub-merchant's money, settles it when we confirm, and we take our share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from flask import Flask

from commons import clock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.fulfilment.actions import account_for
from marketplace.ledger.proofs import all_faults
from marketplace.ledger.queries import balance_fen
from marketplace.orders.moves import hand_over, pack
from marketplace.orders.rules import Way
from marketplace.payments.actions import PaymentAsk, open_intent, release_to_seller, request_refund
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay_driver import AlipayGateway
from marketplace.payments.connect.actions import NewAccount, open_account, settle_directly
from marketplace.payments.connect.direct_flows import confirm_now, share_now
from marketplace.payments.connect.errors import DirectIsWhole, PayoutsBlocked, ShareAboveCap, SharingRefused
from marketplace.payments.connect.flows import settle_directly_from_now
from marketplace.payments.connect.models import SellerAccount
from marketplace.payments.connect.reversals import reverse_transfer
from marketplace.payments.flows import ask_now, refund_now
from marketplace.payments.models import PaymentIntent, SellerTransfer
from marketplace.payments.opening import cashier_address
from marketplace.payments.queries import open_cases, refunds_of
from marketplace.payments.reconcile.flows import reconcile
from marketplace.payments.rules import Product
from marketplace.payments.terms_actions import set_terms
from marketplace.payments.trail import ops_of
from tests.make.orders import make_order
from tests.make.produce import make_product, make_seller
from tests.make.sellers import make_payout
from tests.marketplace.payments.gateway_control import GatewayControl


@pytest.fixture
def gateway(app: Flask, merchant: AlipayConfig, control: GatewayControl) -> Iterator[AlipayGateway]:
    """The running gateway at noon in China, our clock with it."""
    made = AlipayGateway(AlipayClient(merchant), livemode=False)
    app.extensions["payment_gateways"].fixed[:] = [made]
    here = clock.to_beijing(datetime.now(UTC))
    ahead = here.replace(hour=12, minute=0) + timedelta(days=1) - here
    control.advance(ahead.total_seconds())
    days = [ahead]
    with clock.reading(lambda: datetime.now(UTC) + days[0]):
        made.days = days  # type: ignore[attr-defined]
        yield made


def next_day(gateway: AlipayGateway, control: GatewayControl) -> None:
    gateway.days[0] += timedelta(days=1)  # type: ignore[attr-defined]
    control.advance(86_400)


@pytest.fixture
def seller(gateway: AlipayGateway) -> SellerAccount:
    with transaction():
        account = open_account(NewAccount(seller="7", name="谷子喂的鸡", area="420923105207"))
    settle_directly_from_now(account.id, "2088000000000077")
    return account


def bought(seller: SellerAccount, control: GatewayControl, amount_fen: int = 10_000) -> PaymentIntent:
    with transaction():
        ends = clock.now() + timedelta(minutes=15)
        intent = open_intent(PaymentAsk(amount_fen, "alipay", "蜜橘一箱", ends, "order:1", account=seller.id))
    assert requests.get(cashier_address(intent.id, Product.wap), timeout=10).status_code == 200
    control.trade(f"{intent.id}_1", "pay")
    ask_now(f"{intent.id}_1")
    return intent


def released(intent: PaymentIntent, fen: int) -> SellerTransfer:
    with transaction():
        return release_to_seller(intent.id, "7", fen, "order:1:7")


def books() -> tuple[int, int, int, int]:
    codes = ("direct_clearing", "alipay_clearing", "seller_payable:7", "platform_fee")
    return tuple(balance_fen(code, livemode=False) for code in codes)  # type: ignore[return-value]


def trade(control: GatewayControl, intent: PaymentIntent) -> dict[str, int]:
    return next(each for each in control.state()["trades"] if each["out_trade_no"] == f"{intent.id}_1")


def give_back(intent: PaymentIntent, fen: int) -> None:
    with transaction():
        refund = request_refund(intent.id, fen)
    refund_now(refund.id)


def test_money_is_held_confirmed_and_shared_and_nothing_is_left_over(
    gateway: AlipayGateway, control: GatewayControl, seller: SellerAccount
) -> None:
    day = clock.today()
    intent = bought(seller, control)
    assert trade(control, intent)["is_direct_pay"] == 1
    assert books() == (10_000, 0, 0, 0)
    give_back(intent, 1_000)
    with pytest.raises(DirectIsWhole):
        released(intent, 8_000)
    transfer = released(intent, 9_000)
    assert books() == (9_000, 0, 8_730, 270)
    with pytest.raises(PayoutsBlocked):
        make_payout(account=seller, amount_fen=100)
    control.fault("drop_after", method="alipay.trade.settle.confirm")
    control.fault("drop_after", method="alipay.trade.order.settle")

    for _ in range(3):
        confirm_now(transfer.id)
        share_now(transfer.id)

    with pytest.raises(DirectIsWhole), transaction():
        reverse_transfer(transfer.id, 100)
    assert (trade(control, intent)["settled_fen"], trade(control, intent)["shared_fen"]) == (9_000, 270)
    assert books() == (0, 270, 0, 270)
    assert [case.kind for case in open_cases()] == [] and list(all_faults()) == []
    next_day(gateway, control)
    bill = reconcile(gateway.app_id, False, day)
    assert bill is not None and bill.state == "done" and bill.moved_fen == bill.booked_fen == 270


def test_a_refund_after_settlement_takes_back_from_both(
    gateway: AlipayGateway, control: GatewayControl, seller: SellerAccount
) -> None:
    day = clock.today()
    intent = bought(seller, control)
    transfer = released(intent, 10_000)
    run_due()
    assert books() == (0, 300, 0, 300)

    give_back(intent, 5_000)

    assert books() == (0, 150, 0, 150)
    give_back(intent, 5_000)
    assert books() == (0, 0, 0, 0)
    assert {refund.status for refund in refunds_of(intent.id)} == {"succeeded"}
    assert trade(control, intent)["shared_fen"] == 0 and transfer.gross_fen == 10_000
    assert balance_fen("refund_in_flight", livemode=False) == 0 and list(all_faults()) == []
    next_day(gateway, control)
    bill = reconcile(gateway.app_id, False, day)
    assert bill is not None and bill.state == "done" and bill.moved_fen == bill.booked_fen == 0


def test_a_refund_between_release_and_confirmation_is_waited_for(
    gateway: AlipayGateway, control: GatewayControl, seller: SellerAccount
) -> None:
    intent = bought(seller, control)
    transfer = released(intent, 10_000)
    with transaction():
        refund = request_refund(intent.id, 2_000)
    confirm_now(transfer.id)
    assert "a refund is under way" in {op.last_words for op in ops_of(intent.id)}
    assert trade(control, intent)["settled_fen"] == 0
    refund_now(refund.id)
    confirm_now(transfer.id)
    share_now(transfer.id)

    assert (trade(control, intent)["settled_fen"], trade(control, intent)["shared_fen"]) == (8_000, 240)
    assert books() == (0, 240, 0, 240) and list(all_faults()) == []


def test_an_order_of_one_sub_merchant_is_theirs_from_the_shop_to_the_settlement(
    gateway: AlipayGateway, control: GatewayControl
) -> None:
    with transaction():
        seller = make_seller(public_name="谷子喂的鸡")
        product = make_product(seller=seller)
        account = account_for(seller)
    settle_directly_from_now(account.id, "2088000000000077")
    order = make_order(product=product, quantity=2)
    parcel = make_order(product=product, quantity=1, way=Way.delivery)
    assert db.session.get(PaymentIntent, order.payment_id).account == account.id  # type: ignore[union-attr]
    assert db.session.get(PaymentIntent, parcel.payment_id).account == ""  # type: ignore[union-attr]
    number, code, fen, paid_by = order.number, order.pickup_code, order.total_fen, order.payment_id
    assert requests.get(cashier_address(paid_by, Product.wap), timeout=10).status_code == 200
    control.trade(f"{paid_by}_1", "pay")
    ask_now(f"{paid_by}_1")
    run_due()
    with transaction():
        pack(number, {seller.id})
        hand_over(number, code)
    next_day(gateway, control)
    gateway.days[0] += timedelta(hours=1)  # type: ignore[attr-defined]
    for _ in range(3):
        run_due()

    paid = next(each for each in control.state()["trades"] if each["out_trade_no"] == f"{paid_by}_1")
    assert (paid["is_direct_pay"], paid["settled_fen"]) == (1, fen)
    assert paid["shared_fen"] == fen * 3 // 100 == balance_fen("alipay_clearing", livemode=False)
    assert (
        balance_fen(f"seller_payable:{seller.id}", livemode=False)
        == balance_fen("direct_clearing", livemode=False)
        == 0
    )
    assert open_cases() == [] and list(all_faults()) == []


def test_a_share_that_the_cap_cannot_pay_is_refused_at_set_up(
    gateway: AlipayGateway, control: GatewayControl
) -> None:
    with transaction():
        account = open_account(NewAccount(seller="8", area="420923105207"))
        set_terms("420923", share_points=3_001, offline_limit_fen=100)
    with pytest.raises(ShareAboveCap, match="30.01"):
        settle_directly_from_now(account.id, "2088000000000088")
    with transaction():
        set_terms("420923", share_points=3_000, offline_limit_fen=100)
    control.fault(
        "refuse", method="alipay.trade.royalty.relation.bind", sub_code="isv.insufficient-isv-permissions"
    )
    with pytest.raises(SharingRefused):
        settle_directly_from_now(account.id, "2088000000000088")
    db.session.expire_all()
    assert db.session.get(SellerAccount, account.id).settlement == "coop"  # type: ignore[union-attr]
    with transaction():
        settle_directly(account.id, "2088000000000088")
    for area in ("420923", "420923105207"):
        with pytest.raises(ShareAboveCap), transaction():
            set_terms(area, share_points=5_000, offline_limit_fen=100)
    with transaction():
        set_terms("429005", share_points=5_000, offline_limit_fen=100)


def test_a_refund_waits_for_a_confirmation_whose_answer_was_lost(
    gateway: AlipayGateway, control: GatewayControl, seller: SellerAccount
) -> None:
    intent = bought(seller, control)
    transfer = released(intent, 10_000)
    control.fault("drop_after", method="alipay.trade.settle.confirm")
    confirm_now(transfer.id)

    give_back(intent, 3_000)

    refund = refunds_of(intent.id)[0]
    assert (refund.status, trade(control, intent)["refunded_fen"]) == ("pending", 0)
    assert "a settlement is under way" in {op.last_words for op in ops_of(intent.id)}
    settle_all(transfer, refund.id)
    assert books() == (0, 210, 0, 210) and trade(control, intent)["shared_fen"] == 210
    assert open_cases() == [] and list(all_faults()) == []


def test_a_refund_waits_for_a_share_whose_answer_was_lost_and_takes_it_back(
    gateway: AlipayGateway, control: GatewayControl, seller: SellerAccount
) -> None:
    day = clock.today()
    intent = bought(seller, control)
    transfer = released(intent, 10_000)
    confirm_now(transfer.id)
    control.fault("drop_after", method="alipay.trade.order.settle")
    share_now(transfer.id)

    give_back(intent, 3_000)

    refund = refunds_of(intent.id)[0]
    assert (refund.status, trade(control, intent)["shared_fen"]) == ("pending", 300)
    settle_all(transfer, refund.id)
    assert books() == (0, 210, 0, 210) and trade(control, intent)["shared_fen"] == 210
    next_day(gateway, control)
    bill = reconcile(gateway.app_id, False, day)
    assert bill is not None and bill.moved_fen == bill.booked_fen == 210 and list(all_faults()) == []


def test_a_refund_need_not_wait_for_a_confirmation_that_was_never_sent(
    gateway: AlipayGateway, control: GatewayControl, seller: SellerAccount
) -> None:
    intent = bought(seller, control)
    transfer = released(intent, 10_000)
    control.fault("refuse", method="alipay.trade.settle.confirm", sub_code="isv.insufficient-isv-permissions")
    confirm_now(transfer.id)

    give_back(intent, 3_000)

    refund = refunds_of(intent.id)[0]
    assert refund.status == "succeeded"
    settle_all(transfer, refund.id)
    assert books() == (0, 210, 0, 210) and list(all_faults()) == []


def settle_all(transfer: SellerTransfer, refund_id: str) -> None:
    """Ask again about everything until all of it has its last word."""
    for _ in range(2):
        confirm_now(transfer.id)
        share_now(transfer.id)
        refund_now(refund_id)
    share_now(transfer.id)
    db.session.expire_all()
