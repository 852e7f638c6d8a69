"""
Sixty-four buyers at once on one lot, against as many bare updates of one locked row.

    python -m bench lot [--rounds 3] [--processes 2] [--database sqlite|postgis|both]

What is compared and why stands in README.md. The last line is the result as JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from flask import Flask  # noqa: E402
from sqlalchemy import func, select  # noqa: E402

from bench.throwaway import KINDS, Place, fresh  # noqa: E402
from commons.db import db, locked, transaction  # noqa: E402
from marketplace.orders.actions import NewOrder, place_order  # noqa: E402
from marketplace.orders.models import Order  # noqa: E402
from marketplace.produce.models import Lot  # noqa: E402
from tests.make.orders import ask  # noqa: E402
from tests.make.payments import use_fake_gateway  # noqa: E402
from tests.make.people import make_person  # noqa: E402
from tests.make.produce import make_product  # noqa: E402

BUYERS = 64
TARGET = 0.5

Deed = Callable[[int], object]


def order(wanted: NewOrder) -> Deed:
    """Return what one buyer does: the action that the checkout calls."""
    return lambda person_id: place_order(person_id, replace(wanted, form_key=f"lot-{person_id}"))


def bare(lot_id: int) -> Deed:
    """Return the least that a sale could be: lock the row, count it down, commit."""

    def sell(_person_id: int) -> None:
        lot = locked(Lot, lot_id)
        assert lot is not None
        lot.stock_left -= 1

    return sell


def at_once(app: Flask, people: list[int], deed: Deed, start: Barrier) -> None:
    """Let every one of *people* do the deed in a thread, a session and a transaction of their own."""

    def one(person_id: int) -> None:
        with app.app_context():
            with transaction():
                deed(person_id)
            db.session.remove()

    threads = [threading.Thread(target=one, args=(person_id,)) for person_id in people]
    start.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run(place: Place, rounds: int, processes: int) -> dict[str, float]:
    """Return the medians on one database; the stock must come out exactly."""
    with place.app().app_context():
        with transaction():
            product = make_product(stock=BUYERS * 2 * (rounds + 1))
            # A person has two unpaid orders at most, so every round has buyers of its own.
            crowds = [[make_person().id for _ in range(BUYERS)] for _ in range(rounds + 1)]
        wanted, lot_id = ask(product), product.lots[0].id
        db.session.remove()
        db.engine.dispose()
    seconds: dict[str, list[float]] = {"bare": [], "orders": []}
    for round_no, crowd in enumerate(crowds):
        for name, spent in _one_round(place, crowd, wanted, processes).items():
            if round_no:  # the first warms up disk and caches
                seconds[name].append(spent)
    with place.app().app_context():
        left, orders = (
            db.session.get_one(Lot, lot_id).stock_left,
            db.session.scalar(select(func.count()).select_from(Order)),
        )
        db.session.remove()
        db.engine.dispose()
    if left != 0 or orders != BUYERS * (rounds + 1):
        raise RuntimeError(f"{left} boxes are left and {orders} orders were placed")
    ratios = [bare_s / order_s for bare_s, order_s in zip(seconds["bare"], seconds["orders"], strict=True)]
    return {
        "orders_a_second": round(BUYERS / statistics.median(seconds["orders"]), 1),
        "updates_a_second": round(BUYERS / statistics.median(seconds["bare"]), 1),
        "ratio": round(statistics.median(ratios), 3),
    }


def _one_round(place: Place, crowd: list[int], wanted: NewOrder, processes: int) -> dict[str, float]:
    """Time both ways with *crowd*, shared among processes as web workers share requests."""
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(processes + 1)
    shares = [crowd[number::processes] for number in range(processes)]
    workers = [context.Process(target=_worker, args=(place, share, wanted, gate)) for share in shares]
    for process in workers:
        process.start()
    spent = {}
    for name in ("bare", "orders"):
        gate.wait(180)
        begun = perf_counter()
        gate.wait(180)
        spent[name] = perf_counter() - begun
    for process in workers:
        process.join(60)
        if process.exitcode:
            raise RuntimeError(f"a process ended with {process.exitcode}")
    return spent


def _worker(place: Place, people: list[int], wanted: NewOrder, gate: Barrier) -> None:
    app = place.app()
    with app.app_context():
        use_fake_gateway()
        select_one = select(func.count()).select_from(Order)
        db.session.scalar(select_one)  # the mappers are configured and a connection is open
        db.session.remove()
    lot_id = next(iter(wanted.wanted))
    for deed in (bare(lot_id), order(wanted)):
        at_once(app, people, deed, gate)
        gate.wait()
    with app.app_context():
        db.engine.dispose()


def main() -> int:
    """Measure, print the ratios and the result as JSON; 1 if the target was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--database", choices=[*KINDS, "both"], default="both")
    options = parser.parse_args()
    # A sale that is answered survives a power cut, and so does the bare update.
    os.environ["POSTGIS_FSYNC"] = "on"
    results = {}
    for kind in KINDS if options.database == "both" else (options.database,):
        with fresh(kind) as place:
            results[kind] = run(place, options.rounds, options.processes)
            print(f"{kind}: {results[kind]}", flush=True)
    lines = [
        (f"{kind}: 64 orders on one lot : 64 bare locked updates", found["ratio"], TARGET)
        for kind, found in results.items()
    ]
    print(json.dumps({"results": results, "ratios": lines}))
    return 0 if all(found["ratio"] >= TARGET for found in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
