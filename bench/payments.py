"""
Checkout to paid against the same number of bare durable transactions on the same database.

    .venv/bin/python -m bench.payments [--payments 300] [--url postgresql+psycopg://…]

One payment is three transactions: asked for, clicked on, settled. The bare side commits three transactions of one row
each. Prints both and the ratio; nothing goes over a network.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from flask import Flask

from commons import clock
from commons.db import db, transaction
from commons.marks import Mark
from marketplace.ledger.proofs import all_faults
from marketplace.payments.actions import begin_attempt, open_payment, settle_payment
from marketplace.payments.port import TradeReport
from marketplace.payments.rules import Product, Standing
from migrations.run import upgrade
from tests.database import settings_for
from tests.make.payments import use_fake_gateway
from wsgi import create_app

TRANSACTIONS = 3


def one_payment(number: int) -> None:
    """Ask, click, settle: three transactions, as three requests would make them."""
    with transaction():
        expires = clock.now() + timedelta(minutes=15)
        payment = open_payment(1230, "alipay", "乡情码订单", f"order:{number}", "/orders/1", expires)
    db.session.remove()
    with transaction():
        attempt = begin_attempt(payment.id, Product.wap)
    db.session.remove()
    with transaction():
        report = TradeReport(attempt.out_trade_no, Standing.paid, 1230, f"T{number}", "buyer", clock.now())
        settle_payment(report)
    db.session.remove()


def bare(_: int) -> None:
    """Three transactions of one row each through the same session."""
    for part in range(TRANSACTIONS):
        with transaction() as session:
            session.add(Mark(name=f"{time.time_ns()}-{part}", words="", set_at=clock.now()))
        db.session.remove()


def timed(works: Sequence[Callable[[int], None]], count: int, block: int = 20) -> list[float]:
    """Return the seconds that *count* rounds of each work take, in turns, so that both meet the same machine."""
    seconds = [0.0] * len(works)
    for start in range(-block, count, block):
        for place, work in enumerate(works):
            began = time.perf_counter()
            for number in range(start, start + block):
                work(number)
            seconds[place] += time.perf_counter() - began if start >= 0 else 0.0
    return seconds


def measure(app: Flask, count: int) -> None:
    """Measure both and print the ratio."""
    with app.app_context():
        upgrade()
        use_fake_gateway()
        bare_s, paid_s = timed((bare, one_payment), count)
        assert list(all_faults()) == []
        print(f"{db.engine.dialect.name}: bare {count / bare_s:.0f}/s, payments {count / paid_s:.0f}/s, "
              f"ratio {bare_s / paid_s:.2f}")  # fmt: skip
        db.session.remove()
        db.engine.dispose()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=300)
    parser.add_argument("--url", default="")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = told.url or f"sqlite:///{folder}/bench.db"
        measure(create_app(settings_for(url, Path(folder))), told.payments)


if __name__ == "__main__":
    main()
