"""Sharing, settling, transferring, and the bill that tells of all of it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from marketplace.payments.alipay.amounts import BEIJING, fen_of
from marketplace.payments.alipay.bill import LineKind, read_movement_bill, read_trade_bill
from marketplace.payments.alipay.client import AlipayClient, RefundRequest
from marketplace.payments.alipay.config import AlipayConfig
from marketplace.payments.alipay.notifications import Message, Recipient, read_message
from marketplace.payments.alipay.outcomes import DefinitelyNot, Done, Outcome
from tests.marketplace.payments.buying import make_purchase, pay
from tests.marketplace.payments.gateway_control import GatewayControl
from tests.marketplace.payments.listening_shop import ListeningShop

FARMER = {"identity": "2088900000000024", "identity_type": "ALIPAY_USER_ID", "name": "示例农户"}
RECEIVER = {"type": "userId", "account": "2088900000000032", "memo": "示例分账方"}


def answer_of(told: Outcome) -> dict[str, Any]:
    assert isinstance(told, Done), told
    return dict(told.answer)


def refusal_of(told: Outcome) -> str:
    assert isinstance(told, DefinitelyNot), told
    return told.sub_code


def paid_trade(alipay: AlipayClient, amount_fen: int = 10_000, **more: Any) -> str:
    purchase = replace(make_purchase(amount_fen=amount_fen), more=more)
    pay(alipay, purchase)
    return str(answer_of(alipay.query(purchase.out_trade_no))["trade_no"])


def share(fen: int, account: str = RECEIVER["account"]) -> list[dict[str, str]]:
    amount = f"{fen // 100}.{fen % 100:02d}"
    return [{"royalty_type": "transfer", "trans_in_type": "userId", "trans_in": account, "amount": amount}]


def test_shares_go_to_bound_receivers_and_stop_at_thirty_percent(alipay: AlipayClient) -> None:
    trade_no = paid_trade(alipay)

    assert refusal_of(alipay.settle_order("s0", trade_no, share(100))) == "ACQ.ROYALTY_RECEIVER_INVALID"
    answer_of(alipay.bind_receivers("b1", [RECEIVER]))
    assert answer_of(alipay.bound_receivers("q1"))["receiver_list"] == [RECEIVER]
    first = answer_of(alipay.settle_order("s1", trade_no, share(2000)))
    assert answer_of(alipay.settle_order("s1", trade_no, share(2000))) == first
    assert refusal_of(alipay.settle_order("s1", trade_no, share(2001))) == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert refusal_of(alipay.settle_order("s2", trade_no, share(1001))) == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"
    answer_of(alipay.settle_order("s3", trade_no, share(1000), is_last=True))
    assert refusal_of(alipay.settle_order("s4", trade_no, share(1))) == "ACQ.ILLEGAL_SETTLE_STATE"
    details = answer_of(alipay.settle_order_query("s1", trade_no))["royalty_detail_list"]
    assert [(one["trans_in"], one["amount"], one["state"]) for one in details] == [
        (RECEIVER["account"], "20.00", "SUCCESS")
    ]
    answer_of(alipay.unbind_receivers("b2", [RECEIVER]))
    assert answer_of(alipay.bound_receivers("q2"))["receiver_list"] == []


def test_a_refund_can_take_shares_back_but_not_more_than_was_shared(alipay: AlipayClient) -> None:
    trade_no = paid_trade(alipay)
    out_trade_no = str(answer_of(alipay.ask("alipay.trade.query", {"trade_no": trade_no}))["out_trade_no"])
    answer_of(alipay.bind_receivers("b1", [RECEIVER]))
    answer_of(alipay.settle_order("s1", trade_no, share(2000)))

    def refund(number: str, back: str) -> Outcome:
        shares = [{"trans_out": RECEIVER["account"], "trans_out_type": "userId", "amount": back}]
        more = {"refund_royalty_parameters": shares}
        return alipay.refund(RefundRequest(out_trade_no, number, 5000, more=more))

    assert refusal_of(refund("re_1", "20.01")) == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"
    assert answer_of(refund("re_2", "20.00"))["fund_change"] == "Y"
    assert refusal_of(refund("re_3", "0.01")) == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"


def test_direct_pay_money_is_the_sub_merchants_and_is_let_go_once(alipay: AlipayClient) -> None:
    before = answer_of(alipay.balance())["available_amount"]
    trade_no = paid_trade(alipay, sub_merchant={"merchant_id": "2088900000000040"})

    assert answer_of(alipay.balance())["available_amount"] == before
    assert refusal_of(alipay.confirm_settlement("c1", trade_no, 9999)) == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"
    first = answer_of(alipay.confirm_settlement("c1", trade_no, 10_000))
    assert answer_of(alipay.confirm_settlement("c1", trade_no, 10_000))["trade_no"] == first["trade_no"]
    assert refusal_of(alipay.confirm_settlement("c2", trade_no, 10_000)) == "ACQ.TRADE_SETTLE_ERROR"
    ordinary = paid_trade(alipay)
    assert refusal_of(alipay.confirm_settlement("c3", ordinary, 10_000)) == "ACQ.TRADE_SETTLE_ERROR"


def test_a_transfer_needs_certificates(merchant: AlipayConfig, control: GatewayControl) -> None:
    by_key = replace(merchant, app_certificate="", alipay_certificate="", alipay_root_certificate="")

    told = AlipayClient(by_key).transfer("po_1", 1000, "货款", FARMER)

    assert refusal_of(told) == "isv.missing-app-cert-sn"
    assert isinstance(told, DefinitelyNot)
    assert told.is_configuration


def test_a_transfer_happens_once_per_number_and_leaves_the_balance(alipay: AlipayClient) -> None:
    before = fen_of(answer_of(alipay.balance())["available_amount"])

    first = answer_of(alipay.transfer("po_1", 1000, "货款", FARMER))
    again = answer_of(alipay.transfer("po_1", 1000, "货款", FARMER))

    assert first["status"] == again["status"] == "SUCCESS"
    assert first["order_id"] == again["order_id"]
    assert fen_of(answer_of(alipay.balance())["available_amount"]) == before - 1000
    assert answer_of(alipay.transfer_query("po_1"))["trans_amount"] == "10.00"
    assert refusal_of(alipay.transfer_query("po_none")) == "ORDER_NOT_EXIST"
    assert refusal_of(alipay.transfer("po_1", 1001, "货款", FARMER)) == "PAYMENT_INFO_INCONSISTENCY"


def test_transfers_are_refused_by_the_published_names(alipay: AlipayClient) -> None:
    nobody = FARMER | {"identity": "nobody@local.example", "identity_type": "ALIPAY_LOGON_ID"}

    assert refusal_of(alipay.transfer("po_2", 9, "货款", FARMER)) == "EXCEED_LIMIT_SM_MIN_AMOUNT"
    assert refusal_of(alipay.transfer("po_3", 1000, "货款", nobody)) == "PAYEE_NOT_EXIST"
    assert (
        refusal_of(alipay.transfer("po_4", 1000, "货款", FARMER | {"name": "查无此人"}))
        == "PAYEE_USER_INFO_ERROR"
    )
    assert refusal_of(alipay.transfer("po_5", 99_999_999, "货款", FARMER)) == "PAYER_BALANCE_NOT_ENOUGH"


def test_a_waiting_transfer_that_fails_gives_the_money_back_and_says_so(
    alipay: AlipayClient, control: GatewayControl, shop: ListeningShop
) -> None:
    control.post("settings", transfers_wait=True, application_url=shop.notify_url)
    before = answer_of(alipay.balance())["available_amount"]

    assert answer_of(alipay.transfer("po_1", 1000, "货款", FARMER))["status"] == "DEALING"
    control.post("transfers/po_1/fail")

    told = answer_of(alipay.transfer_query("po_1"))
    assert (told["status"], told["error_code"]) == ("FAIL", "PAYEE_ACCOUNT_STATUS_ERROR")
    assert answer_of(alipay.balance())["available_amount"] == before
    config = alipay.config
    recipient = Recipient(config.app_id, config.seller_id, False, alipay.keyring.alipay)
    message = read_message(shop.wait_for(1)[0], lambda app_id, live: recipient)
    assert isinstance(message, Message)
    assert message.method == "alipay.fund.trans.order.changed"
    assert message.biz["status"] == "FAIL"


def test_the_bill_of_a_day_is_ready_the_next_morning_and_adds_up(
    alipay: AlipayClient, control: GatewayControl
) -> None:
    today = datetime.now(BEIJING)
    purchase = make_purchase(amount_fen=9_999)
    pay(alipay, purchase)
    for number in ("re_1", "re_2"):
        answer_of(alipay.refund(RefundRequest(purchase.out_trade_no, number, 3_333)))
    answer_of(alipay.transfer("po_1", 1000, "货款", FARMER))
    assert refusal_of(alipay.bill("trade", today.date())) == "isp.bill_not_exist"
    tomorrow = datetime.combine(today.date() + timedelta(days=1), datetime.min.time(), BEIJING)
    control.advance((tomorrow + timedelta(hours=10, minutes=1) - today).total_seconds())

    lines = read_trade_bill(answer_of(alipay.bill("trade", today.date()))["zip"])
    movements = read_movement_bill(answer_of(alipay.bill("signcustomer", today.date()))["zip"])

    assert [(line.kind, line.out_request_no, line.amount_fen) for line in lines] == [
        (LineKind.payment, "", 9_999),
        (LineKind.refund, "re_1", -3_333),
        (LineKind.refund, "re_2", -3_333),
    ]
    assert all(line.out_trade_no == purchase.out_trade_no for line in lines)
    assert [line.fee_fen for line in lines] == [-60, 20, 20]
    assert sum(line.amount_fen + line.fee_fen for line in lines) - 1000 == sum(
        one.amount_fen for one in movements
    )
    assert movements[-1].balance_fen == fen_of(answer_of(alipay.balance())["available_amount"])


def test_a_bill_address_dies_after_thirty_seconds(alipay: AlipayClient, control: GatewayControl) -> None:
    yesterday = datetime.now(BEIJING).date() - timedelta(days=1)
    control.advance(12 * 3600)
    url = str(answer_of(alipay.bill_download_url("trade", yesterday))["bill_download_url"])

    assert urlsplit(url).hostname == "127.0.0.1"
    assert requests.get(url, timeout=10).status_code == 200
    control.advance(31)
    assert requests.get(url, timeout=10).status_code == 404
