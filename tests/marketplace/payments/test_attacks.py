"""
Somebody with a key, a browser or a line of their own tries everything: no call reaches what is not theirs, no number is
taken that is none, and nothing that was cut or changed is believed.

The interface is attacked by walking its own table of endpoints, so that a new one is attacked from its first day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.ledger.models import LedgerTransfer
from marketplace.payments.actions import release_to_seller
from marketplace.payments.api.registry import ENDPOINTS, Endpoint
from marketplace.payments.errors import TooMuchToRelease
from marketplace.payments.links import page_key
from marketplace.payments.models import Charge, PaymentAttempt, PaymentIntent, Refund, SellerTransfer
from marketplace.payments.queries import charges_of, the_payment
from marketplace.payments.record_models import PaymentEvent
from marketplace.payments.webhooks.rules import signature_header
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_attempt, make_payment, pay, use_fake_gateway
from tests.marketplace.payments.api.checked import Program, program
from tests.marketplace.payments.test_notify import fields_of, post, send

# What every endpoint that changes something is given, so that it fails for the right reason.
FILLING = {
    "amount": 5, "currency": "cny", "metadata": {"a": "b"}, "email": "thief@example.cn", "return_url": "https://thief.example.cn/",
    "payment_method_data": {"type": "alipay"}, "url": "https://thief.example.cn/hook",
}  # fmt: skip
STRANGE_AMOUNTS = [
    "-1", "0", "-0", "+5", " 5", "5 ", "5.0", "5e2", "0x5", "0b1", "1_000", "٥", "５", "五", "NaN", "inf", "true", "null", "",
    "9" * 13, "9" * 400, "18446744073709551617", "5;DROP TABLE payment_intent", "5\x00",
]  # fmt: skip


@pytest.fixture
def gateway(app: Flask, clock: FrozenClock) -> FakeGateway:
    return use_fake_gateway()


def owned(api: Program, gateway: FakeGateway) -> dict[str, str]:
    """One object of every kind that the interface knows by an address, by the path of its collection."""
    intent = api.post("/v1/payment_intents", amount=10_000, currency="cny", payment_method_types=["alipay"])
    api.post(
        f"/v1/payment_intents/{intent['id']}/confirm",
        payment_method_data={"type": "alipay"},
        return_url="https://a.cn/",
    )
    pay(the_payment(intent["id"]), gateway)
    customer = api.post("/v1/customers", email="owner@example.cn")
    hook = api.post("/v1/webhook_endpoints", url="https://owner.example.cn/hook", enabled_events=["*"])
    price = {"currency": "cny", "unit_amount": 500, "product_data": {"name": "鸡蛋"}}
    session = api.post(
        "/v1/checkout/sessions", mode="payment", success_url="https://a.cn/", line_items=[{"price_data": price, "quantity": 1}]
    )  # fmt: skip
    account = api.post("/v1/accounts")
    charge = api.get(f"/v1/payment_intents/{intent['id']}")["latest_charge"]
    transfer = api.post(
        "/v1/transfers", amount=1_000, currency="cny", destination=account["id"], source_transaction=charge
    )  # fmt: skip
    return {
        "payment_intents": intent["id"], "charges": charge, "customers": customer["id"], "webhook_endpoints": hook["id"],
        "checkout/sessions": session["id"], "accounts": account["id"], "transfers": transfer["id"],
        "refunds": api.post("/v1/refunds", charge=charge, amount=700)["id"],
        "events": api.get("/v1/events", limit=1)["data"][0]["id"],
        "payment_methods": api.post("/v1/payment_methods", type="alipay")["id"],
        "balance_transactions": api.get("/v1/balance_transactions", limit=1)["data"][0]["id"],
    }  # fmt: skip


def addresses(mine: dict[str, str]) -> Iterator[tuple[Endpoint, str]]:
    """Every endpoint that names an object, with the address of the owner's."""
    for each in ENDPOINTS.values():
        collection, found, _ = each.path.removeprefix("/v1/").partition("/<id>")
        if found and collection in mine:
            yield each, each.path.replace("<id>", mine[collection]).replace("<reversal>", "trr_1")


