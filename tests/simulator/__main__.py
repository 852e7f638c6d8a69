"""
Play many seeds, or one again.

    python -m tests.simulator [--count 2000] [--seed 4711] [--database sqlite|postgis|both] [--trace]

Without a seed it begins at a random one and says which. PostGIS needs TEST_POSTGIS_URL, as the tests do.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from pathlib import Path

from tests.database import PostgisDatabases, SqliteDatabases, borrowed
from tests.simulator.stage import stage
from tests.simulator.world import Broken


def main() -> int:
    """Read the arguments and play; 1 if a seed broke."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--database", choices=["sqlite", "postgis", "both"], default="both")
    parser.add_argument("--trace", action="store_true", help="print the course of every seed")
    parser.add_argument("--go-on", action="store_true", help="do not stop at the first broken seed")
    told = parser.parse_args()
    first = secrets.randbelow(10**9) if told.seed is None else told.seed
    wanted = ("sqlite", "postgis") if told.database == "both" else (told.database,)
    broken = sum(play(kind, range(first, first + told.count), told) for kind in wanted)
    return 1 if broken else 0


def play(kind: str, seeds: range, told: argparse.Namespace) -> int:
    """Play *seeds* on one kind of database; return how many broke."""
    broken, crashes, began = 0, 0, time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="xqm-simulator-", dir=_fast_folder()) as name:
        folder = Path(name)
        databases = PostgisDatabases(folder) if kind == "postgis" else SqliteDatabases(folder)
        for url in borrowed(databases):
            with stage(url, folder) as world:
                for seed in seeds:
                    try:
                        played = world.play(seed)
                    except Broken as fault:
                        broken += 1
                        trace = fault.trace
                        print(f"{kind} BROKEN {fault}", flush=True)
                    else:
                        trace, crashes = list(played.trace), crashes + played.crashes
                    if told.trace:
                        print("\n".join(trace))
                    if broken and not told.go_on:
                        break
    seconds = time.perf_counter() - began
    print(
        f"{kind}: seeds {seeds.start} to {seeds.stop - 1}, {crashes} crashes, {broken} broken, {seconds:.1f} s"
    )
    return broken


def _fast_folder() -> str | None:
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None


if __name__ == "__main__":
    sys.exit(main())
