"""Events reach every endpoint that wants them, signed, at least once, for three days; and nobody is held up."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from flask import Flask
from sqlalchemy import func, select, text, update

from commons import worker
from commons.clock import FrozenClock
from commons.db import db, end_read, transaction
from commons.outbox import Job
from marketplace.payments.records import record_event
from marketplace.payments.webhooks.actions import delete_endpoint, replay, roll_secret, switch
from marketplace.payments.webhooks.claiming import Shares, _awake, claim
from marketplace.payments.webhooks.courier import Courier, Receipt
from marketplace.payments.webhooks.delivering import _record, deliver, the_post
from marketplace.payments.webhooks.errors import EndpointGone
from marketplace.payments.webhooks.jobs import forget_old_deliveries
from marketplace.payments.webhooks.models import (
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookSecret,
)
from marketplace.payments.webhooks.post import BroughtHome
from marketplace.payments.webhooks.rules import LEASE, PATIENCE, WAITS, Trouble, signature_header
from tests.make.fake_gateway import FakeGateway
from tests.make.payments import make_paid_payment, use_fake_gateway
from tests.make.webhooks import allow_private_webhooks, happen, make_webhook
from tests.marketplace.payments.webhooks.receiver import Heard, Receiver, answer

NO_AGE = 0  # any age: the machine's clock and the test's differ, and one test looks at the real one


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    allow_private_webhooks()
    return use_fake_gateway()


@pytest.fixture(autouse=True)
def nobody_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for everybody as long as a busy machine needs."""
    monkeypatch.setattr("marketplace.payments.webhooks.post.PROMPT_S", 25.0)


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def opened(heard: Heard, secret: str, tolerance: int = NO_AGE) -> stripe.Event:
    """The event, as the official client verifies and reads it."""
    signature = heard.headers["Stripe-Signature"]
    event: stripe.Event = stripe.Webhook.construct_event(heard.body, signature, secret, tolerance)
    return event


def states() -> list[str]:
    end_read()
    return list(db.session.scalars(select(WebhookDelivery.state).order_by(WebhookDelivery.id)))


def the_only_delivery() -> WebhookDelivery:
    end_read()
    return db.session.scalars(select(WebhookDelivery)).one()


def test_a_payment_is_told_to_whoever_wants_it_and_the_official_client_believes_it(
    gateway: FakeGateway, shop: Receiver
) -> None:
    _, secret = make_webhook(shop.url, "payment_intent.succeeded", "charge.succeeded")
    make_webhook(shop.url, "refund.created")
    make_webhook("https://example.com/", "*", livemode=True)
    off, _ = make_webhook(shop.url)
    with transaction():
        switch(db.session.merge(off), is_enabled=False)

    payment = make_paid_payment(gateway=gateway)
    worker.run_due()

    events = {event.type: event for event in (opened(heard, secret, 300) for heard in shop.heard)}
    assert set(events) == {"payment_intent.succeeded", "charge.succeeded"} and len(shop.heard) == 2
    told = events["payment_intent.succeeded"]
    assert told.data.object["id"] == payment.id and told.data.object["amount"] == 1230
    assert (told.object, told.livemode, told.pending_webhooks) == ("event", False, 1)
    assert told.api_version == stripe.api_version and told.id.startswith("evt_")
    for wrong in ("whsec_other", secret[:-1]):
        with pytest.raises(stripe.SignatureVerificationError):
            opened(shop.heard[0], wrong)
    late = signature_header(shop.heard[0].body, [secret], datetime.now(UTC) - timedelta(seconds=302))
    with pytest.raises(stripe.SignatureVerificationError, match="outside the tolerance"):
        opened(Heard("", {"Stripe-Signature": late}, shop.heard[0].body), secret, 300)
    forged = Heard("", shop.heard[0].headers, shop.heard[0].body.replace(b"1230", b"1231"))
    with pytest.raises(stripe.SignatureVerificationError):
        opened(forged, secret)
    with pytest.raises(stripe.SignatureVerificationError):
        opened(Heard("", shop.heard[0].headers, shop.heard[0].body[:-2]), secret)
    assert states() == ["delivered", "delivered"]


