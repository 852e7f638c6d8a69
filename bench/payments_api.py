"""
Each POST of the payments interface against a bare Flask endpoint that takes JSON and does one durable commit.

    .venv/bin/python -m bench.payments_api [--calls 400] [--database sqlite|postgis] [--fill 10000,1000000]

Both are called as WSGI applications in this process, in turns, on the same kind of database with the same durability; the
calls are built before the clock runs. The bare endpoint inserts one row through SQLAlchemy's core and commits. With
``--fill`` the interface is measured again with so many payments (each with two events and a job) already there: what a
payment costs beside the bare endpoint should not have grown. The database copies the rows itself; a million takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify, request
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Engine,
    Insert,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    cast,
    create_engine,
    insert,
    inspect,
    literal,
    null,
    select,
)
from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.throwaway import KINDS, Place, fresh
from commons import clock
from commons.db import Base, db, engine_options, prepare_engine, transaction
from commons.outbox import Job
from marketplace.payments.api.keys import make_key
from marketplace.payments.api.rate import Permits
from marketplace.payments.models import PaymentIntent
from marketplace.payments.objects import intent_object
from marketplace.payments.record_models import PaymentEvent
from marketplace.payments.rules import new_id
from tests.make.payments import use_fake_gateway

TARGET = 0.3
FLAT = 0.8  # of the cost with the fewest payments there; the rest is the machine
BLOCK = 20
Environ = dict[str, Any]
FORM = "application/x-www-form-urlencoded"


def bare_app(url: str) -> tuple[Flask, Engine]:
    """The least that can be durable: a Flask application, one table, one insert, one commit, one line of JSON."""
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    table = Table(
        "bench_bare", MetaData(), Column("id", Integer, primary_key=True), Column("words", String(200))
    )
    table.create(engine, checkfirst=True)
    app = Flask("bare")
    begin = {"sqlite_begin": "IMMEDIATE"}

    @app.post("/bare")
    def take() -> Any:
        words = request.get_json()
        with engine.connect().execution_options(**begin) as connection, connection.begin():
            made = connection.execute(
                insert(table).values(words=words["words"]).returning(table.c.id)
            ).scalar_one()
        return jsonify(id=made, words=words["words"])

    return app, engine


def called(app: Flask, environs: list[Environ]) -> tuple[float, list[Any]]:
    """Return the seconds that the calls took, and what they were answered."""
    answers = []
    began = time.perf_counter()
    for environ in environs:
        body, status, _ = run_wsgi_app(app, environ)
        answers.append((status, b"".join(body)))
    seconds = time.perf_counter() - began
    assert all(status.startswith("200") for status, _ in answers), answers[0]
    return seconds, [json.loads(body) for _, body in answers]


def bare_calls(count: int) -> list[Environ]:
    """Calls of the bare endpoint, about as long as those of the interface."""
    return [
        EnvironBuilder("/bare", method="POST", json={"words": "x" * 150}).get_environ() for _ in range(count)
    ]


def api_calls(key: str, path: str, form: str, count: int) -> list[Environ]:
    """Calls of the interface as the clients make them, each with an idempotency key of its own."""
    made = []
    for _ in range(count):
        headers: list[tuple[str, str]] = [
            ("Authorization", f"Bearer {key}"),
            ("Idempotency-Key", new_id("bench")),
        ]
        builder = EnvironBuilder(path, method="POST", data=form, content_type=FORM, headers=headers)
        made.append(builder.get_environ())
    return made


class Interface:
    """The interface on a fresh database, and the bare endpoint beside it."""

    def __init__(self, place: Place) -> None:
        self.app = place.app()
        self.bare, self.engine = bare_app(self.app.config["SQLALCHEMY_DATABASE_URI"])
        self.app.extensions["payments_api_permits"] = Permits(most=10**9)
        with self.app.app_context():
            use_fake_gateway()
            with transaction():
                _, self.key = make_key("sk", livemode=False)
            db.session.remove()

    def create(self, count: int) -> tuple[float, list[str]]:
        """Ask for money so often."""
        form = "amount=1230&currency=cny&payment_method_types[0]=alipay&metadata[order]=6735&description=%E8%8F%9C"
        seconds, made = called(self.app, api_calls(self.key, "/v1/payment_intents", form, count))
        return seconds, [each["id"] for each in made]

    def confirm(self, ids: list[str]) -> float:
        """Hand these payments to their payers."""
        form = "payment_method_data[type]=alipay&return_url=https%3A%2F%2Fshop.example%2Fback"
        environs = [api_calls(self.key, f"/v1/payment_intents/{key}/confirm", form, 1)[0] for key in ids]
        return called(self.app, environs)[0]

    def measure(self, calls: int) -> tuple[float, float, float]:
        """Return seconds per call of the bare endpoint, of create and of confirm, taken in turns."""
        totals = [0.0, 0.0, 0.0]
        for start in range(-BLOCK, calls, BLOCK):
            bare = called(self.bare, bare_calls(BLOCK))[0]
            created, ids = self.create(BLOCK)
            confirmed = self.confirm(ids)
            if start >= 0:  # the first block only warms up
                totals = [
                    total + each for total, each in zip(totals, (bare, created, confirmed), strict=True)
                ]
        bare, created, confirmed = (total / calls for total in totals)
        return bare, created, confirmed

    def fill(self, until: int, have: int) -> None:
        """Let the database copy one payment, its two events and its job, until there are so many."""
        if until <= have:
            return
        with self.app.app_context():
            row, events = _payment()
            copies = [(PaymentIntent, row), *((PaymentEvent, event) for event in events), (Job, _job(row))]
            with transaction() as session:
                for place, (model, values) in enumerate(copies):
                    session.execute(_copied(model, values, place, (have, until)))
            db.session.remove()

    def close(self) -> None:
        """Let go of both databases."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.engine.dispose()


