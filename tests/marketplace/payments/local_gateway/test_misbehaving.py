"""Everything that can go wrong with time and notifications can be ordered, and happens as ordered."""

import json
from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Response

from marketplace.payments.alipay.client import AlipayClient, RefundRequest
from marketplace.payments.alipay.config import AlipayConfig, read_merchant_file
from marketplace.payments.alipay.keys import public_text
from marketplace.payments.alipay.notifications import (
    Fault,
    Recipient,
    Refused,
    StoredAttempt,
    is_authentic,
    read_notification,
)
from marketplace.payments.alipay.outcomes import DefinitelyNot, Done
from marketplace.payments.local_gateway import RunningGateway, create_gateway, start
from marketplace.payments.local_gateway.guard import NotLoopbackError
from tests.marketplace.payments.alipay.stock_client import pkcs8_text
from tests.marketplace.payments.buying import make_purchase, open_cashier, pay
from tests.marketplace.payments.gateway_control import GatewayControl
from tests.marketplace.payments.listening_shop import ListeningShop
from tests.marketplace.payments.webhooks.receiver import Receiver


def status_of(alipay: AlipayClient, out_trade_no: str) -> str:
    told = alipay.query(out_trade_no)
    assert isinstance(told, Done), told
    return str(told.answer["trade_status"])


def test_an_unpaid_trade_expires_at_its_time_and_wap_is_told(
    alipay: AlipayClient, control: GatewayControl, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)
    cashier = open_cashier(alipay, purchase)
    control.advance(15 * 60 + 1)

    assert shop.wait_for(1)[0]["trade_status"] == "TRADE_CLOSED"
    assert status_of(alipay, purchase.out_trade_no) == "TRADE_CLOSED"
    assert "订单已关闭" in requests.get(cashier.url, timeout=10).text
    assert requests.post(cashier.url, timeout=10).status_code == 400
    assert open_cashier(alipay, purchase).status_code == 400


def test_a_cashier_opened_too_late_begins_no_trade(alipay: AlipayClient, control: GatewayControl) -> None:
    purchase = make_purchase(minutes=-1)

    page = open_cashier(alipay, purchase)

    assert page.status_code == 400
    assert "不能付款" in page.text
    assert isinstance(alipay.query(purchase.out_trade_no), DefinitelyNot)


def test_desktop_and_qr_payments_are_not_told_of_their_closing(
    alipay: AlipayClient, control: GatewayControl, shop: ListeningShop
) -> None:
    desktop = make_purchase(notify_url=shop.notify_url)
    requests.get(alipay.page_pay_url(desktop, return_url=""), timeout=10)
    stall = make_purchase(notify_url=shop.notify_url)
    told = alipay.precreate(stall)
    assert isinstance(told, Done)
    assert isinstance(alipay.query(stall.out_trade_no), DefinitelyNot)  # nobody scanned yet
    requests.get(told.answer["qr_code"], timeout=10)

    for purchase in (desktop, stall):
        control.trade(purchase.out_trade_no, "expire")

    assert {status_of(alipay, one.out_trade_no) for one in (desktop, stall)} == {"TRADE_CLOSED"}
    assert control.state()["notifications"] == []


def test_app_strings_and_jsapi_trades_are_paid_like_others(
    alipay: AlipayClient, local_gateway: RunningGateway, control: GatewayControl, shop: ListeningShop
) -> None:
    app = make_purchase(notify_url=shop.notify_url)
    page = requests.get(f"{local_gateway.base_url}/gateway.do?{alipay.app_pay_string(app)}", timeout=10)
    requests.post(page.url, timeout=10)
    inside = make_purchase(notify_url=shop.notify_url)
    assert isinstance(alipay.create(inside, buyer_open_id="someone"), Done)
    assert status_of(alipay, inside.out_trade_no) == "WAIT_BUYER_PAY"
    control.trade(inside.out_trade_no, "pay")

    assert {fields["out_trade_no"] for fields in shop.wait_for(2)} == {app.out_trade_no, inside.out_trade_no}


def test_the_race_of_paying_a_trade_just_closed_can_be_played(
    alipay: AlipayClient, control: GatewayControl, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)
    open_cashier(alipay, purchase)
    assert isinstance(alipay.close(purchase.out_trade_no), Done)

    control.trade(purchase.out_trade_no, "pay", force=True)

    assert status_of(alipay, purchase.out_trade_no) == "TRADE_SUCCESS"
    assert [fields["trade_status"] for fields in shop.wait_for(2)] == ["TRADE_CLOSED", "TRADE_SUCCESS"]