def test_what_is_undone_is_never_told_and_what_happens_at_once_is_asked_for_once(
    gateway: FakeGateway, shop: Receiver
) -> None:
    make_webhook(shop.url, "customer.created")
    with pytest.raises(ZeroDivisionError), transaction():
        record_event("customer.created", {"id": "cus_1"}, livemode=False)
        raise ZeroDivisionError

    assert states() == [] and db.session.scalar(select(func.count()).select_from(Job)) == 0

    happen("customer.created", "customer.updated", "customer.created")
    assert worker.run_due() == 1, "one round for all that happened at once"

    assert [json.loads(heard.body)["type"] for heard in shop.heard] == ["customer.created"] * 2


def test_a_sellers_events_go_to_the_seller_and_to_the_platform_that_asked_for_them(
    gateway: FakeGateway, shop: Receiver
) -> None:
    make_webhook(shop.url.replace("hooks", "own"))
    make_webhook(shop.url.replace("hooks", "sellers"), hears_accounts=True)
    make_webhook(shop.url.replace("hooks", "seller"), account="acct_1")
    make_webhook(shop.url.replace("hooks", "other"), account="acct_2")

    happen("customer.created")
    happen("customer.created", account="acct_1")
    worker.run_due()

    told = sorted((heard.line.split()[1], json.loads(heard.body).get("account")) for heard in shop.heard)
    assert told == [("/own?of=shop", None), ("/seller?of=shop", "acct_1"), ("/sellers?of=shop", "acct_1")]


def test_a_failed_delivery_waits_longer_each_time_and_ends_after_three_days(
    gateway: FakeGateway, shop: Receiver, clock: FrozenClock
) -> None:
    endpoint, secret = make_webhook(shop.url)
    shop.answers.extend([answer("500 Sorry", b"not now"), answer("302 Found")])
    happen("customer.created")
    began, waits = clock(), []

    while (row := the_only_delivery()).state == "waiting":
        if len(shop.heard) == 2:
            shop.answers.append(answer("404 Not Found"))
        waits.append(row.due_at - clock())
        clock.at = row.due_at
        worker.run_due()
        shop.answers.extend([answer("500 Sorry")] if len(shop.heard) > 2 else [])

    tries = db.session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.id)).all()
    assert row.state == "given_up" and clock() == began + PATIENCE
    assert waits[1 : len(WAITS) + 1] == list(WAITS) and len(tries) == len(shop.heard) == row.attempts
    assert [(each.status_code, each.trouble) for each in tries[:3]] == [
        (500, Trouble.not_accepted), (302, Trouble.redirected), (404, Trouble.not_accepted)
    ]  # fmt: skip
    assert tries[0].answer == "not now"
    assert len({heard.body for heard in shop.heard}) == 1, "the same bytes every time"
    assert len({heard.headers["Stripe-Signature"] for heard in shop.heard}) == len(tries), "signed anew"
    assert all(opened(heard, secret).type == "customer.created" for heard in shop.heard)

    # A person sends it once more, and now it is taken.
    shop.answers.clear()
    with transaction():
        replay(row.id)
    worker.run_due()
    assert the_only_delivery().state == "delivered"
    with transaction():
        replay(row.id)
    worker.run_due()
    assert the_only_delivery().state == "delivered" and len(shop.heard) == len(tries) + 2

    # And at last nothing is left of it, nor can it be sent to an endpoint that is no more.
    with transaction():
        delete_endpoint(db.session.get_one(WebhookEndpoint, endpoint.id))
    with pytest.raises(EndpointGone), transaction():
        replay(row.id)
    clock.move(days=31)
    forget_old_deliveries()
    assert states() == [] and db.session.scalar(select(func.count()).select_from(WebhookAttempt)) == 0


def test_while_a_secret_is_rolled_both_sign_and_then_only_the_new_one(
    gateway: FakeGateway, shop: Receiver, clock: FrozenClock
) -> None:
    endpoint, old = make_webhook(shop.url)
    with transaction():
        new = roll_secret(endpoint.id, timedelta(hours=100))
    for hours in (0, 23.9, 0.1):
        clock.move(hours=hours)
        happen("customer.created")
        worker.run_due()

    for heard in shop.heard[:2]:
        assert opened(heard, old).id == opened(heard, new).id
        assert heard.headers["Stripe-Signature"].count("v1=") == 2
    assert opened(shop.heard[2], new).id
    with pytest.raises(stripe.SignatureVerificationError):
        opened(shop.heard[2], old)


