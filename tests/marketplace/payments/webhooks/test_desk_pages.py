"""The operator of money sees every attempt and sends one again; nobody else does."""

from __future__ import annotations

import re

import stripe
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons import worker
from commons.audit import AuditLine
from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.payments.webhooks.rules import Trouble
from marketplace.payments.webhooks.words import TROUBLE_WORDS
from tests.make.people import make_official, sign_in
from tests.make.webhooks import allow_private_webhooks, happen, make_webhook
from tests.marketplace.payments.webhooks.receiver import Receiver, answer


def test_the_operator_follows_an_event_to_its_end_and_rolls_the_secret(
    app: Flask, client: FlaskClient, clock: FrozenClock
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    allow_private_webhooks()
    with transaction():
        clerk, operator = make_official(role="clerk"), make_official(role="operator", area="")
    with Receiver() as shop:
        endpoint, _ = make_webhook(shop.url, "customer.created")
        shop.answers.append(answer("503 Busy", "稍后再来<b>".encode()))
        happen("customer.created")
        worker.run_due()
        pages = ["/desk/webhooks", f"/desk/webhooks/{endpoint.id}", "/desk/webhooks/deliveries/1"]

        for page in pages:
            assert client.get(page).status_code in {302, 303, 401}
        with transaction():
            sign_in(client, clerk)
        assert [client.get(page).status_code for page in pages] == [403] * 3
        assert client.post(f"{pages[2]}/replay").status_code == 403
        assert client.post(f"{pages[1]}/secret", data={"hours": "0"}).status_code == 403

        other = app.test_client()
        with transaction():
            sign_in(other, operator)
        listed, one, delivery = (other.get(page).text for page in pages)
        assert shop.url in listed and "待送" in one and "事件推送" in listed
        assert "503" in delivery and "稍后再来&lt;b&gt;" in delivery and "对方没有收下" in delivery
        assert "蜜橘合作社" in delivery

        rolled = other.post(f"{pages[1]}/secret", data={"hours": "0"}).text
        (secret,) = re.findall(r"<code>(whsec_\w+)</code>", rolled)
        assert secret not in other.get(pages[1]).text
        assert other.post(f"{pages[2]}/replay").status_code == 303
        worker.run_due()
        assert "已送到" in other.get(pages[2]).text
        heard = shop.heard[-1]
        assert stripe.Webhook.construct_event(heard.body, heard.headers["Stripe-Signature"], secret, 0)

    done = select(AuditLine.action).where(AuditLine.action.startswith("webhook.")).order_by(AuditLine.id)
    assert db.session.scalars(done).all() == ["webhook.secret_rolled", "webhook.replayed"]
    for missing in ("/desk/webhooks/we_none", "/desk/webhooks/deliveries/99"):
        assert other.get(missing).status_code == 404


def test_every_trouble_has_words_for_a_person() -> None:
    assert set(TROUBLE_WORDS) == set(Trouble)
