"""Whoever says nothing is knocked at less and less, and holds up nobody's letters but its own."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from commons import worker
from commons.clock import FrozenClock
from commons.db import db, transaction
from marketplace.payments.webhooks.actions import switch
from marketplace.payments.webhooks.claiming import claim
from marketplace.payments.webhooks.courier import Courier, Letter, Receipt
from marketplace.payments.webhooks.delivering import deliver, the_post
from marketplace.payments.webhooks.models import WebhookAttempt, WebhookEndpoint
from marketplace.payments.webhooks.post import AT_ONCE, TO_SLOW
from tests.make.fake_gateway import FakeGateway
from tests.make.webhooks import happen, make_webhook
from tests.marketplace.payments.webhooks.receiver import Receiver
from tests.marketplace.payments.webhooks.test_delivering import gateway, nobody_is_slow, shop, states

__all__ = ["gateway", "nobody_is_slow", "shop"]


class ImpatientWithOne(Courier):
    """Gives up soon on one address, and has as much time for the others as a busy machine needs."""

    def __init__(self, url: str) -> None:
        super().__init__(may_be_private=True)
        self._url, self._hasty = url, Courier(may_be_private=True, patience_s=0.5)

    def carry(self, letter: Letter) -> Receipt:
        return self._hasty.carry(letter) if letter.url == self._url else super().carry(letter)


def test_an_address_that_is_silent_rests_and_is_then_knocked_at_once(
    gateway: FakeGateway, shop: Receiver, clock: FrozenClock
) -> None:
    with Receiver(drips=True) as silent:
        dead, _ = make_webhook(silent.url)
        make_webhook(shop.url)
        happen(*["customer.created"] * 18)
        courier = ImpatientWithOne(silent.url)

        deliver(courier)
        the_post().settle()
        silent.wait_for(1)
        assert len(shop.heard) == 18 and len(silent.heard) == 1
        clock.move(seconds=5)
        deliver(courier)
        the_post().settle()
        silent.wait_for(2)
        assert len(silent.heard) == 2, "one knock, and rest again"

        row = db.session.get_one(WebhookEndpoint, dead.id)
        assert row.silences == 2 and row.rests_until == clock() + timedelta(seconds=15)
        assert states().count("waiting") == 18

        # It has come to itself: one letter arrives, and then everything that waited for it.
        silent.drips, patient = False, Courier(may_be_private=True)
        clock.move(seconds=60)
        deliver(patient)
        the_post().settle()
        deliver(patient)
        the_post().settle()
        assert set(states()) == {"delivered"} and len(silent.heard) == 20
        assert db.session.get_one(WebhookEndpoint, dead.id).silences == 0

    happen("customer.created")
    with transaction():
        switch(db.session.get_one(WebhookEndpoint, dead.id), is_enabled=False)
    assert sorted(set(states())) == ["delivered", "dropped", "waiting"]


def test_whoever_says_nothing_delays_its_own_letters_and_nobody_elses(
    gateway: FakeGateway, shop: Receiver, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.payments.webhooks.post.PROMPT_S", 3.0)
    patient = Courier(may_be_private=True, patience_s=60.0)  # nobody gives up on whoever says nothing
    monkeypatch.setattr("marketplace.payments.webhooks.jobs.the_courier", lambda: patient)
    with Receiver(is_mute=True) as mute:
        make_webhook(mute.url)
        make_webhook(shop.url)
        for letters in (18, 19, 20):  # while it keeps the first letter, the other hears of everything at once
            happen(*["customer.created"] * (1 if letters > 18 else 18))
            worker.run_due()
            mute.wait_for(1)
            assert len(shop.heard) == letters and len(mute.heard) == 1

        mute.is_mute = False
        for _ in range(60):  # whoever comes home late has asked for the next round by itself
            the_post().settle()
            worker.run_due()
            if "waiting" not in states():
                break

    assert set(states()) == {"delivered"}
    told = [json.loads(heard.body)["id"] for heard in mute.heard]
    assert len(told) == len(set(told)) == 20, "and each of its letters came once"
    assert db.session.scalar(select(func.count()).select_from(WebhookAttempt)) == 40


def test_a_crowd_of_silent_addresses_leaves_ways_free_for_the_others(
    gateway: FakeGateway, shop: Receiver, clock: FrozenClock
) -> None:
    silent = [make_webhook(shop.url, "customer.created")[0].id for _ in range(AT_ONCE + 4)]
    with transaction():
        db.session.execute(update(WebhookEndpoint).values(silences=2))
    make_webhook(shop.url, "charge.updated")
    happen("customer.created")
    clock.move(seconds=1)
    happen("charge.updated")

    with transaction():
        taken = claim(clock(), the_post().shares())

    assert (
        len(taken) == TO_SLOW + 1 and len(set(silent) & {parcel.endpoint_id for parcel in taken}) == TO_SLOW
    )