def test_everybody_gets_a_letter_before_anybody_gets_a_second(
    gateway: FakeGateway, shop: Receiver, clock: FrozenClock
) -> None:
    many, _ = make_webhook(shop.url, "charge.updated")
    few, _ = make_webhook(shop.url, "customer.created")
    slow = [make_webhook(shop.url, "customer.updated")[0].id for _ in range(3)]
    happen(*["charge.updated"] * 90)
    clock.move(seconds=1)
    happen("customer.created", "customer.updated", "customer.created")

    with transaction():
        taken = claim(clock(), Shares(6, 1, slow, {many.id: 16}, {}))

    assert sorted(parcel.endpoint_id for parcel in taken) == sorted([*[many.id] * 4, few.id, slow[0]])
    with transaction():
        more = claim(clock(), Shares(6, 0, slow, {many.id: 16, few.id: 2}, {many.id: 4, few.id: 1}))
    assert [parcel.endpoint_id for parcel in more] == [few.id] + [many.id] * 5


def test_whose_letters_are_due_is_found_without_reading_all_that_waits(app: Flask) -> None:
    explain = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL enable_seqscan = off"))  # an empty table is read as a whole
    asked = _awake(datetime.now(UTC), ["we_1"]).compile(db.engine, compile_kwargs={"literal_binds": True})

    plan = str(db.session.execute(text(explain + str(asked).replace(":", "\\:"))).all())

    assert "ix_webhook_delivery_endpoint_id_due_at" in plan, plan


def test_a_receipt_that_comes_after_its_claim_has_ended_leaves_the_next_claim_alone(
    gateway: FakeGateway, shop: Receiver, clock: FrozenClock
) -> None:
    make_webhook(shop.url)
    happen("customer.created")
    with transaction():
        (late,) = claim(clock(), the_post().shares())
    clock.move(minutes=3)
    with transaction():
        (present,) = claim(clock(), the_post().shares())

    _record([BroughtHome(late, Receipt(Trouble.not_accepted, 10, 500), was_left=False)])
    assert the_only_delivery().leased_until == clock() + LEASE, "another worker has it in hand"
    _record([BroughtHome(late, Receipt(Trouble.none, 10, 200), was_left=False)])
    _record([BroughtHome(present, Receipt(Trouble.not_accepted, 10, 500), was_left=False)])

    assert the_only_delivery().state == "delivered" and the_only_delivery().leased_until is None


def test_a_secret_that_cannot_be_opened_stops_nobody_elses_letters(
    gateway: FakeGateway, shop: Receiver, clock: FrozenClock
) -> None:
    broken, _ = make_webhook(shop.url.replace("hooks", "broken"))
    make_webhook(shop.url)
    with transaction():
        sealed = WebhookSecret.endpoint_id == broken.id
        db.session.execute(update(WebhookSecret).where(sealed).values(sealed=b"under another key"))
    happen("customer.created")
    worker.run_due()

    assert [heard.line.split()[1] for heard in shop.heard] == ["/hooks?of=shop"]
    assert db.session.scalars(select(WebhookAttempt.trouble).order_by(WebhookAttempt.trouble)).all() == [
        "",
        "cannot_sign",
    ]
    with transaction():
        roll_secret(broken.id, timedelta(0))
    clock.move(seconds=5)
    worker.run_due()
    assert states() == ["delivered", "delivered"]


def test_a_worker_that_dies_with_a_letter_in_hand_leaves_it_to_the_next(
    gateway: FakeGateway, shop: Receiver, clock: FrozenClock
) -> None:
    make_webhook(shop.url)
    happen("customer.created")
    with transaction():
        assert len(claim(clock(), the_post().shares())) == 1  # and here it dies

    worker.run_due()
    assert shop.heard == [] and states() == ["waiting"]
    clock.move(minutes=10)
    worker.beat()
    worker.run_due()

    assert len(shop.heard) == 1 and the_only_delivery().attempts == 2


def test_workers_side_by_side_tell_every_event_once(app: Flask, gateway: FakeGateway, shop: Receiver) -> None:
    make_webhook(shop.url)
    happen(*["customer.created"] * 24)
    start, faults = threading.Barrier(3), []

    def work() -> None:
        with app.app_context():
            start.wait(60)
            try:
                worker.run_due()
                deliver(Courier(may_be_private=True))
            except Exception as fault:
                faults.append(fault)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert faults == [] and states() == ["delivered"] * 24
    assert len({json.loads(heard.body)["id"] for heard in shop.heard}) == len(shop.heard) == 24
