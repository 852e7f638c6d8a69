"""Two thousand schedules over both databases: whatever happens in whatever order, money and goods come out right."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from marketplace.payments.alipay.amounts import fen_of
from marketplace.payments.alipay_driver import AlipayGateway
from marketplace.payments.local_gateway.account import post_movement
from marketplace.payments.local_gateway.gateway import Ask, Gateway
from marketplace.payments.local_gateway.protocol import HANDLERS, Handler
from marketplace.payments.local_gateway.settlement import settle
from marketplace.payments.local_gateway.transfers import transfer
from marketplace.payments.port import Answer, Verdict
from marketplace.payments.port_out import PayoutRequest
from tests.database import Databases, SqliteDatabases, borrowed
from tests.simulator.people import People
from tests.simulator.stage import stage
from tests.simulator.stories import Subject, drawn
from tests.simulator.world import Broken, World

# In blocks, so that two processes can share them. PostGIS costs twice as much and shows what SQLite's one writer hides.
BLOCK = 50
BLOCKS = {"sqlite": 34, "postgis": 6}
SEEDS = int(os.environ.get("SIMULATOR_SEED", "0"))
MEMORY = Path("/dev/shm")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make the blocks that this run's database plays, so that none has to be skipped."""
    if "block" in metafunc.fixturenames:
        metafunc.parametrize("block", range(BLOCKS[metafunc.config.getoption("--database")]))


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[World]:
    """One application on one database for all schedules of this process."""
    with tempfile.TemporaryDirectory(
        prefix="xqm-simulator-", dir=MEMORY if MEMORY.is_dir() else None
    ) as folder:
        if isinstance(
            databases, SqliteDatabases
        ):  # the same migrated file, where nothing has to reach a disk
            shutil.copyfile(databases.template, Path(folder) / databases.template.name)
            databases = SqliteDatabases(Path(folder))
        for url in borrowed(databases):
            with stage(url, Path(folder)) as made:
                yield made


def test_money_and_goods_come_out_right_whatever_happens(
    world: World, databases: Databases, block: int
) -> None:
    crashes = 0
    for number in range(BLOCK):
        # Every block on every database has seeds of its own.
        crashes += world.play(
            SEEDS + block * BLOCK + number + (10**6 if databases.name == "postgis" else 0)
        ).crashes
    assert crashes > BLOCK // 10  # a simulator in which nobody dies proves little


@pytest.mark.parametrize("seed", [3, 58])
def test_a_seed_replays_to_the_letter(world: World, seed: int) -> None:
    world.play(seed + 1)
    first, second = world.play(seed), world.play(seed)

    assert first == second
    assert first.steps > 20


def test_a_schedule_in_which_money_is_lost_is_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway gives something back that we never hear of: the world outside lies, not our code."""
    honest = People.pay

    def robbed(people: People, *told: object, **more: object) -> None:
        honest(people, *told, **more)  # type: ignore[arg-type]
        people._alipay.gateway.store.rows("UPDATE trade SET refunded_fen = 1 WHERE paid_at > 0")

    monkeypatch.setattr(People, "pay", robbed)
    with pytest.raises(AssertionError, match="Alipay holds"):
        for seed in range(40):
            world.play(seed)


def test_a_payout_that_left_twice_is_found_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(gateway: Gateway, ask: Ask) -> dict[str, Any]:
        told = transfer(gateway, ask)
        number, fen = ask.text("out_biz_no"), -fen_of(ask.text("trans_amount"))
        post_movement(gateway, "转账", fen, trade_no="", out_no=number, request_no=number, subject="货款")
        return told

    monkeypatch.setitem(cast(dict[str, Handler], HANDLERS), "alipay.fund.trans.uni.transfer", twice)
    with pytest.raises(Broken, match="left Alipay as"):
        for seed in seeds_about(Subject.payouts, 10):
            world.play(seed)


def test_a_payout_that_left_and_is_called_failed_is_found_out_by_the_bill(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = AlipayGateway.pay_out

    def misheard(gateway: AlipayGateway, request: PayoutRequest) -> Answer:
        answer = honest(gateway, request)
        return replace(answer, verdict=Verdict.refused) if answer.verdict is Verdict.done else answer

    monkeypatch.setattr(AlipayGateway, "pay_out", misheard)
    with pytest.raises(Broken, match="in an honest world a case was opened: bill_state"):
        for seed in (seed for seed in seeds_about(Subject.payouts, 100) if drawn(seed, 2).is_honest):
            world.play(seed)


def test_a_share_that_is_not_what_was_asked_for_is_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dearer(gateway: Gateway, ask: Ask) -> dict[str, Any]:
        told = settle(gateway, ask)
        gateway.store.rows(
            "UPDATE trade SET shared_fen = shared_fen + 1 WHERE trade_no = ?", ask.text("trade_no")
        )
        return told

    monkeypatch.setitem(cast(dict[str, Handler], HANDLERS), "alipay.trade.order.settle", dearer)
    with pytest.raises(Broken, match="fen, and .* are ours"):
        for seed in seeds_about(Subject.direct, 10):
            world.play(seed)


def test_a_bill_whose_difference_nobody_is_told_is_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.payments.reconcile.actions.open_case", lambda *_told, **_more: None)
    with pytest.raises(Broken, match="differs, and nobody was told"):
        for seed in (seed for seed in range(1000) if drawn(seed, 2).is_mute):
            world.play(seed)


def test_whatever_moves_sellers_money_is_played(world: World) -> None:
    seeds = [*seeds_about(Subject.payouts, 4), *seeds_about(Subject.direct, 6), *seeds_with_bills(1)]
    asked = {line.split()[2] for seed in seeds for line in world.play(seed).trace if " asks " in line}

    assert asked >= {
        "alipay.fund.trans.uni.transfer",
        "alipay.trade.settle.confirm",
        "alipay.trade.order.settle",
        "alipay.data.dataservice.bill.downloadurl.query",
        "bill",
    }


def seeds_about(subject: Subject, number: int) -> list[int]:
    """The first seeds whose story is about *subject*."""
    return [seed for seed in range(1000) if drawn(seed, 2).subject is subject][:number]


def seeds_with_bills(number: int) -> list[int]:
    """The first seeds with bills in which nothing fails."""
    return [seed for seed in range(1000) if drawn(seed, 2).is_honest][:number]


def test_the_points_of_interruption_are_all_met(world: World) -> None:
    seen = set()
    for seed in range(12):
        seen |= {line.split()[1] for line in world.play(seed).trace if line[0] not in "+~"}
    met = {"begin", "commit", "committed", "asks", "answered", "dies", "refused"}
    assert met <= seen, met - seen
