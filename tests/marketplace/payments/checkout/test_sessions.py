"""A shop sends its buyer to our page: paid, given up, expired, or awaited, the session always tells the truth."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons import worker
from commons.clock import FrozenClock
from commons.db import end_read, transaction
from marketplace.payments.checkout.jobs import forget_buyers
from marketplace.payments.flows import ask_about_payment
from marketplace.payments.links import pay_url
from marketplace.payments.port import TradeReport
from marketplace.payments.queries import attempts_of, refunds_of, the_payment
from marketplace.payments.rules import Standing
from marketplace.payments.settle import settle_payment
from tests.make.fake_gateway import FakeGateway, Trouble
from tests.make.payments import use_fake_gateway
from tests.marketplace.payments.api.checked import Program, program
from tests.marketplace.payments.led_on import led_on_to

URL = "/v1/checkout/sessions"
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile"}
SHOP = "https://shop.example"


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def line(
    name: str = "蜜橘 5 斤", fen: int = 1230, quantity: int = 1, description: str = ""
) -> dict[str, Any]:
    product = {"name": name} | ({"description": description} if description else {})
    return {
        "price_data": {"currency": "cny", "unit_amount": fen, "product_data": product},
        "quantity": quantity,
    }


def opened(api: Program, **more: Any) -> Any:
    told: dict[str, Any] = {
        "mode": "payment",
        "line_items": [line()],
        "success_url": f"{SHOP}/thanks?s={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{SHOP}/basket",
    }
    return api.post(URL, **(told | more))


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def go_to_cashier(client: FlaskClient, session: Any) -> str:
    """The buyer opens the page, presses, and arrives at the cashier; return the attempt's number."""
    page = client.get(path_of(session["url"]), headers=PHONE)
    assert page.status_code == 200, page.text
    to_pay = client.get(path_of(session["url"]).replace("?", "/pay?"), headers=PHONE)
    cashier = client.get(path_of(to_pay.location), headers=PHONE)
    assert cashier.status_code == 303 and cashier.location.startswith("http://gateway.test/pay?wap=")
    return cashier.location.partition("=")[2]


def events(api: Program) -> list[str]:
    told = api.get("/v1/events", type="checkout.session.*", limit=100)["data"]
    return sorted(event["type"].removeprefix("checkout.session.") for event in told)


