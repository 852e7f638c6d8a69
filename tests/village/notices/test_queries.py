"""Which three notices a door shows, as a villager needs them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from commons.clock import FrozenClock
from commons.db import db, transaction
from tests.make.divisions import VILLAGE, make_village
from tests.make.notices import make_notice
from village.notices.models import Notice
from village.notices.queries import notices_of, notices_on_doors

Told = tuple[
    str, bool, str, int, int
]  # title, urgent, what its day means, in how many days, posted how many days ago


def on_the_door(clock: FrozenClock, *told: Told) -> list[str]:
    now = clock.at
    for title, is_urgent, meaning, day, ago in told:
        make_notice(title=title, is_urgent=is_urgent, leaf=(meaning, day), from_at=now - timedelta(days=ago))
    return [notice.title for notice in notices_on_doors(VILLAGE, now).rows]


@pytest.fixture(autouse=True)
def _village(app: Flask, clock: FrozenClock) -> None:
    make_village()


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        pytest.param(
            [("上周停电", True, "停电", -5, 6), ("明天停水", False, "停水", 1, 3), ("收支", False, "公布", 0, 0), ("评选", False, "公布", -1, 1)],
            ["明天停水", "收支", "评选"],
            id="what is over pushes nothing off that is to come, urgent or not",
        ),
        pytest.param(
            [("后天体检", False, "体检", 2, 4), ("今天停水", False, "停水", 0, 2), ("缴费", True, "截止", 6, 9), ("收支", False, "公布", 0, 0)],
            ["缴费", "今天停水", "后天体检"],
            id="urgent first, then the soonest, then the news",
        ),
        pytest.param(
            [("台风", True, "公布", 0, 0), ("停水", True, "停水", 1, 1), ("开会", False, "开会", 1, 0), ("发放", False, "发放", 2, 0)],
            ["台风", "停水", "开会"],
            id="an urgent word of today comes before what happens tomorrow",
        ),
        pytest.param(
            [("旧急事", True, "公布", -9, 9), ("新消息", False, "公布", 0, 0), ("停水", False, "停水", 3, 2), ("老消息", False, "公布", -20, 20)],
            ["停水", "新消息", "旧急事"],
            id="an urgent word that names no day is urgent for a week",
        ),
        pytest.param(
            [("明年活动", False, "活动", 90, 30), ("年底截止", False, "截止", 39, 20), ("收支", False, "公布", 0, 0), ("公示", False, "公布", -2, 2)],
            ["收支", "公示", "年底截止"],
            id="what is far off fills no door before its time",
        ),
        pytest.param(
            [("上月停水", False, "停水", -30, 31), ("昨天开会", False, "开会", -1, 4)],
            ["昨天开会", "上月停水"],
            id="with nothing else to say the latest stays",
        ),
    ],
)  # fmt: skip
def test_a_door_shows_what_a_villager_needs_now(
    clock: FrozenClock, told: list[Told], shown: list[str]
) -> None:
    assert on_the_door(clock, *told) == shown


def test_what_is_scheduled_taken_down_or_expired_is_never_on_a_door(clock: FrozenClock) -> None:
    now = clock.at
    make_notice(title="以后", is_urgent=True, from_at=now + timedelta(hours=1))
    make_notice(title="过期", is_urgent=True, from_at=now - timedelta(days=2), until_at=now)
    gone = make_notice(title="撤下", is_urgent=True)
    with transaction():
        db.session.get_one(Notice, gone.id).withdrawn_at = now
    make_notice(title="在的")
    found = notices_on_doors(VILLAGE, now)
    assert ([notice.title for notice in found.rows], found.total) == (["在的"], 1)
    assert found.next_change_at == now + timedelta(hours=1)


def test_the_order_holds_until_midnight_when_days_come_near_and_are_over(clock: FrozenClock) -> None:
    make_notice(title="明天停水", leaf=("停水", 1))
    make_notice(title="后天停电", is_urgent=True, leaf=("停电", 2), from_at=clock.at - timedelta(days=3))
    midnight = datetime.fromisoformat("2026-11-23T00:00:00+08:00")
    assert notices_on_doors(VILLAGE, clock.at).next_change_at == midnight
    clock.move(days=3)
    assert [notice.title for notice in notices_on_doors(VILLAGE, clock.at).rows] == ["明天停水", "后天停电"]


@pytest.mark.parametrize(
    ("told", "is_urgent", "is_over"),
    [
        pytest.param(("停水", True, "停水", 0, 3), True, False, id="urgent on its day"),
        pytest.param(
            ("停水", True, "停水", -1, 3), False, True, id="over the day after, and urgent no longer"
        ),
        pytest.param(("开会", False, "开会", -1, 3), False, True, id="over without having been urgent"),
        pytest.param(
            ("台风", True, "公布", -6, 6), True, False, id="urgent for a week where it names no day"
        ),
        pytest.param(("台风", True, "公布", -8, 8), False, False, id="then neither urgent nor over"),
    ],
)
def test_a_notice_is_red_only_as_long_as_it_presses_and_says_when_its_day_is_over(
    clock: FrozenClock, told: Told, is_urgent: bool, is_over: bool
) -> None:
    on_the_door(clock, told)
    notice = notices_of(VILLAGE, "", clock.at, 1).items[0]

    assert (notice.is_pressing(clock.at), notice.is_over(clock.at)) == (is_urgent, is_over)
