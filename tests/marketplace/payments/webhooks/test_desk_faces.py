"""The desk's pages of deliveries in a real browser keep the rules of every page."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from commons import worker
from commons.db import transaction
from tests.commons.accounts.test_faces import cookies
from tests.face import served
from tests.make.people import make_official, sign_in
from tests.make.webhooks import allow_private_webhooks, happen, make_webhook
from tests.marketplace.payments.webhooks.receiver import Receiver, answer
from tests.ui_rules import findings


def test_every_page_of_deliveries_keeps_the_rules(app: Flask, client: FlaskClient, browser: Browser) -> None:
    allow_private_webhooks()
    with Receiver() as shop:
        shop.answers.append(answer("503 Service Unavailable", "系统维护，".encode() * 30))
        endpoint, _ = make_webhook(f"{shop.url}&a-long-name-without-spaces={'x' * 80}")
        happen("customer.created", "customer.updated")
        worker.run_due()
    with transaction():
        sign_in(client, make_official(role="operator", area=""))
    pages = ("/desk/webhooks", f"/desk/webhooks/{endpoint.id}", "/desk/webhooks/deliveries/1")

    with served(app) as base:
        found = {page: findings(browser, base + page, "desk", cookies(client, base)) for page in pages}

    assert {page: [str(each) for each in wrong] for page, wrong in found.items() if wrong} == {}
