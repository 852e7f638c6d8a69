"""What a call wants to see whole is looked at before the call does anything, and does not depend on what is there."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from marketplace.payments.api.registry import ENDPOINTS
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_paid_payment, use_fake_gateway
from tests.make.sellers import make_account, make_owed
from tests.marketplace.payments.api.checked import Program, program

URL = "/v1/payment_intents"
SESSIONS = "/v1/checkout/sessions"
CONFIRMED: dict[str, Any] = {
    "amount": 1230, "currency": "cny", "confirm": True, "payment_method_data": {"type": "alipay"},
    "return_url": "https://shop.example/back",
}  # fmt: skip
BASKET: dict[str, Any] = {
    "mode": "payment", "success_url": "https://shop.example/thanks",
    "line_items": [
        {"quantity": 1, "price_data": {"currency": "cny", "unit_amount": 5, "product_data": {"name": "蜜橘"}}}
    ],
}  # fmt: skip
# Every call that speaks with a gateway: about what, with what, and how its object stands before and afterwards.
TALKING: dict[str, tuple[str, dict[str, Any], dict[str, Any], tuple[str, str]]] = {
    f"{URL}/<id>/cancel": (URL, CONFIRMED, {}, ("requires_action", "canceled")),
    f"{URL}/<id>/open_alipay": (URL, CONFIRMED, {"client": "qr"}, ("requires_action", "requires_action")),
    f"{SESSIONS}/<id>/expire": (SESSIONS, BASKET, {}, ("open", "expired")),
}


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    return use_fake_gateway()


@pytest.fixture
def api(gateway: FakeGateway) -> Program:
    return program()


def test_every_call_that_speaks_with_a_gateway_is_tried_here(app: Flask) -> None:
    assert set(TALKING) == {each.path for each in ENDPOINTS.values() if each.talks}


@pytest.mark.parametrize("path", TALKING)
def test_a_call_that_is_refused_for_its_expand_has_done_nothing(
    api: Program, gateway: FakeGateway, path: str
) -> None:
    url, asked, words, (before, after) = TALKING[path]
    made = api.post(url, **asked)
    here = path.replace("<id>", made["id"])

    error = api.refused("POST", here, status=400, idempotency_key="k", expand=["nope"], **words)

    assert error["param"] == "expand"
    assert api.get(f"{url}/{made['id']}")["status"] == before and gateway.calls == []
    assert api.post(here, idempotency_key="k", **words)["status"] == after


def test_what_cannot_be_expanded_is_refused_whether_or_not_it_is_there(api: Program) -> None:
    intent = api.post(URL, amount=5, currency="cny", metadata={"a": "b"})
    for path, wanted in (
        ("/v1/refunds", "data.bogus"),
        ("/v1/refunds", "charge"),
        ("/v1/events", "data.data.object"),
        (f"{URL}/{intent['id']}", "latest_charge.nope"),
        (f"{URL}/{intent['id']}", "latest_charge.refunds.charge"),
        (f"{URL}/{intent['id']}", "metadata"),
        (f"{URL}/{intent['id']}", "payment_method_options.alipay"),
        (f"{URL}/{intent['id']}", "customer."),
    ):
        assert api.refused("GET", path, status=400, expand=[wanted])["param"] == "expand", wanted
    assert api.get("/v1/refunds", expand=["data.charge.payment_intent.customer"])["data"] == []
    deep = "latest_charge.refunds.data.charge"
    assert api.get(f"{URL}/{intent['id']}", expand=[deep])["latest_charge"] is None


def test_a_balance_transaction_shows_its_source_of_every_kind(api: Program, gateway: FakeGateway) -> None:
    payment = make_paid_payment(gateway=gateway)
    api.post("/v1/refunds", payment_intent=payment.id, amount=5)
    make_owed(seller="7")
    seller = Program(api.key, {"Stripe-Account": make_account(seller="7").id})
    transfer = api.get("/v1/transfers", limit=1)["data"][0]["id"]
    api.post(f"/v1/transfers/{transfer}/reversals", amount=100)
    seller.post("/v1/payouts", amount=500, currency="cny")

    shown = [
        each
        for who in (api, seller)
        for each in who.get("/v1/balance_transactions", expand=["data.source"])["data"]
    ]

    assert {each["source"]["object"] for each in shown} == {
        "charge",
        "transfer",
        "transfer_reversal",
        "payout",
    }
    whole = api.get(f"/v1/transfers/{transfer}", expand=["reversals.data.balance_transaction.source"])
    assert whole["reversals"]["data"][0]["balance_transaction"]["source"]["transfer"] == transfer
