"""Purchases with good defaults, and a buyer who pays them."""

import secrets
from datetime import timedelta

import requests

from marketplace.payments.alipay.client import AlipayClient, Purchase
from marketplace.payments.alipay.sdk import beijing_now


def make_purchase(
    *, amount_fen: int = 1230, notify_url: str = "", out_trade_no: str = "", minutes: float = 15
) -> Purchase:
    """A box of tangerines, payable for a quarter of an hour."""
    return Purchase(
        out_trade_no=out_trade_no or f"pi_{secrets.token_hex(8)}_1",
        amount_fen=amount_fen,
        subject="蜜橘一箱",
        expires_at=beijing_now() + timedelta(minutes=minutes),
        notify_url=notify_url,
    )


def open_cashier(alipay: AlipayClient, purchase: Purchase, return_url: str = "") -> requests.Response:
    """The buyer's browser follows the address to the cashier."""
    url = alipay.wap_pay_url(purchase, return_url=return_url, quit_url=return_url)
    return requests.get(url, timeout=10)


def pay(alipay: AlipayClient, purchase: Purchase, return_url: str = "") -> requests.Response:
    """The buyer opens the cashier and presses 「确认付款」."""
    page = open_cashier(alipay, purchase, return_url)
    assert page.status_code == 200, page.text
    return requests.post(page.url, timeout=10, allow_redirects=False)