def picture() -> dict[str, Any]:
    """What an attack could have changed."""
    db.session.remove()
    models = (PaymentIntent, PaymentAttempt, Charge, Refund, SellerTransfer, LedgerTransfer, PaymentEvent)
    counted = {model.__name__: db.session.scalar(select(func.count()).select_from(model)) for model in models}
    states = list(
        db.session.execute(
            select(PaymentIntent.id, PaymentIntent.status, PaymentIntent.amount_fen).order_by(
                PaymentIntent.id
            )
        )
    )
    db.session.remove()
    return {**counted, "states": states}


def test_no_key_reaches_what_is_another_accounts_or_another_worlds(gateway: FakeGateway) -> None:
    owner = program()
    mine = owned(owner, gateway)
    before = picture()
    thieves = [program(account="acct_thief"), program(live=True), program(live=True, account="acct_thief")]
    tried = 0
    for each, address in addresses(mine):
        given = (
            {name: value for name, value in FILLING.items() if name in each.params.of}
            if each.method == "POST"
            else {}
        )
        for thief in thieves:
            answer = thief.call(each.method, address, given, None)
            tried += 1
            told = json.loads(answer.data)["error"]
            assert answer.status_code in ({404} if each.method == "GET" else {400, 403, 404}), (
                each.name,
                told,
            )
            assert "owner@" not in answer.text and "10000" not in answer.text
        browser = program(kind="pk")
        answer = browser.call(each.method, address, given, None)
        assert answer.status_code in {400, 401, 403, 404}, (each.name, answer.text)
        nobody = Program("sk_test_" + "x" * 48)
        assert nobody.call(each.method, address, given, None).status_code == 401
    assert tried >= 60
    assert picture() == before
    for path in {
        each.path
        for each in ENDPOINTS.values()
        if each.method == "GET" and each.is_list and "<" not in each.path
    }:
        for thief in thieves:
            shown = thief.call("GET", path, {}, None)
            ids = {one["id"] for one in json.loads(shown.data).get("data", [])}
            assert not ids & set(mine.values()), path


def test_no_number_is_taken_for_money_that_is_none(app: Flask, gateway: FakeGateway) -> None:
    api = program()
    mine = owned(api, gateway)
    before = picture()
    paying = [each for each in ENDPOINTS.values() if each.method == "POST" and "amount" in each.params.of]
    assert len(paying) >= 5
    for each in paying:
        collection = each.path.removeprefix("/v1/").partition("/")[0]
        address = each.path.replace("<id>", mine.get(collection, "none"))
        given = {
            name: value
            for name, value in {"currency": "cny", "charge": mine["charges"]}.items()
            if name in each.params.of
        }
        for amount in STRANGE_AMOUNTS:
            answer = api.call("POST", address, {**given, "amount": amount}, None)
            assert answer.status_code in {400, 404}, (each.name, amount, answer.text)
        for tree in ("amount[]=5", "amount[value]=5", "amount[0]=5&amount[1]=6"):
            headers = {"Authorization": f"Bearer {api.key}"}
            body = f"{urlencode(given)}&{tree}"
            kind = "application/x-www-form-urlencoded"
            answer = app.test_client().post(address, data=body, headers=headers, content_type=kind)
            assert answer.status_code in {400, 404}, (each.name, tree, answer.text)
    assert picture() == before


def test_a_payments_page_opens_by_its_own_word_alone(client: FlaskClient, gateway: FakeGateway) -> None:
    mine, other = make_payment(reference="order:1"), make_payment(reference="order:2")
    right = page_key(mine.id)
    for page in ("", "/redirect", "/return"):
        for word in (
            "",
            right[:-1],
            right + "0",
            right.upper(),
            right.swapcase(),
            page_key(other.id),
            "%00",
            "*",
        ):
            if word != right:
                assert client.get(f"/pay/{mine.id}{page}?k={word}").status_code == 404
    assert client.get(f"/pay/{mine.id}?k={right}").status_code == 200
    assert charges_of(mine.id) == []


