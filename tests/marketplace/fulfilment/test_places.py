"""When a round closes and when its goods can be fetched; pickup points at the desk, at the top of the shop, and gone again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from commons.clock import BEIJING, FrozenClock
from commons.db import db, transaction
from commons.filters import yuan
from marketplace.fulfilment.models import DeliveryTerms, PickupPoint
from marketplace.fulfilment.queries import ways_of
from marketplace.fulfilment.rules import MINUTES_A_DAY, Week, next_cycle
from tests.make.divisions import VILLAGE, make_village
from tests.make.orders import make_delivery, make_pickup_point
from tests.make.people import make_official, sign_in

TUESDAY_TO_WEDNESDAY = Week(2, 20 * 60, 3, 17 * 60, 19 * 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("now", "closes", "ready"),
    [
        ("2026-11-22 10:00", "2026-11-24 20:00", "2026-11-25 17:00"),
        ("2026-11-24 19:59", "2026-11-24 20:00", "2026-11-25 17:00"),
        ("2026-11-24 20:00", "2026-12-01 20:00", "2026-12-02 17:00"),
        ("2026-11-25 18:00", "2026-12-01 20:00", "2026-12-02 17:00"),
    ],
)
def test_an_order_falls_into_the_round_that_is_still_open(now: str, closes: str, ready: str) -> None:
    cycle = next_cycle(TUESDAY_TO_WEDNESDAY, at(now))

    assert (cycle.closes_at, cycle.ready_from) == (at(closes), at(ready))
    assert cycle.ready_until - cycle.ready_from == timedelta(hours=2)


DAYS = st.integers(1, 7)
MINUTES = st.integers(0, MINUTES_A_DAY - 2)


@given(DAYS, MINUTES, DAYS, MINUTES, st.integers(0, 2 * 366 * MINUTES_A_DAY))
def test_a_round_closes_within_a_week_and_its_goods_come_within_another(
    cutoff_day: int, cutoff: int, pickup_day: int, begins: int, minutes: int
) -> None:
    moment = at("2026-01-01 00:00") + timedelta(minutes=minutes)
    cycle = next_cycle(Week(cutoff_day, cutoff, pickup_day, begins, begins + 1), moment)

    assert moment < cycle.closes_at <= moment + timedelta(days=7)
    assert cycle.closes_at < cycle.ready_from <= cycle.closes_at + timedelta(days=7)
    assert (cycle.closes_at.isoweekday(), cycle.ready_from.isoweekday()) == (cutoff_day, pickup_day)


@pytest.fixture
def clerk(app: Flask, clock: FrozenClock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    make_village()
    client = app.test_client()
    with transaction():
        sign_in(client, make_official(role="clerk", area=VILLAGE))
    return client


def typed(**changes: str) -> dict[str, str]:
    return {
        "village": VILLAGE, "name": "示例小区东门", "address": "示例路 1 号", "cutoff_day": "2", "cutoff_at": "20:00",
        "pickup_day": "3", "from_at": "17:00", "until_at": "19:00", "form_key": "k" * 24, **changes,
    }  # fmt: skip


def points() -> list[PickupPoint]:
    db.session.rollback()
    return list(db.session.scalars(select(PickupPoint)))


def test_a_clerk_opens_a_point_and_the_shop_says_until_when_and_where(
    clerk: FlaskClient, client: FlaskClient
) -> None:
    for _ in range(2):
        assert clerk.post("/desk/pickup-points/new", data=typed()).status_code == 303
    page = client.get(f"/shop?village={VILLAGE}").get_data(as_text=True)

    assert len(points()) == 1
    assert "示例小区东门" in page
    assert "11月24日（农历十月十六）20:00" in page
    assert "11月25日（农历十月十七）17:00 至 19:00" in page


@pytest.mark.parametrize(
    "changes",
    [{"until_at": "16:00"}, {"until_at": "17:00"}, {"name": ""}, {"cutoff_day": "8"}, {"from_at": "25:00"}],
)
def test_a_point_that_cannot_be_is_said_and_not_stored(clerk: FlaskClient, changes: dict[str, str]) -> None:
    answer = clerk.post("/desk/pickup-points/new", data=typed(**changes))

    assert answer.status_code == 400
    assert "示例路 1 号" in answer.get_data(as_text=True)
    assert points() == []


def test_a_clerk_opens_no_point_for_another_village(clerk: FlaskClient) -> None:
    make_village(code="420199104299", name="别湾村")
    answer = clerk.post("/desk/pickup-points/new", data=typed(village="420199104299"))

    assert answer.status_code in {400, 403}
    assert points() == []


def test_a_closed_point_is_offered_no_more(clerk: FlaskClient) -> None:
    point_id = make_pickup_point().id
    for _ in range(2):
        assert clerk.post(f"/desk/pickup-points/{point_id}/close").status_code == 303

    assert ways_of(VILLAGE) == []
    assert clerk.get("/desk/pickup-points").status_code == 200


def test_delivery_is_offered_at_its_fee(clerk: FlaskClient) -> None:
    form = {"village": VILLAGE, "is_offered": "y", "fee": "8", "free_from": "99"}
    clerk.post("/desk/pickup-points/delivery", data=form)

    (way,) = ways_of(VILLAGE)
    assert (way.fee_for(100), way.fee_for(9900)) == (800, 0)
    clerk.post("/desk/pickup-points/delivery", data={"village": VILLAGE, "fee": "8"})
    assert ways_of(VILLAGE) == []
    assert clerk.post("/desk/pickup-points/delivery", data={**form, "fee": "-1"}).status_code == 400
    assert db.session.get_one(DeliveryTerms, VILLAGE).fee_fen == 800


def test_the_form_of_delivery_shows_what_is_stored(clerk: FlaskClient) -> None:
    make_delivery(village_code=VILLAGE)
    stored = db.session.get_one(DeliveryTerms, VILLAGE)
    page = clerk.get(f"/desk/pickup-points/delivery?village={VILLAGE}").get_data(as_text=True)

    assert re.search(r'name="is_offered"[^>]*checked|checked[^>]*name="is_offered"', page)
    assert f'value="{yuan(stored.fee_fen)}"' in page
    assert f'value="{yuan(stored.free_from_fen or 0)}"' in page


def test_the_shop_of_all_villages_shows_the_round_of_the_only_one_that_has_any(clerk: FlaskClient) -> None:
    make_village(code="420199104299", name="别湾村")
    make_pickup_point()

    assert "17:00 至 19:00" in clerk.get("/shop").get_data(as_text=True)
    assert "别湾村" not in clerk.get("/shop").get_data(as_text=True)


def test_the_shop_of_all_villages_shows_a_line_for_each_that_has_any(clerk: FlaskClient) -> None:
    make_village(code="420199104299", name="别湾村")
    make_pickup_point()
    make_delivery(village_code="420199104299")
    page = clerk.get("/shop").get_data(as_text=True)

    assert f"/shop?village={VILLAGE}" in page and "20:00 截单" in page
    assert "/shop?village=420199104299" in page and "别湾村" in page
    assert "17:00 至 19:00" not in page


def test_a_village_shows_its_own_ways_only(app: Flask, clock: FrozenClock) -> None:
    make_pickup_point()
    make_delivery(village_code="420199104208")

    assert [way.key for way in ways_of("420199104208")] == ["d"]
