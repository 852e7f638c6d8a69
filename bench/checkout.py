"""
From the checkout to a paid order, against as many bare transactions on the same database.

    python -m bench checkout [--orders 200] [--rounds 3] [--database sqlite|postgis|both]

What is compared and why stands in README.md. The last line is the result as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.progress import Progress  # noqa: E402
from sqlalchemy import event, func, insert, select  # noqa: E402

from bench.throwaway import KINDS, Place, fresh  # noqa: E402
from commons import clock, worker  # noqa: E402
from commons.db import db, transaction  # noqa: E402
from commons.throttle import ThrottleCount  # noqa: E402
from marketplace.orders.actions import NewOrder, place_order  # noqa: E402
from marketplace.orders.models import Order  # noqa: E402
from marketplace.payments.actions import begin_attempt  # noqa: E402
from marketplace.payments.flows import ask_now  # noqa: E402
from marketplace.payments.rules import Product as Door  # noqa: E402
from tests.make.fake_gateway import FakeGateway  # noqa: E402
from tests.make.orders import ask  # noqa: E402
from tests.make.payments import use_fake_gateway  # noqa: E402
from tests.make.people import make_person  # noqa: E402
from tests.make.produce import make_product  # noqa: E402

TARGET = 0.25
TURN = 10  # orders


class Commits:
    """Counts what the database was told to keep."""

    def __init__(self) -> None:
        self.count = 0
        event.listen(db.engine, "commit", self._note)

    def _note(self, _connection: object) -> None:
        self.count += 1


def order_and_pay(buyer_id: int, wanted: NewOrder, gateway: FakeGateway) -> None:
    """
    One buyer orders one box and pays; we hear of it, settle and post, and the order learns that it is paid.

    Between two requests the session is let go, as it is between two pages.
    """
    new = replace(wanted, form_key=f"bench-{buyer_id}")
    with transaction():
        payment_id = place_order(buyer_id, new).payment_id
    db.session.remove()
    with transaction():
        attempt = begin_attempt(payment_id, Door.wap)
    gateway.buyer_pays(attempt.out_trade_no, attempt.amount_fen)
    db.session.remove()
    ask_now(attempt.out_trade_no)
    db.session.remove()
    worker.run_due()
    db.session.remove()


def bare(count: int) -> float:
    """Return the seconds that *count* transactions of one small row each take."""
    begun, ends_at = perf_counter(), clock.now() + timedelta(minutes=1)
    for number in range(count):
        with transaction() as writing:
            key = f"{begun:.9f}-{number}"[:64]
            writing.execute(insert(ThrottleCount).values(key=key, hits=1, ends_at=ends_at))
        db.session.remove()
    return perf_counter() - begun


def one_round(orders: int, wanted: NewOrder, gateway: FakeGateway, commits: Commits) -> dict[str, float]:
    """
    Pay *orders* orders, do as many bare transactions as that took, and once as many as there were orders.

    In turns of a few, so that all three meet the same machine.
    """
    with transaction():
        buyers = [make_person().id for _ in range(orders)]
    db.session.remove()
    seconds = as_many = one_each = 0.0
    transactions = 0
    for turn in range(0, orders, TURN):
        before, begun = commits.count, perf_counter()
        for buyer in buyers[turn : turn + TURN]:
            order_and_pay(buyer, wanted, gateway)
        seconds += perf_counter() - begun
        taken = commits.count - before
        transactions += taken
        as_many += bare(taken)
        one_each += bare(len(buyers[turn : turn + TURN]))
    return {
        "orders_a_second": orders / seconds,
        "transactions_each": transactions / orders,
        "ratio": as_many / seconds,
        "ratio_to_one_each": one_each / seconds,
    }


def run(place: Place, orders: int, rounds: int, progress: Progress) -> dict[str, float]:
    """Return the median of some rounds on one database; every order must have been paid."""
    with place.app().app_context():
        gateway, commits = use_fake_gateway(), Commits()
        with transaction():
            product = make_product(stock=orders * (rounds + 1))
        wanted = ask(product)  # and makes the pickup point
        one_round(min(orders, 5), wanted, gateway, commits)
        found = []
        for _ in progress.track(range(rounds), description=place.kind):
            found.append(one_round(orders, wanted, gateway, commits))
        unpaid = db.session.scalar(select(func.count()).select_from(Order).where(Order.paid_at.is_(None)))
        db.session.remove()
        db.engine.dispose()
    if unpaid:
        raise RuntimeError(f"{unpaid} orders were not paid")
    return {name: round(statistics.median(each[name] for each in found), 3) for name in found[0]}


def main() -> int:
    """Measure, print a table and the result as JSON; 1 if the target was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().splitlines()[0])
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=[*KINDS, "both"], default="both")
    options = parser.parse_args()
    results = {}
    # An order that is paid survives a power cut, and so do the bare transactions.
    os.environ["POSTGIS_FSYNC"] = "on"
    with Progress(transient=True) as progress:
        for kind in KINDS if options.database == "both" else (options.database,):
            with fresh(kind) as place:
                results[kind] = run(place, options.orders, options.rounds, progress)
    lines: list[tuple[str, float, float | None]] = []
    for kind, found in results.items():
        name = f"{kind}: checkout to paid : its {found['transactions_each']:.1f} transactions done bare"
        lines.append((name, found["ratio"], TARGET))
        lines.append((f"{kind}: orders paid : as many bare transactions", found["ratio_to_one_each"], None))
    for name, ratio, target in lines:
        print(f"{name:<62} {ratio:6.2f}   {'≥ ' + str(target) if target else ''}")
    kept = all(found["ratio"] >= TARGET for found in results.values())
    load = [round(each, 1) for each in os.getloadavg()]
    print(json.dumps({"results": results, "load_average": load, "ratios": lines, "kept": kept}))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
