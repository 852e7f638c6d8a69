"""Payments through the interface: asked for, handed over, paid, given up, refunded; every answer checked."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from commons.db import db, transaction
from marketplace.ledger.proofs import all_faults
from marketplace.payments.actions import begin_attempt, confirm_offline_refund, request_refund
from marketplace.payments.flows import ask_now, refund_now
from marketplace.payments.jobs import expire_payment
from marketplace.payments.models import Refund
from marketplace.payments.queries import attempts_of
from marketplace.payments.rules import Product
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_offline_paid_payment, make_paid_payment, make_payment, use_fake_gateway
from tests.marketplace.payments.api.checked import Program, program
from tests.marketplace.payments.led_on import led_on_to

URL = "/v1/payment_intents"
BACK = "https://shop.example/back?a=1"
ALIPAY: dict[str, Any] = {"payment_method_data": {"type": "alipay"}, "return_url": BACK}
STATE = "payment_intent_unexpected_state"


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    return use_fake_gateway()


def confirmed(api: Program, **words: Any) -> dict[str, Any]:
    """A payment that was handed to its payer."""
    shown: dict[str, Any] = api.post(URL, amount=1230, currency="cny", confirm=True, **ALIPAY, **words)
    return shown


def pay(intent_id: str, gateway: FakeGateway) -> None:
    """The payer goes to the cashier and pays."""
    with transaction():
        attempt = begin_attempt(intent_id, Product.wap)
    gateway.buyer_pays(attempt.out_trade_no, attempt.amount_fen)
    ask_now(attempt.out_trade_no)


def event_types(api: Program) -> list[str]:
    return [event["type"] for event in api.get("/v1/events", limit=100)["data"]][::-1]


def test_a_payment_is_asked_for_paid_and_given_back_in_parts(gateway: FakeGateway) -> None:
    api = program()
    intent = api.post(
        URL, amount=1230, currency="CNY", description="红菜薹 三斤", metadata={"order": "7", "empty": ""}
    )
    assert (intent["status"], intent["next_action"]) == ("requires_payment_method", None)
    assert (intent["metadata"], intent["currency"], intent["payment_method_types"]) == (
        {"order": "7"},
        "cny",
        ["alipay"],
    )

    intent = api.post(f"{URL}/{intent['id']}/confirm", **ALIPAY)
    way = intent["next_action"]["alipay_handle_redirect"]
    assert (intent["status"], way["return_url"]) == ("requires_action", BACK)
    assert f"/pay/{intent['id']}/redirect?k=" in way["url"]

    pay(intent["id"], gateway)
    intent = api.get(f"{URL}/{intent['id']}", expand=["latest_charge.refunds", "payment_method"])
    charge = intent["latest_charge"]
    assert (intent["status"], intent["amount_received"], charge["paid"]) == ("succeeded", 1230, True)
    assert charge["payment_method_details"]["alipay"]["transaction_id"]
    assert (charge["refunds"]["data"], intent["payment_method"]["type"]) == ([], "alipay")

    part = api.post(
        "/v1/refunds",
        payment_intent=intent["id"],
        amount=230,
        reason="requested_by_customer",
        metadata={"why": "坏了"},
    )
    assert (part["status"], part["amount"], part["metadata"]) == ("pending", 230, {"why": "坏了"})
    refund_now(part["id"])
    assert (
        api.get(f"/v1/refunds/{part['id']}", expand=["charge.payment_intent"])["charge"]["payment_intent"][
            "id"
        ]
        == intent["id"]
    )
    too_much = api.refused("POST", "/v1/refunds", status=400, charge=charge["id"], amount=1001)
    assert (too_much["param"], "¥10.00" in too_much["message"]) == ("amount", True)
    rest = api.post("/v1/refunds", charge=charge["id"])
    refund_now(rest["id"])
    assert rest["amount"] == 1000
    api.refused(
        "POST", "/v1/refunds", status=400, code="charge_already_refunded", payment_intent=intent["id"]
    )

    charge = api.get(f"/v1/charges/{charge['id']}", expand=["refunds"])
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 1230)
    assert [each["id"] for each in charge["refunds"]["data"]] == [rest["id"], part["id"]]
    assert [each["id"] for each in api.get("/v1/refunds", charge=charge["id"], limit=1)["data"]] == [
        rest["id"]
    ]
    assert event_types(api) == [
        "payment_intent.created", "payment_intent.requires_action", "charge.succeeded", "payment_intent.succeeded",
        "refund.created", "charge.refunded", "refund.updated", "refund.created", "charge.refunded", "refund.updated",
    ]  # fmt: skip
    assert list(all_faults()) == []


def test_an_event_says_which_call_caused_it_and_shows_the_object_as_it_was(gateway: FakeGateway) -> None:
    api = program()
    intent = confirmed(api)
    assert api.last is not None
    call = api.last.headers["Request-Id"]
    pay(intent["id"], gateway)
    events = {event["type"]: event for event in api.get("/v1/events")["data"]}
    asked, paid = events["payment_intent.requires_action"], events["payment_intent.succeeded"]
    assert asked["request"]["id"] == call and asked["request"]["idempotency_key"].startswith("test-")
    assert asked["data"]["object"]["status"] == "requires_action"
    assert asked["data"]["object"]["client_secret"] == intent["client_secret"]
    assert paid["request"] == {"id": None, "idempotency_key": None}
    assert api.get(f"/v1/events/{paid['id']}") == paid
    assert [each["id"] for each in api.get("/v1/events", type="payment_intent.succeeded")["data"]] == [
        paid["id"]
    ]
    assert len(api.get("/v1/events", type="payment_intent.*")["data"]) == 3
    for types, count in (
        (["charge.succeeded", "payment_intent.created"], 2),
        (["charge.*", "payment_intent.*"], 4),
    ):
        assert len(api.get("/v1/events", types=types)["data"]) == count


def test_a_payer_comes_back_to_the_program_which_is_told_how_it_ended(
    app: Flask, gateway: FakeGateway
) -> None:
    api, phone = program(), app.test_client()
    for ending in ("succeeded", "failed"):
        intent = confirmed(api)
        cashier = intent["next_action"]["alipay_handle_redirect"]["url"].partition("127.0.0.1:8000")[2]
        assert phone.get(cashier).status_code == 303
        attempt = attempts_of(intent["id"])[0]
        gateway.buyer_opens(attempt.out_trade_no, attempt.amount_fen)
        assert (
            phone.get(cashier.replace("/redirect", "/return")).status_code == 200
        )  # still open: our own page says so
        if ending == "succeeded":
            gateway.buyer_pays(attempt.out_trade_no, attempt.amount_fen)
        else:
            gateway.close(attempt.out_trade_no)
        back = led_on_to(phone.get(cashier.replace("/redirect", "/return")).text)
        assert back == (
            f"{BACK}&payment_intent={intent['id']}&payment_intent_client_secret={intent['client_secret']}"
            f"&redirect_status={ending}"
        )


def test_a_payment_is_given_up_before_and_behind_the_cashier(gateway: FakeGateway) -> None:
    api = program()
    fresh = api.post(URL, amount=100, currency="cny")
    given_up = api.post(f"{URL}/{fresh['id']}/cancel", cancellation_reason="duplicate")
    assert (given_up["status"], given_up["cancellation_reason"]) == ("canceled", "duplicate")
    error = api.refused("POST", f"{URL}/{fresh['id']}/cancel", status=400, code=STATE)
    assert error["payment_intent"]["status"] == "canceled"

    opened = confirmed(api)
    with transaction():
        attempt = begin_attempt(opened["id"], Product.wap)
    gateway.buyer_opens(attempt.out_trade_no, attempt.amount_fen)
    given_up = api.post(f"{URL}/{opened['id']}/cancel")
    assert (given_up["status"], given_up["cancellation_reason"]) == ("canceled", None)
    fresh = api.post(URL, amount=100, currency="cny")
    assert api.post(f"{URL}/{fresh['id']}/cancel")["cancellation_reason"] is None

    paid = confirmed(api)
    with transaction():
        attempt = begin_attempt(paid["id"], Product.wap)
    gateway.buyer_pays(attempt.out_trade_no, attempt.amount_fen)
    error = api.refused("POST", f"{URL}/{paid['id']}/cancel", status=400, code=STATE)
    assert error["payment_intent"]["status"] == "succeeded"


def test_what_was_said_of_a_payment_comes_back_as_it_was_said(gateway: FakeGateway) -> None:
    api = program()
    ask: dict[str, Any] = {"amount": 5, "currency": "cny"}
    long = "红菜薹三斤" * 200
    intent = api.post(URL, **ask, description=long, capture_method="automatic_async")
    assert (intent["description"], intent["capture_method"]) == (long, "automatic_async")
    path = f"{URL}/{intent['id']}"
    api.post(f"{path}/confirm", **ALIPAY)
    pay(intent["id"], gateway)
    assert api.get(path, expand=["latest_charge"])["latest_charge"]["description"] == long
    assert api.post(path, description="short")["description"] == "short"
    assert api.post(path, description=long[1:])["description"] == long[1:]
    assert api.post(path, description="")["description"] is None

    def automatic(shown: Any) -> bool:
        return shown["automatic_payment_methods"] is not None

    assert automatic(api.post(URL, **ask)) and automatic(
        api.post(URL, **ask, automatic_payment_methods={"enabled": True})
    )
    assert not automatic(api.post(URL, **ask, automatic_payment_methods={"enabled": False}))
    chosen = api.post(URL, **ask)
    assert not automatic(api.post(f"{URL}/{chosen['id']}", payment_method_types=["offline"]))
    for words in ({"confirmation_method": "manual"}, {"payment_method_types": ["alipay", "alipay"]}):
        assert api.refused("POST", URL, status=400, **ask, **words)["param"] == next(iter(words))


def test_what_a_state_does_not_allow_is_refused_with_the_payment_shown(
    gateway: FakeGateway, clock: Any
) -> None:
    api = program()
    intent = confirmed(api)
    changed = api.post(
        f"{URL}/{intent['id']}",
        amount=1500,
        metadata={"a": "1"},
        transfer_group="g",
        receipt_email="a@b.example",
    )
    assert (changed["amount"], changed["receipt_email"], changed["transfer_group"]) == (
        1500,
        "a@b.example",
        "g",
    )
    with transaction():
        begin_attempt(intent["id"], Product.wap)
    api.refused("POST", f"{URL}/{intent['id']}", status=400, code=STATE, amount=1)
    pay(intent["id"], gateway)
    for path, words in (("/confirm", ALIPAY), ("", {"amount": 3}), ("/capture", {}), ("/cancel", {})):
        error = api.refused("POST", f"{URL}/{intent['id']}{path}", status=400, code=STATE, **words)
        assert error["payment_intent"]["id"] == intent["id"]
    assert api.post(f"{URL}/{intent['id']}", metadata={"a": "", "b": "2"})["metadata"] == {"b": "2"}
    api.refused(
        "POST",
        "/v1/refunds",
        status=400,
        code=STATE,
        payment_intent=api.post(URL, amount=1, currency="cny")["id"],
    )

    late = confirmed(api)
    clock.move(hours=25)
    api.refused("POST", f"{URL}/{late['id']}/confirm", status=400, code=STATE, **ALIPAY)
    expire_payment(late["id"])
    assert api.get(f"{URL}/{late['id']}")["cancellation_reason"] == "automatic"


def test_an_attempt_that_ended_unpaid_leaves_the_payment_waiting_for_another_way(
    gateway: FakeGateway,
) -> None:
    api = program()
    intent = confirmed(api)
    with transaction():
        attempt = begin_attempt(intent["id"], Product.wap)
    gateway.buyer_opens(attempt.out_trade_no, attempt.amount_fen)
    gateway.close(attempt.out_trade_no)
    ask_now(attempt.out_trade_no)
    failed = api.get(f"{URL}/{intent['id']}")
    assert failed["status"] == "requires_payment_method"
    assert failed["last_payment_error"]["code"] == "payment_intent_payment_attempt_failed"
    again = api.post(f"{URL}/{intent['id']}/confirm", **ALIPAY)
    assert (again["status"], again["last_payment_error"]) == ("requires_action", None)


def test_the_amount_of_an_orders_payment_is_the_orders_to_say(gateway: FakeGateway) -> None:
    api = program()
    payment = make_payment(amount_fen=1230, reference="order:1")

    api.refused("POST", f"{URL}/{payment.id}", status=400, code=STATE, amount=1)

    assert api.post(f"{URL}/{payment.id}", amount=1230, description="红菜薹")["amount"] == 1230


def test_money_by_hand_is_a_payment_like_any_other(app: Flask) -> None:
    api = program()
    intent = api.post(URL, amount=1230, currency="cny", payment_method_types=["offline"], confirm=True)
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "offline_display_details")
    api.refused(
        "POST",
        URL,
        status=400,
        code="offline_limit",
        amount=20_001,
        currency="cny",
        payment_method_types=["offline"],
    )

    api.refused("POST", f"{URL}/{intent['id']}", status=400, code="offline_limit", amount=20_001)

    paid = make_offline_paid_payment(amount_fen=500)
    asked = api.post("/v1/refunds", payment_intent=paid.id, amount=200)
    assert asked["status"] == "requires_action"
    assert api.post(f"/v1/refunds/{asked['id']}/cancel")["status"] == "canceled"
    api.refused("POST", f"/v1/refunds/{asked['id']}/cancel", status=400, code="refund_cancelation_forbidden")
    whole = api.post("/v1/refunds", payment_intent=paid.id)
    assert whole["amount"] == 500
    with transaction():
        confirm_offline_refund(whole["id"], "7")
    assert api.post(f"/v1/refunds/{whole['id']}", metadata={"k": "v"})["metadata"] == {"k": "v"}
    assert list(all_faults()) == []


def test_what_the_shop_asks_for_is_seen_through_the_interface_too(gateway: FakeGateway) -> None:
    api = program()
    paid = make_paid_payment(gateway=gateway, amount_fen=777)
    assert api.get(f"{URL}/{paid.id}")["amount"] == 777
    with transaction():
        refund = request_refund(paid.id, 7, reason="少了一斤")
    shown = api.get(f"/v1/refunds/{refund.id}")
    assert (shown["reason"], shown["description"]) == (None, "少了一斤")
    refund_now(refund.id)
    assert db.session.scalars(select(Refund.status)).all() == ["succeeded"]


def test_lists_are_paged_by_the_last_object_seen_and_by_time(gateway: FakeGateway, clock: Any) -> None:
    api = program()
    made = []
    for number in range(5):
        made.append(api.post(URL, amount=100 + number, currency="cny")["id"])
        clock.move(seconds=1 if number != 2 else 0)  # two in the same second
    newest = made[::-1] if made[2] < made[3] else [made[4], made[2], made[3], made[1], made[0]]

    def ids(**asked: Any) -> tuple[list[str], bool]:
        page = api.get(URL, **asked)
        return [each["id"] for each in page["data"]], page["has_more"]

    assert ids() == (newest, False)
    assert ids(limit=2) == (newest[:2], True)
    assert ids(limit=2, starting_after=newest[1]) == (newest[2:4], True)
    assert ids(limit=2, starting_after=newest[3]) == (newest[4:], False)
    assert ids(limit=2, ending_before=newest[4]) == (newest[2:4], True)
    assert ids(limit=2, ending_before=newest[1]) == (newest[:1], False)
    first = api.get(f"{URL}/{made[0]}")["created"]
    assert ids(created={"gt": first, "lte": first + 1}) == ([made[1]], False)
    assert ids(created=first) == ([made[0]], False)
    assert ids(created={"gte": first, "lt": first + 1}) == ([made[0]], False)
    error = api.refused("GET", URL, status=400, code="resource_missing", starting_after="pi_none")
    assert error["param"] == "starting_after"
    api.refused("GET", URL, status=400, starting_after=made[0], ending_before=made[1])
    api.refused("GET", URL, status=400, code="parameter_invalid_integer", limit=101)


def test_a_browser_knows_a_payment_only_by_its_client_secret(gateway: FakeGateway) -> None:
    api, browser = program(), program(kind="pk")
    intent = api.post(URL, amount=1230, currency="cny", metadata={"secret": "words"})
    path, secret = f"{URL}/{intent['id']}", intent["client_secret"]
    browser.refused("GET", path, status=401)
    browser.refused("GET", path, status=404, code="resource_missing", client_secret=secret[:-1] + "x")
    seen = browser.get(path, client_secret=secret)
    assert "metadata" not in seen and seen["amount"] == 1230
    seen = browser.post(f"{path}/confirm", client_secret=secret, **ALIPAY)
    assert seen["next_action"]["alipay_handle_redirect"]["url"]
    browser.refused("GET", path, status=400, client_secret=secret, expand=["latest_charge"])
    for method, where in (("GET", URL), ("POST", URL), ("POST", "/v1/refunds"), ("GET", "/v1/events")):
        browser.refused(method, where, status=403, code="secret_key_required")


def test_worlds_and_accounts_do_not_see_each_other(gateway: FakeGateway) -> None:
    test, live, seller = program(), program(live=True), program(account="acct_1")
    intent = confirmed(test)
    pay(intent["id"], gateway)
    charge = test.get(f"{URL}/{intent['id']}")["latest_charge"]
    mine = seller.post(URL, amount=5, currency="cny")
    for path in (f"{URL}/{intent['id']}", f"/v1/charges/{charge}"):
        assert (
            "exists in test mode" in live.refused("GET", path, status=404, code="resource_missing")["message"]
        )
        assert "exists" not in seller.refused("GET", path, status=404, code="resource_missing")["message"]
    for other in (live, seller):
        other.refused("POST", "/v1/refunds", status=404, code="resource_missing", charge=charge)
        other.refused("POST", f"{URL}/{intent['id']}/cancel", status=404, code="resource_missing")
        other.refused("POST", f"{URL}/{intent['id']}", status=404, code="resource_missing", amount=1)
        assert other.get("/v1/charges")["data"] == []
        other.refused("GET", "/v1/charges", status=400, starting_after=charge)
    assert [each["id"] for each in seller.get(URL)["data"]] == [mine["id"]]
    assert test.get(f"{URL}/{intent['id']}", expand=["customer"])["customer"] is None
    asked = live.post(URL, amount=5, currency="cny")
    assert asked["livemode"] is True
    error = live.refused(
        "POST", f"{URL}/{asked['id']}/confirm", status=400, code="payment_method_not_available", **ALIPAY
    )
    assert "param" not in error  # "method" is a field of our own page