def test_cancelling_closes_what_is_unpaid_and_refunds_what_is_paid(alipay: AlipayClient) -> None:
    unpaid, paid = make_purchase(), make_purchase()
    open_cashier(alipay, unpaid)
    pay(alipay, paid)

    actions = []
    for number in (unpaid.out_trade_no, paid.out_trade_no, "pi_never_1"):
        told = alipay.cancel(number)
        assert isinstance(told, Done)
        actions.append(told.answer.get("action"))

    assert actions == ["close", "refund", None]


def test_a_finished_trade_cannot_be_refunded(alipay: AlipayClient, control: GatewayControl) -> None:
    purchase = make_purchase()
    pay(alipay, purchase)
    control.trade(purchase.out_trade_no, "finish")

    told = alipay.refund(RefundRequest(purchase.out_trade_no, "re_1", 100))

    assert isinstance(told, DefinitelyNot)
    assert told.sub_code == "ACQ.TRADE_HAS_FINISHED"


@pytest.mark.parametrize(
    ("forgery", "fault"),
    [
        ("wrong_amount", Fault.wrong_amount),
        ("wrong_app_id", Fault.wrong_app_id),
        ("wrong_seller_id", Fault.wrong_seller_id),
        ("unknown_trade", Fault.unknown_out_trade_no),
        ("bad_signature", Fault.bad_signature),
    ],
)
def test_each_forgery_is_wrong_in_exactly_its_own_way(
    forgery: str, fault: Fault, alipay: AlipayClient, control: GatewayControl, shop: ListeningShop
) -> None:
    shop.answers = lambda number: Response("fail")
    purchase = make_purchase(notify_url=shop.notify_url)
    open_cashier(alipay, purchase)
    config = alipay.config
    recipient = Recipient(config.app_id, config.seller_id, False, alipay.keyring.alipay)
    attempts = {purchase.out_trade_no: StoredAttempt(purchase.out_trade_no, config.app_id, False, 1230)}

    control.trade(purchase.out_trade_no, "forge", forgery=forgery)

    judgement = read_notification(shop.wait_for(1)[0], attempts.get, lambda app_id, live: recipient)
    assert isinstance(judgement, Refused)
    assert judgement.fault is fault
    assert status_of(alipay, purchase.out_trade_no) == "WAIT_BUYER_PAY"


def test_notifications_can_be_doubled_lost_held_and_swapped(
    alipay: AlipayClient, control: GatewayControl, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)
    number = purchase.out_trade_no
    control.fault("notify_swapped", number=number)
    control.fault("notify_twice", number=number)
    control.fault("notify_lost", number=number)
    control.fault("notify_held", number=number)

    pay(alipay, purchase)
    for refund in ("re_1", "re_2", "re_3"):
        assert isinstance(alipay.refund(RefundRequest(number, refund, 100)), Done)

    received = shop.wait_for(3)
    assert [fields.get("out_biz_no", "paid") for fields in received] == ["re_1", "re_1", "paid"]
    assert received[0]["notify_id"] == received[1]["notify_id"]
    # The answer to what came last is written down a moment after it came.
    states = control.wait_for_states("delivered", "delivered", "held", "lost")
    held = next(number for number, state in states.items() if state == "held")
    control.post(f"notifications/{held}/send")
    assert shop.wait_for(4)[3]["out_biz_no"] == "re_3"


def test_held_notifications_are_sent_in_the_order_given_and_late_ones_at_their_time(
    alipay: AlipayClient, control: GatewayControl, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)
    control.fault("notify_held", times=2)
    control.fault("notify_late", seconds=600)
    pay(alipay, purchase)
    for refund in ("re_1", "re_2"):
        assert isinstance(alipay.refund(RefundRequest(purchase.out_trade_no, refund, 100)), Done)
    late, second, first = (one["id"] for one in control.state()["notifications"])

    control.post("notifications/order", ids=[second, first])

    assert [fields.get("out_biz_no", "paid") for fields in shop.wait_for(2)] == ["re_1", "paid"]
    assert next(one for one in control.state()["notifications"] if one["id"] == late)["state"] == "waiting"
    control.advance(601)
    assert shop.wait_for(3)[2]["out_biz_no"] == "re_2"


def test_after_eight_deliveries_the_gateway_gives_up(
    alipay: AlipayClient, control: GatewayControl, shop: ListeningShop
) -> None:
    shop.answers = lambda number: Response("fail")
    pay(alipay, make_purchase(notify_url=shop.notify_url))
    for tries in range(1, 9):
        control.wait_for_deliveries(tries)
        control.advance(60)  # the longest wait is 54 s at this pace
    received = shop.received

    assert len(received) == 8
    assert len({fields["notify_id"] for fields in received}) == 1
    assert all(is_authentic(fields, alipay.keyring.alipay) for fields in received)
    (one,) = control.state()["notifications"]
    assert one["state"] == "given_up"
    assert [delivery["answer"] for delivery in one["deliveries"]] == ["fail"] * 8


