"""The page on which one pays keeps the fourteen rules of the interface, in every state, in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import g, render_template
from playwright.sync_api import Browser

from commons import filters
from marketplace.payments.rules import IntentStatus
from tests.face import face_app, served
from tests.ui_rules import check_page

HERE = "https://xq.example.cn/pay/pi_AbCdEfGhIjKlMnOpQrStUvWx?k=0123456789abcdef0123456789abcdef"


def page(status: str, **more: object) -> Callable[[], str]:
    payment = SimpleNamespace(
        amount_fen=123_456_78,
        subject="青石湾村蜜橘 5 斤装 2 箱、土鸡蛋 30 枚",
        return_url="/orders/AbCdEfGh",
        expires_at=datetime(2026, 11, 22, 2, 15, tzinfo=UTC),
    )
    told = {"is_offline": False, "is_wechat": False, "is_asking": False, "refunded_fen": 0, "heading": "付款"}

    def show() -> str:
        g.is_demonstration = False  # no database stands behind this application
        return render_template(
            "marketplace/payments/pay.html",
            payment=payment,
            status=IntentStatus(status),
            here=HERE,
            cashier=f"{HERE}&x=1",
            again=f"{HERE}&y=1",
            **(told | more),
        )

    return show


PAGES = {
    "/pay/open": page("requires_confirmation"),
    "/pay/wechat": page("requires_action", is_wechat=True),
    "/pay/paid": page("succeeded", refunded_fen=230),
    "/pay/canceled": page("canceled"),
    "/pay/offline": page("requires_action", is_offline=True),
    "/pay/processing": page("processing"),
}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    app = face_app(PAGES)
    filters.init_app(app)
    with served(app) as base:
        yield base


@pytest.mark.parametrize("address", PAGES)
def test_the_payment_page_keeps_all_fourteen_rules(browser: Browser, site: str, address: str) -> None:
    check_page(browser, site + address, "public")


def test_the_english_page_keeps_them_too(browser: Browser, site: str) -> None:
    check_page(browser, f"{site}/pay/wechat?lang=en", "public")
