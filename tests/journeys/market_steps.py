"""The market's part of the story: a farmer, two buyers from the city, money and boxes."""

from __future__ import annotations

import re
import time
from typing import Any

from sqlalchemy import select

from commons.db import db
from marketplace.produce.models import Lot
from tests.journeys.people import Somebody
from tests.journeys.story import Story
from tests.make.people import unissued_phone

WECHAT = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/107.0 Mobile Safari/537.36 MicroMessenger/8.0.42"


def a_farmer_lists_produce(story: Story) -> None:
    farmer = story.officials["farmer"] = Somebody(story.browser, story.site)
    farmer.sign_in_by_phone(unissued_phone())
    farmer.go("/sell/register")
    farmer.choose(kind="own_produce")
    farmer.fill(door=story.codes[3], public_name="谷子喂的鸡", group_words="三组")
    farmer.press("登记")
    clerk = story.clerk
    clerk.go("/desk/sellers")
    clerk.press("核实")
    farmer.go("/sell/new")
    farmer.choose(category="egg", unit="box10")
    farmer.fill(name="散养鸡蛋", price="15.00", stock="10", note="谷子喂")
    farmer.press("上架")
    _open_a_pickup_point(story)
    villager = Somebody(story.browser, story.site)
    assert "散养鸡蛋" in villager.go(f"/D/{story.codes[0]}").inner_text("main")
    villager.close()


def _open_a_pickup_point(story: Story) -> None:
    clerk = story.clerk
    clerk.go("/desk/pickup-points/new")
    clerk.choose(village=story.village)
    clerk.fill(name="示范小区东门", address="示范路 1 号东门岗亭")
    clerk.press("开自提点")


def _put_into_the_basket(story: Story, quantity: str, **choices: Any) -> Somebody:
    buyer = Somebody(story.browser, story.site, **choices)
    buyer.go("/shop")
    buyer.press("散养鸡蛋")
    buyer.fill(quantity=quantity)
    buyer.press("放进篮子")
    buyer.go("/cart")
    buyer.press("去下单")
    if "用手机号登录" in buyer.text():
        buyer.sign_in_by_phone(unissued_phone(), at="")
    if "/checkout" not in buyer.page.url:
        buyer.go("/checkout")
    return buyer


def _choose_pickup(buyer: Somebody, method: str) -> None:
    buyer.page.locator("[name=way]").first.check()
    buyer.choose(method=method)
    buyer.press("提交订单")


def stock_left(story: Story) -> int:
    """Return what the database says is left of the eggs."""
    with story.site.app.app_context():
        left = db.session.scalars(select(Lot.stock_left)).one()
        db.session.remove()
    return left


def a_city_buyer_pays_by_alipay(story: Story) -> None:
    buyer = _put_into_the_basket(story, "2")
    _choose_pickup(buyer, "alipay")
    assert stock_left(story) == 8
    buyer.press("用支付宝付款")
    assert buyer.page.url.startswith(story.site.gateway)
    buyer.press("确认付款")
    buyer.go("/orders")
    order = story.site.base + str(buyer.page.locator("main a[href*='/orders/']").first.get_attribute("href"))
    words = _until(buyer, order, "已付")
    assert "30.00" in words
    assert stock_left(story) == 8
    farmer = story.officials["farmer"]
    assert "散养鸡蛋 × 2" in farmer.go("/sell/orders").inner_text("main")
    stranger = Somebody(story.browser, story.site)
    answer = stranger.page.goto(order)
    assert answer is not None
    assert "散养鸡蛋" not in stranger.text()
    stranger.close()
    story.site.run("ledger", "check")


def _until(somebody: Somebody, address: str, words: str, seconds: float = 90) -> str:
    """Look at a page until it says *words*: the gateway's notification and the worker take their moment."""
    until = time.monotonic() + seconds
    while True:
        text = str(somebody.go(address).inner_text("main"))
        if words in text or time.monotonic() > until:
            assert words in text, text
            return text
        time.sleep(0.3)


def another_pays_at_pickup(story: Story) -> None:
    buyer = _put_into_the_basket(story, "1", user_agent=WECHAT)
    methods = buyer.page.locator("[name=method]").evaluate_all("nodes => nodes.map(node => node.value)")
    assert methods[0] == "offline"  # inside WeChat the way that works comes first
    _choose_pickup(buyer, "offline")
    order = buyer.page.url
    found = re.search(r"取货码\s*([0-9 ]{6,})", buyer.text())
    assert found is not None, buyer.text()
    assert stock_left(story) == 7
    keeper = story.clerk
    keeper.go("/desk/orders")
    keeper.fill(code=found.group(1).strip())
    keeper.press("找")
    assert found.group(1).replace(" ", "").strip() not in keeper.page.url
    assert "15.00" in keeper.text()
    keeper.press("并交货")
    words = _until(buyer, order, "已收货")
    assert "15.00" in words
    assert stock_left(story) == 7
    story.site.run("ledger", "check")