BROKEN = {
    "cut_off": b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n",
    "cut_in_a_chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nsucc",
    "wrongly_packed": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nsuccess",
    "no_http": b"success",
    "leads_nowhere": b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
    "leads_to_no_text": b"HTTP/1.1 302 Found\r\nLocation: /\xff\r\nContent-Length: 0\r\n\r\n",
}
IN_TWO_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsucc\r\n3\r\ness\r\n0\r\n\r\n"


@pytest.mark.parametrize("broken", BROKEN)
def test_an_answer_that_broke_off_is_no_success_and_the_gateway_goes_on(
    broken: str, alipay: AlipayClient, control: GatewayControl
) -> None:
    with Receiver(answers=deque([BROKEN[broken], IN_TWO_CHUNKS])) as shop:
        pay(alipay, make_purchase(notify_url=shop.url))
        control.wait_for_deliveries(1)
        control.advance(60)
        control.wait_for_states("delivered")

    (one,) = control.state()["notifications"]
    first, second = one["deliveries"]
    assert (first["status"], second["status"], second["answer"]) == (None, 200, "success")


def test_what_was_not_delivered_before_a_restart_is_delivered_after_it(
    tmp_path: Path, shop: ListeningShop
) -> None:
    first = start(tmp_path, pace=1000)
    purchase = make_purchase(notify_url="http://127.0.0.1:9/nobody")
    pay(AlipayClient(read_merchant_file(first.merchant_file)), purchase)
    GatewayControl(first.base_url).wait_for_deliveries(1)  # in vain; the next try is days away
    first.stop()
    second = start(tmp_path)
    try:
        second.gateway.store.rows("UPDATE notification SET url = ?, due_at = 0", shop.notify_url)
        second.gateway.wake()
        assert shop.wait_for(1)[0]["out_trade_no"] == purchase.out_trade_no
    finally:
        second.stop()


def test_the_merchant_may_bring_its_own_key(tmp_path: Path) -> None:
    running = start(tmp_path)
    try:
        own = rsa.generate_private_key(65537, 2048)
        stranger = replace(read_merchant_file(running.merchant_file), app_private_key=pkcs8_text(own))
        by_key = replace(stranger, app_certificate="", alipay_certificate="", alipay_root_certificate="")
        refused = AlipayClient(by_key).query("pi_any_1")
        assert isinstance(refused, DefinitelyNot)
        assert refused.sub_code == "isv.invalid-signature"

        told = GatewayControl(running.base_url).post("settings", public_key=public_text(own.public_key()))

        certified = replace(stranger, app_certificate=told["app_certificate"])
        for config in (by_key, certified):
            asked = AlipayClient(config).query("pi_any_1")
            assert isinstance(asked, DefinitelyNot)
            assert asked.sub_code == "ACQ.TRADE_NOT_EXIST"
    finally:
        running.stop()


def test_a_wrong_certificate_is_named(merchant: AlipayConfig, alipay: AlipayClient) -> None:
    mixed = replace(merchant, alipay_root_certificate=merchant.alipay_certificate)

    told = AlipayClient(mixed).query("pi_any_1")

    assert isinstance(told, DefinitelyNot)
    assert told.sub_code == "isv.invalid-alipay-root-cert-sn"


def test_keys_and_merchant_file_are_for_their_owner_alone(local_gateway: RunningGateway) -> None:
    home = local_gateway.merchant_file.parent

    assert {path.name: oct(path.stat().st_mode & 0o777) for path in home.glob("*.json")} == {
        "merchant.json": "0o600"
    }
    assert all(path.stat().st_mode & 0o077 == 0 for path in home.glob("gateway.sqlite3*"))
    assert json.loads(local_gateway.merchant_file.read_text())["gateway_url"].endswith("/gateway.do")


def test_nothing_but_loopback_is_served(tmp_path: Path, local_gateway: RunningGateway) -> None:
    for host in ("0.0.0.0", "192.168.1.7", "::", "gateway.example"):
        with pytest.raises(NotLoopbackError):
            create_gateway(tmp_path, port=8010, host=host)
    page = requests.get(f"{local_gateway.base_url}/", headers={"Host": "shop.example"}, timeout=10)
    assert page.status_code == 403
    foreign = local_gateway.app.test_client().get("/", environ_base={"REMOTE_ADDR": "192.168.1.7"})
    assert foreign.status_code == 403


def test_another_sites_form_cannot_steer(local_gateway: RunningGateway) -> None:
    url = f"{local_gateway.base_url}/operator/clock"

    foreign = requests.post(url, data={"minutes": "5"}, headers={"Origin": "http://evil.example"}, timeout=10)
    own = requests.post(url, data={"minutes": "5"}, headers={"Origin": local_gateway.base_url}, timeout=10)

    assert foreign.status_code == 403
    assert own.status_code == 200