def test_a_basket_is_paid_and_the_buyer_comes_back_to_the_shop(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    api = program()
    long = "江汉餐馆 11 月订货；" * 30
    made = opened(
        api,
        line_items=[line(quantity=2, description="现摘"), line("土鸡蛋 30 枚", 4550)],
        customer_email="shop@example.com",
        client_reference_id="basket-7",
        metadata={"desk": "3"},
        payment_intent_data={
            "description": long,
            "metadata": {"po": "9"},
            "capture_method": "automatic_async",
        },
        locale="en",
    )
    assert (made["status"], made["payment_status"], made["amount_total"]) == ("open", "unpaid", 7010)
    assert made["payment_intent"] is None and made["expires_at"] - made["created"] == 24 * 3600
    assert made["customer_details"]["email"] == "shop@example.com"

    english = client.get(path_of(made["url"]), headers=PHONE).text
    for words in ("Pay with Alipay", "¥70.10", "蜜橘 5 斤", "× 2", "¥24.60", "现摘", f"{SHOP}/basket"):
        assert words in english
    number = go_to_cashier(client, made)
    assert go_to_cashier(client, made) == number, "a second click leads to the same payment"
    gateway.buyer_pays(number, 7010)
    intent_id = number.rpartition("_")[0]
    back = client.get(path_of(f"/pay/{intent_id}/return?{urlsplit(pay_url(intent_id)).query}"), headers=PHONE)
    home = client.get(path_of(back.location), headers=PHONE)
    assert led_on_to(home.text) == f"{SHOP}/thanks?s={made['id']}"

    paid = api.get(f"{URL}/{made['id']}", expand=["line_items", "payment_intent.latest_charge"])
    assert (paid["status"], paid["payment_status"], paid["url"]) == ("complete", "paid", None)
    intent = paid["payment_intent"]
    assert intent["latest_charge"]["amount"] == 7010
    assert intent["metadata"] == {"po": "9"} and (intent["description"], intent["capture_method"]) == (
        long,
        "automatic_async",
    )
    assert [item["amount_total"] for item in paid["line_items"]["data"]] == [2460, 4550]
    first, second = paid["line_items"]["data"]
    lines = f"{URL}/{made['id']}/line_items"
    page = api.get(lines, limit=1)
    assert (page["data"], page["has_more"]) == ([first], True)
    assert api.get(lines, limit=1, starting_after=first["id"]) | {"url": lines} == page | {
        "data": [second],
        "has_more": False,
    }
    assert api.get(lines, ending_before=second["id"])["data"] == [first]

    assert events(api) == ["completed"]
    told = api.get("/v1/events", type="checkout.session.completed")["data"][0]["data"]["object"]
    assert (told["id"], told["payment_status"], told["customer_email"]) == (made["id"], "paid", None)
    assert api.get(URL, payment_intent=intent["id"])["data"][0]["id"] == made["id"]
    assert api.get(URL, status="open")["data"] == []
    api.refused("POST", f"{URL}/{made['id']}/expire", status=400)
    assert api.post(f"{URL}/{made['id']}", metadata={"desk": "4"})["metadata"] == {"desk": "4"}
    assert "已付款" in client.get(f"{path_of(made['url']).partition('&')[0]}&lang=zh").text
    assert (
        client.get(path_of(made["url"]).replace("?", "/pay?")).location.partition("?")[0]
        == made["url"].partition("?")[0]
    )
    clock.move(days=31)
    forget_buyers()
    end_read()
    assert api.get(f"{URL}/{made['id']}")["customer_email"] is None, (
        "who paid is forgotten, what was paid is not"
    )
    # The payment's own page leads to the session's: one basket has one page.
    assert client.get(path_of(pay_url(intent["id"]))).location.startswith(made["url"].partition("?")[0])


def test_a_session_is_found_by_the_customer_it_was_made_for(gateway: FakeGateway) -> None:
    api = program()
    customer = api.post("/v1/customers", name="江汉餐馆")
    made = opened(api, customer=customer["id"])
    opened(api)
    found = api.get(URL, customer=customer["id"], expand=["data.customer"])["data"]
    assert [(each["id"], each["customer"]["name"]) for each in found] == [(made["id"], "江汉餐馆")]


def test_a_session_ends_with_its_time_and_nothing_can_be_paid_any_more(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    api = program()
    unopened = opened(api, expires_at=int(clock().timestamp()) + 1800)
    waiting = opened(api, expires_at=int(clock().timestamp()) + 1800)
    number = go_to_cashier(client, waiting)
    gateway.buyer_opens(number, 1230)

    clock.move(minutes=30)
    over = client.get(path_of(unopened["url"]))
    assert "结账已过期" in over.text and "用支付宝付款" not in over.text, "before any worker has seen it"
    assert client.get(path_of(unopened["url"]).replace("?", "/pay?")).status_code == 303
    worker.run_due()

    for each in (unopened, waiting):
        shown = api.get(f"{URL}/{each['id']}")
        assert (shown["status"], shown["payment_status"], shown["url"]) == ("expired", "unpaid", None)
    assert events(api) == ["expired", "expired"]
    assert not gateway.buyer_pays(number, 1230), "the gateway has closed it"
    assert "结账已过期" in client.get(path_of(waiting["url"])).text


def test_a_shop_ends_a_session_only_when_the_gateway_has_closed_it(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    api = program()
    fresh, at_cashier, paid, late = (opened(api) for _ in range(4))
    assert api.post(f"{URL}/{fresh['id']}/expire")["status"] == "expired"
    api.refused("POST", f"{URL}/{fresh['id']}/expire", status=400)

    number = go_to_cashier(client, at_cashier)
    gateway.buyer_opens(number, 1230)
    gateway.troubles.extend([Trouble.not_sent])
    silent = api.refused("POST", f"{URL}/{at_cashier['id']}/expire", status=503, idempotency_key="one")
    assert silent["type"] == "api_error" and api.get(f"{URL}/{at_cashier['id']}")["status"] == "open"
    assert client.get(path_of(at_cashier["url"])).status_code == 200
    assert api.post(f"{URL}/{at_cashier['id']}/expire", idempotency_key="one")["status"] == "expired"
    assert not gateway.buyer_pays(number, 1230)

    # Paid in the very moment: the shop is told so, and its session is complete.
    number = go_to_cashier(client, paid)
    gateway.buyer_pays(number, 1230)
    api.refused("POST", f"{URL}/{paid['id']}/expire", status=400)
    assert api.get(f"{URL}/{paid['id']}")["payment_status"] == "paid"

    # The cashier was signed but never opened, so it could not be closed; money that still comes goes back by itself.
    number = go_to_cashier(client, late)
    assert api.post(f"{URL}/{late['id']}/expire")["status"] == "expired"
    gateway.buyer_pays(number, 1230)
    payment_id = number.rpartition("_")[0]
    ask_about_payment(payment_id)
    clock.move(seconds=20)
    worker.run_due()
    assert api.get(f"{URL}/{late['id']}")["status"] == "expired"
    assert [refund.status for refund in refunds_of(payment_id)] == [
        "succeeded"
    ] and gateway.received_fen() == 1230
    assert events(api) == ["completed", "expired", "expired", "expired"]


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_money_that_a_person_has_to_look_at_completes_the_session_and_is_told_later(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock, outcome: str
) -> None:
    api = program()
    session = opened(api)
    number = go_to_cashier(client, session)

    def hear(total_fen: int) -> None:
        with transaction():
            settle_payment(TradeReport(number, Standing.paid, total_fen, "T1"))

    hear(1)
    shown = api.get(f"{URL}/{session['id']}")
    assert (shown["status"], shown["payment_status"]) == ("complete", "unpaid")
    assert "正在核对付款" in client.get(path_of(session["url"])).text
    assert the_payment(shown["payment_intent"]).status == "processing"
    if outcome == "succeeded":
        hear(1230)
    else:
        clock.move(hours=25)
        for _ in range(3):
            worker.run_due()
            clock.move(minutes=11)

    end_read()
    shown = api.get(f"{URL}/{session['id']}")
    assert events(api) == [f"async_payment_{outcome}", "completed"]
    assert (shown["status"], shown["payment_status"]) == (
        "complete",
        "paid" if outcome == "succeeded" else "unpaid",
    )
    assert len(attempts_of(shown["payment_intent"])) == 1


def test_the_page_opens_by_its_key_alone_and_knows_wechat(client: FlaskClient, gateway: FakeGateway) -> None:
    session = opened(program())
    there = path_of(session["url"])
    bare = there.partition("?")[0]
    for wrong in (
        bare,
        f"{bare}?k=",
        f"{bare}?k={'0' * 32}",
        f"{bare}/pay",
        f"{bare}/done?k=1",
        "/checkout/cs_test_x?k=1",
    ):
        assert client.get(wrong).status_code == 404
    assert client.get(there.replace("?", "/done?")).location == session["url"], "not paid, so not done"

    wechat = {"User-Agent": "Mozilla/5.0 Mobile MicroMessenger/8.0"}
    page = client.get(there, headers=wechat).text
    assert "点右上角的三个点" in page and session["url"].replace("&", "&amp;") in page and "/pay?" not in page
    assert client.get(there.replace("?", "/pay?"), headers=wechat).location == session["url"]
    assert program().get(f"{URL}/{session['id']}")["payment_intent"] is None


def test_what_cannot_be_a_session_is_refused_in_stripes_words(
    gateway: FakeGateway, clock: FrozenClock
) -> None:
    api = program()
    now = int(clock().timestamp())
    good: dict[str, Any] = {"mode": "payment", "line_items": [line()], "success_url": f"{SHOP}/"}
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("mode", {"mode": "subscription"}),
        ("line_items", {"line_items": []}),
        ("line_items[0][quantity]", {"line_items": [line(quantity=0)]}),
        ("line_items[0][price_data][unit_amount]", {"line_items": [line(fen=-1)]}),
        ("line_items[0][price]", {"line_items": [{"price": "price_1", "quantity": 1}]}),
        ("success_url", {"success_url": "javascript:alert(1)"}),
        ("cancel_url", {"cancel_url": "shop"}),
        ("expires_at", {"expires_at": now + 1799}),
        ("expires_at", {"expires_at": now + 86_500}),
        ("customer", {"customer": "cus_none"}),
        ("customer_email", {"customer_email": "bad"}),
        ("payment_method_types[0]", {"payment_method_types": ["card"]}),
        ("discounts", {"discounts": [{"coupon": "x"}]}),
        ("currency", {"currency": "usd"}),
        ("locale", {"locale": "xx"}),
    ]
    for param, change in wrong:
        given = {name: value for name, value in (good | change).items() if value != []}
        refused = api.refused("POST", URL, status=400, **given)
        assert refused["param"] == param, refused
    api.refused("POST", URL, status=400, code="amount_too_small", **(good | {"line_items": [line(fen=0)]}))
    api.refused(
        "POST",
        URL,
        status=400,
        code="amount_too_large",
        **(good | {"line_items": [line(fen=10**10, quantity=2)]}),
    )

    mine = api.post(URL, **good)
    for other in (program(live=True),):
        for method, path in (("GET", ""), ("POST", ""), ("POST", "/expire"), ("GET", "/line_items")):
            other.refused(method, f"{URL}/{mine['id']}{path}", status=404, code="resource_missing")
        assert other.get(URL)["data"] == []
    program(kind="pk").refused("GET", f"{URL}/{mine['id']}", status=403)
    assert timedelta(seconds=mine["expires_at"] - mine["created"]) == timedelta(hours=24)
