"""From the signed address through the cashier to the notification, over real HTTP."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Response

from marketplace.payments.alipay.client import AlipayClient, RefundRequest
from marketplace.payments.alipay.config import read_merchant_file
from marketplace.payments.alipay.notifications import (
    Fault,
    Notification,
    Recipient,
    Refused,
    StoredAttempt,
    TradeStatus,
    read_notification,
)
from marketplace.payments.alipay.outcomes import DefinitelyNot, Done
from marketplace.payments.local_gateway import start
from tests.marketplace.payments.buying import make_purchase, open_cashier, pay
from tests.marketplace.payments.listening_shop import ListeningShop


def judged(alipay: AlipayClient, fields: dict[str, str], amount_fen: int) -> Notification | Refused:
    config = alipay.config
    attempt = StoredAttempt(fields["out_trade_no"], config.app_id, False, amount_fen)
    recipient = Recipient(config.app_id, config.seller_id, False, alipay.keyring.alipay)
    return read_notification(fields, lambda number: attempt, lambda app_id, live: recipient)


def test_a_payment_is_queried_notified_and_sends_the_browser_back(
    alipay: AlipayClient, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)

    answer = pay(alipay, purchase, return_url=f"{shop.url}/back?order=7")

    assert answer.status_code == 303
    back = urlsplit(answer.headers["Location"])
    assert answer.headers["Location"].startswith(f"{shop.url}/back?order=7&")
    assert parse_qs(back.query)["out_trade_no"] == [purchase.out_trade_no]
    told = alipay.query(purchase.out_trade_no)
    assert isinstance(told, Done)
    assert told.answer["trade_status"] == "TRADE_SUCCESS"
    assert told.answer["total_amount"] == "12.30"
    notification = judged(alipay, shop.wait_for(1)[0], 1230)
    assert isinstance(notification, Notification)
    assert notification.is_paid
    assert notification.trade_no == told.answer["trade_no"]
    refused = judged(alipay, shop.received[0], 1231)
    assert isinstance(refused, Refused)
    assert refused.fault is Fault.wrong_amount
    assert refused.is_authentic


def test_before_the_cashier_is_opened_there_is_no_trade_to_query_or_close(alipay: AlipayClient) -> None:
    number = make_purchase().out_trade_no

    for told in (alipay.query(number), alipay.close(number)):
        assert isinstance(told, DefinitelyNot)
        assert told.sub_code == "ACQ.TRADE_NOT_EXIST"


def test_a_close_that_found_no_trade_does_not_stop_the_payment(alipay: AlipayClient) -> None:
    purchase = make_purchase()
    assert isinstance(alipay.close(purchase.out_trade_no), DefinitelyNot)

    pay(alipay, purchase)

    told = alipay.query(purchase.out_trade_no)
    assert isinstance(told, Done)
    assert told.answer["trade_status"] == "TRADE_SUCCESS"


def test_a_closed_trade_can_neither_be_paid_nor_closed_again(
    alipay: AlipayClient, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)
    page = open_cashier(alipay, purchase)
    assert isinstance(alipay.close(purchase.out_trade_no), Done)

    assert requests.post(page.url, timeout=10).status_code == 400
    again = alipay.close(purchase.out_trade_no)
    assert isinstance(again, DefinitelyNot)
    assert again.sub_code == "ACQ.TRADE_STATUS_ERROR"
    closed = judged(alipay, shop.wait_for(1)[0], 1230)
    assert isinstance(closed, Notification)
    assert closed.trade_status is TradeStatus.closed
    assert not closed.is_paid


def test_refunds_in_parts_notify_success_again_and_the_last_one_closes(
    alipay: AlipayClient, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)
    pay(alipay, purchase)

    first = alipay.refund(RefundRequest(purchase.out_trade_no, "re_1", 230))
    again = alipay.refund(RefundRequest(purchase.out_trade_no, "re_1", 230))
    too_much = alipay.refund(RefundRequest(purchase.out_trade_no, "re_2", 1001))
    rest = alipay.refund(RefundRequest(purchase.out_trade_no, "re_3", 1000))

    assert isinstance(first, Done)
    assert (first.answer["fund_change"], first.answer["refund_fee"]) == ("Y", "2.30")
    assert isinstance(again, Done)
    assert (again.answer["fund_change"], again.answer["refund_fee"]) == ("N", "2.30")
    assert isinstance(too_much, DefinitelyNot)
    assert isinstance(rest, Done)
    assert (rest.answer["refund_fee"], rest.answer["send_back_fee"]) == ("12.30", "10.00")
    partial, whole = [judged(alipay, fields, 1230) for fields in shop.wait_for(3)[1:]]
    assert isinstance(partial, Notification)
    assert isinstance(whole, Notification)
    assert (partial.trade_status, partial.refunded_fen) == (TradeStatus.success, 230)
    assert (whole.trade_status, whole.refunded_fen) == (TradeStatus.closed, 1230)
    assert whole.is_paid


def test_a_refund_query_is_empty_for_a_refund_that_never_was(alipay: AlipayClient) -> None:
    purchase = make_purchase()
    pay(alipay, purchase)

    told = alipay.refund_query(purchase.out_trade_no, "re_never")

    assert isinstance(told, Done)
    assert "refund_status" not in told.answer


def test_a_notification_is_repeated_with_the_same_id_until_the_shop_says_success(
    alipay: AlipayClient, shop: ListeningShop
) -> None:
    words = {1: Response("fail"), 2: Response("success\n"), 3: Response("success", 500)}
    shop.answers = lambda number: words.get(number, Response("success"))

    pay(alipay, make_purchase(notify_url=shop.notify_url))

    received = shop.wait_for(4)
    assert len({fields["notify_id"] for fields in received}) == 1


def test_trades_and_keys_survive_a_restart(tmp_path: Path) -> None:
    first = start(tmp_path)
    purchase = make_purchase()
    before = AlipayClient(read_merchant_file(first.merchant_file))
    pay(before, purchase)
    first.stop()

    second = start(tmp_path)
    try:
        after = AlipayClient(read_merchant_file(second.merchant_file))
        told = after.query(purchase.out_trade_no)
    finally:
        second.stop()

    assert isinstance(told, Done)
    assert told.answer["trade_status"] == "TRADE_SUCCESS"
    assert after.keyring.alipay_cert_sn == before.keyring.alipay_cert_sn
