"""A program keeps its webhook endpoints by the interface."""

from __future__ import annotations

import json

from flask import Flask

from commons import worker
from marketplace.payments.webhooks.rules import known_event_types
from tests.make.fake_gateway import FakeGateway  # noqa: F401 - the fixtures' type
from tests.make.payments import make_payment, use_fake_gateway
from tests.make.webhooks import allow_private_webhooks
from tests.marketplace.payments.api.checked import program
from tests.marketplace.payments.webhooks.receiver import Receiver

URL = "/v1/webhook_endpoints"


def test_an_endpoint_lives_from_its_making_to_its_end(app: Flask) -> None:
    use_fake_gateway()
    api = program()
    assert {"payment_intent.succeeded", "checkout.session.async_payment_failed", "*"} <= known_event_types()

    made = api.post(
        URL,
        url="https://example.com/hooks?a=1",
        enabled_events=["payment_intent.succeeded", "charge.refunded"],
        description="店里的账",
        metadata={"shop": "7"},
        api_version="2026-10-28.endive",
    )
    assert made["secret"].startswith("whsec_") and made["status"] == "enabled" and not made["livemode"]
    same = api.get(f"{URL}/{made['id']}")
    assert same == {name: value for name, value in made.items() if name != "secret"}

    changed = api.post(
        f"{URL}/{made['id']}", enabled_events=["*"], disabled=True, metadata={"shop": ""}, description=""
    )
    assert (changed["status"], changed["metadata"], changed["description"]) == ("disabled", {}, None)
    assert changed["enabled_events"] == ["*"]
    assert api.post(f"{URL}/{made['id']}", disabled=False, url="https://example.com/new")["url"].endswith(
        "/new"
    )

    second = api.post(URL, url="http://example.com/2", enabled_events=["*"])
    assert [each["id"] for each in api.get(URL, limit=1)["data"]] == [second["id"]]
    assert api.get(URL, starting_after=second["id"])["data"][0]["id"] == made["id"]
    assert api.delete(f"{URL}/{made['id']}") == {
        "id": made["id"],
        "object": "webhook_endpoint",
        "deleted": True,
    }
    assert [each["id"] for each in api.get(URL)["data"]] == [second["id"]]
    for method in ("GET", "POST", "DELETE"):
        api.refused(method, f"{URL}/{made['id']}", status=404, code="resource_missing")


def test_what_would_never_be_heard_or_reaches_inside_is_refused(app: Flask) -> None:
    api, live = program(), program(live=True)
    for url in (
        "http://127.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost:9000/",
        "ftp://example.com/",
        "http://a@example.com/",
    ):
        api.refused("POST", URL, status=400, code="url_invalid", url=url, enabled_events=["*"])
    live.refused("POST", URL, status=400, code="url_invalid", url="http://example.com/", enabled_events=["*"])
    api.refused("POST", URL, status=400, code="parameter_missing", url="https://example.com/")
    slip = api.refused(
        "POST", URL, status=400, url="https://example.com/", enabled_events=["*", "payment_intent.suceeded"]
    )
    assert slip["param"] == "enabled_events[1]"
    api.refused(
        "POST", URL, status=400, url="https://example.com/", enabled_events=["*"], api_version="2020-08-27"
    )

    mine = live.post(URL, url="https://example.com/", enabled_events=["*"])
    assert mine["livemode"] and api.get(URL)["data"] == []
    for method in ("GET", "POST", "DELETE"):
        api.refused(method, f"{URL}/{mine['id']}", status=404, code="resource_missing")
    program(kind="pk").refused("GET", URL, status=403)
    for _ in range(16):
        api.post(URL, url="https://example.com/", enabled_events=["*"])
    api.refused("POST", URL, status=400, url="https://example.com/", enabled_events=["*"])


def test_an_event_says_how_many_still_have_to_hear_of_it(app: Flask) -> None:
    allow_private_webhooks()
    use_fake_gateway()
    api = program()
    with Receiver() as shop:
        for _ in range(2):
            api.post(URL, url=shop.url, enabled_events=["payment_intent.created"])
        make_payment()

        before = api.get("/v1/events", type="payment_intent.created")["data"][0]
        worker.run_due()
        after = api.get(f"/v1/events/{before['id']}")

    assert (before["pending_webhooks"], after["pending_webhooks"]) == (2, 0)
    told = json.loads(shop.heard[0].body)
    assert told["data"]["object"]["client_secret"] and told | {"pending_webhooks": 0} == after
