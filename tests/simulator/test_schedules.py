"""Two thousand schedules over both databases: whatever happens in whatever order, money and goods come out right."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import Databases, SqliteDatabases, borrowed
from tests.simulator.people import People
from tests.simulator.stage import stage
from tests.simulator.world import World

# In blocks, so that two processes can share them. PostGIS costs twice as much and shows what SQLite's one writer hides.
BLOCK = 50
BLOCKS = {"sqlite": 30, "postgis": 10}
SEEDS = int(os.environ.get("SIMULATOR_SEED", "0"))
MEMORY = Path("/dev/shm")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make the blocks that this run's database plays, so that none has to be skipped."""
    if "block" in metafunc.fixturenames:
        metafunc.parametrize("block", range(BLOCKS[metafunc.config.getoption("--database")]))


@pytest.fixture(scope="module")
def world(databases: Databases) -> Iterator[World]:
    """One application on one database for all schedules of this process."""
    with tempfile.TemporaryDirectory(prefix="xqm-simulator-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        if isinstance(databases, SqliteDatabases):  # the same migrated file, where nothing has to reach a disk
            shutil.copyfile(databases.template, Path(folder) / databases.template.name)
            databases = SqliteDatabases(Path(folder))
        for url in borrowed(databases):
            with stage(url, Path(folder)) as made:
                yield made


def test_money_and_goods_come_out_right_whatever_happens(world: World, databases: Databases, block: int) -> None:
    crashes = 0
    for number in range(BLOCK):
        # Every block on every database has seeds of its own.
        crashes += world.play(SEEDS + block * BLOCK + number + (10**6 if databases.name == "postgis" else 0)).crashes
    assert crashes > BLOCK // 10  # a simulator in which nobody dies proves little


@pytest.mark.parametrize("seed", [3, 58])
def test_a_seed_replays_to_the_letter(world: World, seed: int) -> None:
    world.play(seed + 1)
    first, second = world.play(seed), world.play(seed)

    assert first == second
    assert first.steps > 20


def test_a_schedule_in_which_money_is_lost_is_found_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway gives something back that we never hear of: the world outside lies, not our code."""
    honest = People.pay

    def robbed(people: People, *told: object, **more: object) -> None:
        honest(people, *told, **more)  # type: ignore[arg-type]
        people._alipay.gateway.store.rows("UPDATE trade SET refunded_fen = 1 WHERE paid_at > 0")

    monkeypatch.setattr(People, "pay", robbed)
    with pytest.raises(AssertionError, match="Alipay holds"):
        for seed in range(40):
            world.play(seed)


def test_the_points_of_interruption_are_all_met(world: World) -> None:
    seen = set()
    for seed in range(12):
        seen |= {line.split()[1] for line in world.play(seed).trace if line[0] not in "+~"}
    met = {"begin", "commit", "committed", "asks", "answered", "dies", "refused"}
    assert met <= seen, met - seen