def test_a_notification_that_lacks_or_changes_any_part_is_not_believed(
    client: FlaskClient, gateway: FakeGateway, clock: FrozenClock
) -> None:
    payment = make_payment(amount_fen=1230)
    attempt = make_attempt(payment)
    genuine = fields_of(attempt, clock)
    signed: dict[str, str] = {}

    class Listening:
        def post(self, _path: str, *, data: str, **_more: Any) -> Any:
            signed["body"] = data
            raise LookupError

    with pytest.raises(LookupError):
        send(Listening(), genuine, gateway.key)  # type: ignore[arg-type]
    pairs = [pair.split("=", 1) for pair in signed["body"].split("&")]
    names = [name for name, _ in pairs if name not in {"sign", "sign_type"}]
    for name in names:
        without = "&".join(f"{key}={value}" for key, value in pairs if key != name)
        changed = "&".join(f"{key}={value}{'1' if key == name else ''}" for key, value in pairs)
        twice = f"{signed['body']}&{name}=1"
        for body in (without, changed, twice):
            assert post(client, body) != b"success", name
    for length in range(
        0, signed["body"].index("&sign_type"), 37
    ):  # cut off anywhere in what is signed, or in the signature
        assert post(client, signed["body"][:length]) != b"success"
    assert charges_of(payment.id) == []

    assert [post(client, signed["body"]) for _ in range(3)] == [b"success"] * 3
    assert len(charges_of(payment.id)) == 1
    clock.move(days=40)
    assert post(client, signed["body"]) == b"success"  # an old letter, sent again by whoever kept it
    assert len(charges_of(payment.id)) == 1
    assert (
        len([each for each in db.session.scalars(select(PaymentEvent)) if each.type == "charge.succeeded"])
        == 1
    )


def test_an_event_that_was_cut_changed_or_kept_is_refused_by_the_official_client(
    app: Flask, gateway: FakeGateway
) -> None:
    secret, moment = "whsec_" + "s" * 32, 1_800_000_000
    body = json.dumps(
        {"id": "evt_1", "object": "event", "type": "charge.succeeded", "data": {"object": {"id": "ch_1"}}}
    ).encode()
    sent = signature_header(body, [secret], datetime.fromtimestamp(moment, UTC))

    def believed(raw: bytes, signature: str, key: str = secret, *, at: int = moment) -> bool:
        try:
            stripe.WebhookSignature.verify_header(raw, signature, key, tolerance=None)
            parts = dict(part.split("=", 1) for part in signature.split(","))
            return abs(at - int(parts["t"])) <= 300
        except (stripe.SignatureVerificationError, ValueError):
            return False

    assert believed(body, sent)
    assert not any(believed(body[:length], sent) for length in range(0, len(body), 11))
    assert not believed(body.replace(b"ch_1", b"ch_2"), sent)
    assert not believed(body, sent, "whsec_" + "t" * 32)
    assert not believed(body, sent.replace(f"t={moment}", f"t={moment + 1}"))
    assert not believed(body, sent, at=moment + 301)


def test_a_sellers_money_is_not_released_twice_or_beyond_what_was_paid(gateway: FakeGateway) -> None:
    payment = make_payment(amount_fen=1230)
    pay(payment, gateway)
    for amount in (-1, 0, 1231, 10**12):
        with pytest.raises(TooMuchToRelease), transaction():
            release_to_seller(payment.id, "7", amount, f"r{amount}")
    for _ in range(2):
        with transaction():
            release_to_seller(payment.id, "7", 1230, "whole")
    with pytest.raises(TooMuchToRelease), transaction():
        release_to_seller(payment.id, "7", 1, "more")
