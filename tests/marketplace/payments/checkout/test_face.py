"""The pages of a session, of a stall's code and of deliveries keep the fourteen rules, in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import g, render_template
from playwright.sync_api import Browser

from commons import filters
from commons.accounts.desk.drawing import qr_path
from marketplace.payments.checkout.rules import Item
from tests.face import face_app, served
from tests.ui_rules import check_page

HERE = "https://xq.example.cn/checkout/cs_test_AbCdEfGhIjKlMnOpQrStUvWx?k=0123456789abcdef0123456789abcdef"
ENDS = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)
ITEMS = [
    Item("青石湾村蜜橘 5 斤装（现摘现发）", 123_45, 12, "十一月下旬采摘，个大皮薄，坏果包赔"),
    Item("土鸡蛋 30 枚", 45_50, 1),
    Item("Long-English-name-of-a-jar-of-honey-without-spaces", 1_234_567_89, 3),
]


def session_page(state: str, **more: object) -> Callable[[], str]:
    session = SimpleNamespace(
        amount_fen=3_705_230_57, expires_at=ENDS, cancel_url="https://shop.example/basket", submit_type=None
    )
    told = {"is_wechat": False, "heading": "付款"} | more

    def show() -> str:
        g.is_demonstration = False  # no database stands behind this application
        return render_template(
            "marketplace/payments/checkout.html",
            session=session,
            items=ITEMS,
            state=state,
            here=HERE,
            cashier=f"{HERE}&x=1",
            success="https://shop.example/thanks",
            **told,
        )

    return show


def code_page() -> str:
    g.is_demonstration = False
    path, size = qr_path("https://qr.alipay.com/bax0123456789abcdef0123456789")
    return render_template(
        "marketplace/payments/stall_code.html",
        payment=SimpleNamespace(
            amount_fen=123_456_78, subject="青石湾村蜜橘 5 斤装 2 箱、土鸡蛋 30 枚", expires_at=ENDS
        ),
        is_paid=False,
        path=path,
        size=size,
        trouble="",
        again=f"{HERE}&again=1",
        pay=HERE,
        refreshes=False,  # looked at while it stands still
    )


PAGES = {
    "/checkout/open": session_page("open"),
    "/checkout/wechat": session_page("open", is_wechat=True),
    "/code/open": code_page,
}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    app = face_app(PAGES)
    filters.init_app(app)
    with served(app) as base:
        yield base


@pytest.mark.parametrize("address", ["/checkout/open", "/code/open"])
def test_the_pages_keep_all_fourteen_rules(browser: Browser, site: str, address: str) -> None:
    check_page(browser, site + address, "public")


def test_the_english_pages_keep_them_too(browser: Browser, site: str) -> None:
    check_page(browser, f"{site}/checkout/wechat?lang=en", "public")
