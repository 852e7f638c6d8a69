"""
The door's page against a bare Flask hello on the same web server, by server, by database, and by number of doors.

    python -m bench scan [--doors 1000000] [--few 10000] [--memory-doors 100000] [--rounds 5] [--seconds 2]
                         [--database sqlite|postgis|both] [--only servers many memory]
                         [--servers granian:2:4,gunicorn:2:4,gunicorn:2:1]

What is compared and why stands in README.md. The last line is the result as JSON.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.progress import Progress  # noqa: E402

from bench.client import Tally, ask, load, request  # noqa: E402
from bench.many_doors import PER_VILLAGE, codes_of, fill  # noqa: E402
from bench.servers import Kind, Server, serving  # noqa: E402
from bench.throwaway import KINDS, Place, fresh  # noqa: E402
from commons.db import db  # noqa: E402

TARGETS = {"warm": 0.7, "not modified": 0.7, "first view": 0.15, "a million doors": 0.9}
VILLAGES = 10
WARM_DOORS = 200
KEPT_MB = 200
PARTS = ("servers", "many", "memory")
Line = tuple[str, float, float | None]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page cost beside hello: answers a second, and the server's processor time for one answer."""

    rate: float
    micros: float


@dataclass(frozen=True, slots=True)
class Choice:
    """How long and how often to measure."""

    rounds: int
    seconds: float
    first_views: int


def measure(server: Server, asked: Iterator[bytes], seconds: float, status: int) -> Cost:
    """Load *server* for some seconds; every answer must have *status*."""
    before = server.processor_seconds()
    tally: Tally = load(server.port, asked, seconds=seconds)
    if set(tally.statuses) != {status}:
        raise RuntimeError(f"expected {status} only, got {dict(tally.statuses)}")
    used = server.processor_seconds() - before
    return Cost(tally.rate, used / tally.answers * 1e6)


def ratios(ours: list[Cost], hello: list[Cost]) -> dict[str, float]:
    """Return the median over rounds of ours to hello: by answers a second, and by processor time of the server."""
    pairs = list(zip(ours, hello, strict=True))
    return {
        "rate": round(statistics.median(a.rate / b.rate for a, b in pairs), 2),
        "processor": round(statistics.median(b.micros / a.micros for a, b in pairs), 2),
        "answers_a_second": round(statistics.median(a.rate for a, _ in pairs)),
        "micros": round(statistics.median(a.micros for a, _ in pairs)),
    }


def compare(place: Place, kind: Kind, codes: list[str], choice: Choice) -> dict[str, dict[str, float]]:
    """Return the ratios of the warm page, of "not modified", and of first views, on one server and database."""
    warm, fresh_codes = codes[:WARM_DOORS], iter(codes[WARM_DOORS:])
    found: dict[str, list[Cost]] = {"hello": [], "warm": [], "not modified": [], "first view": []}
    with serving(kind, "wsgi:app", place.environment) as ours, serving(kind, "bench.hello:app") as hello:
        _warm_up(ours, warm)
        plain = [request(f"/D/{code}") for code in warm]
        tagged = [request(f"/D/{code}", tag=ask(ours.port, f"/D/{code}").headers["etag"]) for code in warm]
        for _ in range(choice.rounds):  # in turn, so that a busy moment hits all of them
            found["hello"].append(measure(hello, itertools.repeat(request("/")), choice.seconds, 200))
            found["warm"].append(measure(ours, itertools.cycle(plain), choice.seconds, 200))
            found["not modified"].append(measure(ours, itertools.cycle(tagged), choice.seconds, 304))
            views = [request(f"/D/{code}") for code in itertools.islice(fresh_codes, choice.first_views)]
            found["first view"].append(measure(ours, iter(views), 60, 200))
    return {name: ratios(costs, found["hello"]) for name, costs in found.items()}


def _warm_up(server: Server, codes: list[str]) -> None:
    """Let every process see every door several times, and have them compressed."""
    for _ in range(30):
        load(server.port, iter([request(f"/D/{code}") for code in codes]), seconds=30)


