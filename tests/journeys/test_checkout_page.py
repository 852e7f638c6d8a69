"""A buyer in a real browser: from another shop to our page, to Alipay's cashier, and back to the shop that is told by an event."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import stripe
from playwright.sync_api import Browser

from commons.db import db, transaction
from marketplace.payments.api.keys import make_key
from tests.browser import page_at
from tests.journeys.site import Site, running_site
from tests.marketplace.payments.webhooks.receiver import Receiver


def key_of(site: Site) -> str:
    with site.app.app_context():
        with transaction():
            _, key = make_key("sk", livemode=False)
        db.session.remove()
    return key


def test_a_buyer_pays_another_shops_basket(database_url: str, tmp_path: Path, browser: Browser) -> None:
    with (
        running_site(database_url, tmp_path / "instance", webhooks_may_be_private=True) as site,
        Receiver() as hook,
        Receiver() as shop,
    ):
        bases = dict.fromkeys(("api", "files", "connect", "meter_events"), site.base)
        client: Any = stripe.StripeClient(key_of(site), base_addresses=bases).v1  # type: ignore[arg-type]
        told = client.webhook_endpoints.create(
            {"url": hook.url, "enabled_events": ["checkout.session.completed"]}
        )
        product = {"currency": "cny", "unit_amount": 1230, "product_data": {"name": "蜜橘 5 斤"}}
        session = client.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [{"price_data": product, "quantity": 2}],
                "success_url": f"http://127.0.0.1:{shop.port}/thanks?s={{CHECKOUT_SESSION_ID}}",
                "cancel_url": f"http://127.0.0.1:{shop.port}/basket",
            }
        )
        assert session.url

        with page_at(browser, session.url, script=False) as page:
            assert "¥24.60" in page.inner_text("main")
            page.get_by_role("link", name="用支付宝付款").click()
            page.get_by_role("button", name="确认付款").click()
            page.wait_for_url(f"http://127.0.0.1:{shop.port}/thanks**", timeout=30_000)
            assert page.url.endswith(f"?s={session.id}")

        done = client.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
        assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
        ends_at = time.monotonic() + 30
        while not hook.heard:
            assert time.monotonic() < ends_at, "the event did not come"
            time.sleep(0.05)
        heard, secret = hook.heard[0], told.secret or ""
        event = stripe.Webhook.construct_event(heard.body, heard.headers["Stripe-Signature"], secret)
        assert json.loads(heard.body)["data"]["object"]["id"] == session.id
        assert event.type == "checkout.session.completed"

        lines = list(client.checkout.sessions.line_items.list(session.id).auto_paging_iter())
        assert [(line.description, line.quantity, line.amount_total) for line in lines] == [
            ("蜜橘 5 斤", 2, 2460)
        ]
        with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
            client.checkout.sessions.expire(session.id)
        again = client.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [{"price_data": product, "quantity": 1}],
                "success_url": "https://shop.example/",
            }
        )
        assert client.checkout.sessions.expire(again.id).status == "expired"
        assert [each.id for each in client.checkout.sessions.list({"status": "expired"}).data] == [again.id]
