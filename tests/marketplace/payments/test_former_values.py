"""An event that tells of a change says what was otherwise before, as Stripe's do; no other event does."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.worker import run_due
from marketplace.payments.connect.actions import block, mark_verified
from marketplace.payments.connect.payouts import locked_payout, mark_in_transit
from marketplace.payments.objects import with_former_values
from marketplace.payments.record_models import PaymentEvent
from marketplace.payments.records import record_event
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_paid_payment, use_fake_gateway
from tests.marketplace.payments.api.checked import Program, program

BANK = {
    "object": "bank_account", "country": "CN", "currency": "cny", "account_holder_name": "王秀兰",
    "account_number": "6200000000000000012", "routing_number": "示范农商行",
}  # fmt: skip


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


@pytest.fixture
def api(gateway: FakeGateway) -> Program:
    return program()


def last(api: Program, clock: FrozenClock, kind: str) -> dict[str, Any]:
    """What the newest event of *kind* says was otherwise; a moment later, so that the next one is newer."""
    clock.move(seconds=1)
    event = api.get("/v1/events", type=kind, limit=1)["data"][0]
    former: dict[str, Any] = event["data"]["previous_attributes"]
    return former


@pytest.mark.parametrize(
    ("former", "now", "told"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2}),
        ({"a": {"x": 1, "y": 2, "z": {"q": 1, "r": 1}}}, {"a": {"x": 1, "y": 3, "z": {"q": 2, "r": 1}}},
         {"a": {"y": 2, "z": {"q": 1}}}),
        ({"metadata": {"gone": "1"}}, {"metadata": {"new": "2"}}, {"metadata": {"gone": "1", "new": None}}),
        ({"due": ["a", "b"]}, {"due": ["a"]}, {"due": ["a", "b"]}),
        ({"a": None}, {"a": {"x": 1}}, {"a": None}),
        ({"a": {"x": 1}}, {"a": None}, {"a": {"x": 1}}),
        ({}, {"failure": "unknown"}, {"failure": None}),
        ({"a": 1}, {"a": 1}, {}),
    ],
)  # fmt: skip
def test_what_changed_is_told_by_name_and_former_value(
    former: dict[str, Any], now: dict[str, Any], told: dict[str, Any]
) -> None:
    assert with_former_values(now, former) == {"object": now, "previous_attributes": told}


def test_a_refund_tells_what_it_was_before_it_succeeded(
    api: Program, gateway: FakeGateway, clock: FrozenClock
) -> None:
    charge = make_paid_payment(gateway=gateway)
    refund = api.post("/v1/refunds", payment_intent=charge.id, metadata={"line": "2"})
    api.post(f"/v1/refunds/{refund['id']}", metadata={"line": "3", "why": "坏了"})
    assert last(api, clock, "refund.updated") == {"metadata": {"line": "2", "why": None}}

    run_due()

    assert last(api, clock, "refund.updated") == {"balance_transaction": None, "status": "pending"}
    every = api.get("/v1/events", limit=100)["data"]
    assert {"charge.refunded", "payment_intent.succeeded", "refund.created"} <= {
        each["type"] for each in every
    }
    assert all(
        ("previous_attributes" in each["data"]) == (each["type"] == "refund.updated") for each in every
    )


def test_an_account_a_payout_and_a_transfer_tell_what_they_were(
    api: Program, gateway: FakeGateway, clock: FrozenClock
) -> None:
    account = api.post("/v1/accounts", type="custom", business_profile={"name": "谷子"})
    seller = Program(api.key, {"Stripe-Account": account["id"]})
    payment = make_paid_payment(gateway=gateway)
    charge = api.get(f"/v1/payment_intents/{payment.id}")["latest_charge"]
    transfer = api.post(
        "/v1/transfers", amount=1000, currency="cny", destination=account["id"], source_transaction=charge,
        metadata={"a": "1"},
    )  # fmt: skip
    api.post(f"/v1/transfers/{transfer['id']}", description="谷子款", metadata={"a": ""})
    assert last(api, clock, "transfer.updated") == {"description": None, "metadata": {"a": "1"}}

    api.post(f"/v1/accounts/{account['id']}", external_account=BANK, business_profile={"name": "谷子家"})
    both = ["individual.verification.document", "external_account"]
    told = last(seller, clock, "account.updated")
    assert told["business_profile"] == {"name": "谷子"} and told["requirements"]["currently_due"] == both
    assert len(seller.get("/v1/events", type="account.updated")["data"]) == 1, "one call is one change"
    with transaction():
        mark_verified(account["id"], "person:1")
    assert last(seller, clock, "account.updated")["payouts_enabled"] is False
    with transaction():
        block(account["id"], "有人投诉")
    assert last(seller, clock, "account.updated")["requirements"] == {"disabled_reason": None}
    with transaction():
        block(account["id"], "")
    clock.move(seconds=1)

    payout = seller.post("/v1/payouts", amount=900, currency="cny")
    seller.post(f"/v1/payouts/{payout['id']}", metadata={"w": "47"})
    assert last(seller, clock, "payout.updated") == {"metadata": {"w": None}}
    with transaction():
        mark_in_transit(locked_payout(payout["id"]))
    assert last(seller, clock, "payout.updated") == {"status": "pending"}


def test_an_event_that_was_kept_before_changes_were_told_is_shown_as_it_was(api: Program) -> None:
    with transaction():
        data = {"id": "re_1", "object": "refund"}
        record_event("refund.updated", data, livemode=False, former=data)
    with transaction():
        db.session.execute(update(PaymentEvent).values(data=data))

    answer = api.call("GET", "/v1/events", {}).get_json()

    assert answer["data"][0]["data"] == {"object": data}


@pytest.mark.parametrize(("kind", "former"), [("refund.updated", None), ("refund.created", {"id": "re_1"})])
def test_a_change_is_not_told_without_what_was_and_nothing_else_with_it(
    app: Flask, kind: str, former: dict[str, Any] | None
) -> None:
    with pytest.raises(AssertionError), transaction():
        record_event(kind, {"id": "re_1", "object": "refund"}, livemode=False, former=former)