def memory_after(place: Place, codes: list[str]) -> dict[str, float]:
    """Return what one web process holds in memory after it has served every door of *codes*."""
    with serving(Kind("granian", 1, 4), "wsgi:app", place.environment) as server:
        start = server.memory_mb()
        tally = load(server.port, iter([request(f"/D/{code}") for code in codes]), seconds=900)
        if set(tally.statuses) != {200}:
            raise RuntimeError(f"expected 200 only, got {dict(tally.statuses)}")
        return {"doors": tally.answers, "at_start_mb": round(start), "after_mb": round(server.memory_mb())}


def made(place: Place, doors: int, wanted: tuple[int, int]) -> list[str]:
    """Fill the database; return plate codes of *wanted* = (how many villages, how many doors)."""
    with place.app().app_context():
        fill(doors, furnished=VILLAGES)
        codes = codes_of(*wanted)
        db.session.remove()
        db.engine.dispose()
    return codes


def kinds(text: str) -> list[Kind]:
    """Read ``granian:2:4,gunicorn:2:1``: name, workers, threads."""
    parts = (each.split(":") for each in text.split(","))
    return [Kind(name, int(workers), int(threads)) for name, workers, threads in parts]


def run(database: str, options: argparse.Namespace, progress: Progress) -> dict[str, dict[str, Any]]:
    """Measure on one database what ``--only`` names, or everything."""
    choice = Choice(options.rounds, options.seconds, options.first_views)
    servers = kinds(options.servers)
    found: dict[str, dict[str, Any]] = {}
    needed = WARM_DOORS + choice.rounds * choice.first_views
    bar = progress.add_task(database, total=len(options.only))
    if "servers" in options.only:
        with fresh(database) as place:
            codes = made(place, options.few, (VILLAGES, needed))
            found["servers"] = {str(kind): compare(place, kind, codes, choice) for kind in servers}
        progress.advance(bar)
    if "many" in options.only:
        for name, doors in (("few", options.few), ("many", options.doors)):
            with fresh(database) as place:
                codes = made(place, doors, (VILLAGES, needed))
                found[name] = compare(place, servers[0], codes, choice)
        progress.advance(bar)
    if "memory" in options.only:
        with fresh(database) as place:
            doors = options.memory_doors
            codes = made(place, doors, (doors // PER_VILLAGE + 1, doors))
            found["memory"] = memory_after(place, codes)
        progress.advance(bar)
    return found


def table(results: dict[str, dict[str, dict[str, Any]]], options: argparse.Namespace) -> Iterator[Line]:
    """Yield name, ratio and target of every line, for the table of all benchmarks."""
    for database, result in results.items():
        for server, pages in result.get("servers", {}).items():
            for page in ("warm", "not modified", "first view"):
                yield f"{database}, {server}: {page} : hello", pages[page]["rate"], TARGETS[page]
                yield "  the same by the server's processor time", pages[page]["processor"], None
        for page in ("warm", "first view") if "many" in result else ():
            few, many = result["few"][page], result["many"][page]
            name = f"{database}: {page}, {options.doors:,} doors : {options.few:,}"
            yield name, round(many["rate"] / few["rate"], 2), TARGETS["a million doors"]
            yield "  the same by the server's processor time", round(few["micros"] / many["micros"], 2), None
        if "memory" in result:
            ratio = round(KEPT_MB / result["memory"]["after_mb"], 2)
            yield f"{database}: {KEPT_MB} MB : memory of one process", ratio, 1.0


def main() -> int:
    """Measure, print a table and the result as JSON; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--doors", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--memory-doors", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--first-views", type=int, default=800)
    parser.add_argument("--database", choices=[*KINDS, "both"], default="both")
    parser.add_argument("--servers", default="granian:2:4,gunicorn:2:4,gunicorn:2:1")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    options = parser.parse_args()
    chosen = KINDS if options.database == "both" else (options.database,)
    with Progress(transient=True) as progress:
        results = {name: run(name, options, progress) for name in chosen}
    lines = list(table(results, options))
    for name, ratio, target in lines:
        print(f"{name:<62} {ratio:6.2f}   {'≥ ' + str(target) if target else ''}")
    load_average = [round(each, 1) for each in os.getloadavg()]
    kept = all(ratio >= target for _, ratio, target in lines if target)
    print(json.dumps({"results": results, "load_average": load_average, "ratios": lines, "kept": kept}))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