# A prime's multiples are all different, and nowhere near in order.
SPREAD, ROOM = 7_919_191_919, 999_999_999_989


def _copied(model: type[Base], values: Environ, place: int, span: tuple[int, int]) -> Insert:
    """One INSERT … SELECT of so many rows; ids are as scattered as real ones, so that no index grows at its end alone."""
    numbers = select(literal(span[0], BigInteger).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < span[1] - 1))
    scattered = literal(10**12, BigInteger) + (numbers.c.n * literal(SPREAD, BigInteger)) % literal(
        ROOM, BigInteger
    )
    number = cast(scattered, String(24))
    columns = {
        attribute.key: attribute.columns[0]
        for attribute in inspect(model).column_attrs
        if attribute.key in values
    }
    made: list[ColumnElement[Any]] = []
    for name, column in columns.items():
        value: ColumnElement[Any] = null()
        if values[name] is not None:
            value = bindparam(f"{name}_{place}", values[name], type_=column.type)
        if name == "id":
            value = literal(f"{values['id'][:3]}filling{place}") + number
        elif name == "object_id":
            value = literal("pi_filling0") + number
        made.append(value)
    return insert(model).from_select(list(columns.values()), select(*made).select_from(numbers))


def _payment() -> tuple[Environ, list[Environ]]:
    now = clock.now()
    row: Environ = {
        "id": new_id("pi"), "livemode": False, "account": "", "amount_fen": 1230, "currency": "cny",
        "status": "requires_action", "method": "alipay", "subject": "菜", "reference": "", "details": {"order": "1"},
        "area": "", "return_url": "", "created_at": now, "expires_at": now, "cancel_reason": "", "last_error": "",
        "customer": "", "payment_method": "", "said": {"types": ["alipay"]}, "sealed": None,
    }  # fmt: skip
    shown = intent_object(PaymentIntent(**row))
    kinds = ("payment_intent.created", "payment_intent.requires_action")
    return row, [
        {
            "id": new_id("evt"), "type": kind, "livemode": False, "account": "", "object_id": row["id"], "data": shown,
            "request_id": "", "idempotency_key": "", "created_at": now,
        }
        for kind in kinds
    ]  # fmt: skip


def _job(row: Environ) -> Environ:
    return {
        "kind": "payment.expire", "handler": "task", "payload": {"payment_id": row["id"]}, "unique_key": None,
        "state": "done", "due_at": row["expires_at"], "attempts": 1, "created_at": row["created_at"],
    }  # fmt: skip


def told(
    kind: str, interface: Interface, calls: int, add: Callable[[str, float, float | None], None], words: str
) -> float:
    """Measure once, print it, and return how a created payment compares with the bare endpoint."""
    bare, created, confirmed = interface.measure(calls)
    print(
        f"{kind}{words}: bare {bare * 1000:.2f} ms, create {created * 1000:.2f} ms ({bare / created:.2f}), "
        f"confirm {confirmed * 1000:.2f} ms ({bare / confirmed:.2f})"
    )
    add(f"{kind}: POST create to a bare endpoint{words}", bare / created, TARGET)
    add(f"{kind}: POST confirm to a bare endpoint{words}", bare / confirmed, TARGET)
    return bare / created


def main() -> int:
    """Read the options and measure; 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--database", choices=KINDS, action="append")
    parser.add_argument("--fill", default="10000,1000000")
    options = parser.parse_args()
    os.environ["POSTGIS_FSYNC"] = "on"  # a commit that is not durable is none
    ratios: list[tuple[str, float, float | None]] = []

    def add(name: str, value: float, target: float | None) -> None:
        ratios.append((name, round(value, 3), target))

    for kind in options.database or KINDS:
        with fresh(kind) as place:
            interface = Interface(place)
            have, first = 2 * (options.calls + BLOCK), 0.0
            told(kind, interface, options.calls, add, "")
            for until in [int(each) for each in options.fill.split(",") if each]:
                interface.fill(until, have)
                have = until + options.calls + BLOCK
                ratio = told(kind, interface, options.calls, add, f" with {until} payments")
                if first:
                    add(
                        f"{kind}: a payment among {until}, beside one after the first filling",
                        ratio / first,
                        FLAT,
                    )
                first = first or ratio
            interface.close()
    print(json.dumps({"ratios": ratios}))
    return 0 if all(target is None or value >= target for _, value, target in ratios) else 1


if __name__ == "__main__":
    raise SystemExit(main())
