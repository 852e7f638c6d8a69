"""The cashier and the operator's page, as a browser without JavaScript sees and presses them."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page

from marketplace.payments.alipay.amounts import fen_of
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.outcomes import Done
from marketplace.payments.local_gateway import RunningGateway
from tests.browser import page_at, pressed
from tests.marketplace.payments.buying import make_purchase, open_cashier, pay
from tests.marketplace.payments.gateway_control import GatewayControl
from tests.marketplace.payments.listening_shop import ListeningShop
from tests.marketplace.payments.local_gateway.test_money_out import FARMER


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """Debian's Chromium in the size of a phone, with JavaScript switched off."""
    with page_at(browser, "about:blank", script=False) as page:
        yield page


def test_a_phone_presses_pay_and_is_back_in_the_shop(
    phone: Page, alipay: AlipayClient, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)

    phone.goto(alipay.wap_pay_url(purchase, return_url=f"{shop.url}/back", quit_url=f"{shop.url}/back"))
    assert phone.get_by_text("12.30").is_visible()
    phone.get_by_role("button", name="确认付款").click()

    phone.wait_for_url(f"{shop.url}/back?**")
    told = alipay.query(purchase.out_trade_no)
    assert isinstance(told, Done)
    assert told.answer["trade_status"] == "TRADE_SUCCESS"
    assert shop.wait_for(1)[0]["out_trade_no"] == purchase.out_trade_no


def test_giving_up_leads_back_without_paying(phone: Page, alipay: AlipayClient, shop: ListeningShop) -> None:
    purchase = make_purchase()

    phone.goto(alipay.wap_pay_url(purchase, return_url="", quit_url=f"{shop.url}/back"))
    phone.get_by_role("link", name="先不付，返回商家").click()

    phone.wait_for_url(f"{shop.url}/back")
    told = alipay.query(purchase.out_trade_no)
    assert isinstance(told, Done)
    assert told.answer["trade_status"] == "WAIT_BUYER_PAY"


def test_pressing_pay_twice_pays_once(alipay: AlipayClient, shop: ListeningShop) -> None:
    page = open_cashier(alipay, make_purchase(notify_url=shop.notify_url), f"{shop.url}/back")

    answers = [requests.post(page.url, timeout=10, allow_redirects=False) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert "付款成功" in requests.get(page.url, timeout=10).text
    assert len(shop.wait_for(1)) == 1


def test_a_changed_address_begins_no_payment(alipay: AlipayClient) -> None:
    url = alipay.wap_pay_url(make_purchase(), return_url="", quit_url="")

    page = requests.get(url.replace("12.30", "0.01"), timeout=10)

    assert page.status_code == 400
    assert "商家的签名不对" in page.text


def test_no_page_leads_to_anything_but_the_web(alipay: AlipayClient) -> None:
    url = alipay.wap_pay_url(
        make_purchase(), return_url="javascript:alert(1)", quit_url="javascript:alert(1)"
    )

    page = requests.get(url, timeout=10)

    assert page.status_code == 200
    assert "javascript:" not in page.text


def test_an_operator_holds_forges_and_repeats_and_sees_the_answers(
    phone: Page, local_gateway: RunningGateway, alipay: AlipayClient, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)
    open_cashier(alipay, purchase)
    phone.goto(f"{local_gateway.base_url}/")

    pressed(phone, phone.get_by_role("button", name="代买家付款"))
    shop.wait_for(1)
    phone.get_by_label("伪造一条付款通知").select_option("wrong_seller_id")
    pressed(phone, phone.get_by_role("button", name="发出"))
    forged = shop.wait_for(2)[1]
    GatewayControl(local_gateway.base_url).wait_for_deliveries(1)
    phone.goto(f"{local_gateway.base_url}/")
    pressed(phone, phone.get_by_role("button", name="再发一遍").last)
    repeated = shop.wait_for(3)[2]
    phone.goto(f"{local_gateway.base_url}/")

    assert forged["seller_id"] != local_gateway.gateway.keys.seller_id
    assert repeated["notify_id"] == shop.received[0]["notify_id"]
    assert phone.get_by_text("付款成功").is_visible()
    assert phone.get_by_text("（收款方不对）").is_visible()


def test_an_operator_sends_back_a_transfer_that_had_arrived(
    phone: Page, local_gateway: RunningGateway, alipay: AlipayClient, shop: ListeningShop
) -> None:
    control, before = GatewayControl(local_gateway.base_url), balance_of(alipay)
    control.post("settings", transfers_wait=True, application_url=shop.notify_url)
    alipay.transfer("po_1", 1_000, "货款", FARMER)
    phone.goto(f"{local_gateway.base_url}/")

    pressed(phone, phone.get_by_role("button", name="让它到账"))
    assert phone.get_by_text("转账成功").is_visible() and balance_of(alipay) == before - 1_000
    control.advance(3 * 86_400)
    pressed(phone, phone.get_by_role("button", name="到账后又退回"))

    assert phone.get_by_text("转账已退回").is_visible() and balance_of(alipay) == before
    assert not phone.get_by_role("button", name="到账后又退回").is_visible()
    told = alipay.transfer_query("po_1")
    assert isinstance(told, Done) and told.answer["status"] == "REFUND"
    heard = [json.loads(message["biz_content"])["status"] for message in shop.wait_for(2)]
    assert heard == ["SUCCESS", "REFUND"]


def test_an_operator_lets_a_transfer_fail(
    phone: Page, local_gateway: RunningGateway, alipay: AlipayClient
) -> None:
    GatewayControl(local_gateway.base_url).post("settings", transfers_wait=True)
    alipay.transfer("po_1", 1_000, "货款", FARMER)
    phone.goto(f"{local_gateway.base_url}/")

    pressed(phone, phone.get_by_role("button", name="让它失败"))

    assert phone.get_by_text("转账失败").is_visible()
    url = f"{local_gateway.base_url}/operator/transfer/po_1"
    assert "无从退回" in requests.post(url, data={"deed": "return"}, timeout=10).text
    assert requests.post(url, data={"deed": "x"}, timeout=10).status_code == 400


def balance_of(alipay: AlipayClient) -> int:
    told = alipay.balance()
    assert isinstance(told, Done)
    return fen_of(str(told.answer["available_amount"]))


def test_an_operators_impossible_wish_is_answered_with_a_sentence(
    local_gateway: RunningGateway, alipay: AlipayClient
) -> None:
    purchase = make_purchase()
    pay(alipay, purchase)
    url = f"{local_gateway.base_url}/operator/trade/{purchase.out_trade_no}"

    assert "交易已被支付" in requests.post(url, data={"deed": "pay"}, timeout=10).text
    assert requests.post(url, data={"deed": "forge", "forgery": "x"}, timeout=10).status_code == 400
    assert requests.post(f"{url}x", data={"deed": "pay"}, timeout=10).status_code == 404


def test_every_page_is_plain_strict_and_labelled(
    local_gateway: RunningGateway, alipay: AlipayClient, shop: ListeningShop
) -> None:
    purchase = make_purchase(notify_url=shop.notify_url)
    pages = [
        open_cashier(alipay, purchase, f"{shop.url}/back"),
        open_cashier(alipay, make_purchase(minutes=-5)),
        requests.get(f"{local_gateway.base_url}/", timeout=10),
        requests.get(alipay.authorize_url(f"{shop.url}/back", "s"), timeout=10),
    ]

    for page in pages:
        assert '<html lang="zh-Hans-CN">' in page.text
        assert page.text.count("<h1") == 1
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page.text)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        inputs = re.findall(r"<(?:input|select)[^>]*>", page.text)
        assert len(inputs) <= page.text.count("<label")
    assert f"form-action 'self' {origin(shop.url)}" in pages[0].headers["Content-Security-Policy"]


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
