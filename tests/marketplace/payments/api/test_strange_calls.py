"""Whatever a program sends to whatever address, it is answered in Stripe's words and never by a fault of ours."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

from marketplace.ledger.proofs import all_faults
from marketplace.payments.api.params import Either, Kind, Listing, Metadata, Nested
from marketplace.payments.api.rate import Permits
from marketplace.payments.api.registry import ENDPOINTS, Endpoint
from tests.make.payments import make_paid_payment, use_fake_gateway
from tests.marketplace.payments.api.checked import Program, program

STRANGE: tuple[Any, ...] = (
    "", "0", "-1", "1", "999999999999999999", "1" * 400, "1.5", "NaN", "true", "null", "x" * 6000, "红\u202e菜", "\ud7ff🥬",
    "' OR 1=1 --", "{{7*7}}", "../../etc", "https://[::1", "http://a b", "pi_1_secret_2", "cny", "alipay", [], ["a", "b"],
    {}, {"a": "b"}, {"0": "x"}, [["x"]], {"a": {"b": {"c": "d"}}},
)  # fmt: skip
OURS = {200, 400, 401, 402, 403, 404, 409}


def fitting(kind: Kind, choose: random.Random) -> Any:
    """Something that looks like what is asked for, now and then strange inside."""
    if choose.random() < 0.08:
        return choose.choice(STRANGE)
    if isinstance(kind, Nested):
        return {
            name: fitting(each, choose)
            for name, each in kind.of.items()
            if each.required or choose.random() < 0.5
        }
    if isinstance(kind, Listing):
        return [fitting(kind.of, choose) for _ in range(choose.randrange(3))]
    if isinstance(kind, Metadata):
        return {"a": "1", "b": choose.choice(("", "2", "红菜"))}
    if isinstance(kind, Either):
        return {"gte": "1", "lt": choose.choice(("5", "x"))} if choose.random() < 0.5 else "5"
    told = kind.schema()
    if "enum" in told:
        return choose.choice(told["enum"])
    if told["type"] == "boolean":
        return choose.choice(("true", "false"))
    if told["type"] == "integer":
        return str(choose.choice((told["minimum"], told["minimum"] + 1, 100, told["maximum"])))
    return choose.choice(
        ("abc", "https://shop.example/x?y=1", "10000000000", "王秀兰", "6200000000000000012")
    )


def calls(each: Endpoint, ids: list[str], choose: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """A few calls of one endpoint, about things that are there and things that are not."""
    for _ in range(4):
        path = re.sub(
            r"<[^>]+>", lambda _: choose.choice([*ids, *ids, "none", "%00x", "a" * 300, "红"]), each.path
        )
        wanted = {
            name: fitting(kind, choose)
            for name, kind in each.params.of.items()
            if kind.required or choose.random() < 0.4
        }
        if choose.random() < 0.08:
            wanted[choose.choice(("expand", "surprise", "a[b"))] = choose.choice(STRANGE)
        yield path, wanted


def test_strange_calls_are_answered_in_stripes_words(app: Flask, clock: Any) -> None:
    gateway = use_fake_gateway()
    app.extensions["payments_api_permits"] = Permits(most=10**6)
    api = program()
    paid = make_paid_payment(gateway=gateway)
    ids = [paid.id, api.get("/v1/charges")["data"][0]["id"], api.post("/v1/accounts", type="custom")["id"]]
    ids += [api.post("/v1/customers")["id"], api.post("/v1/payment_methods", type="alipay")["id"]]
    choose = random.Random(20261122)
    answered: dict[int, int] = {}
    for each in ENDPOINTS.values():
        for number, (path, wanted) in enumerate(calls(each, ids, choose)):
            speaker = Program(api.key, {"Stripe-Account": ids[2]} if number == 3 else {})
            answer = speaker.call(each.method, path, wanted)
            told = (each.method, path, wanted, answer.data[:300])
            assert answer.status_code in OURS and answer.mimetype == "application/json", told
            body = json.loads(answer.data)
            assert (answer.status_code == 200) == ("error" not in body), told
            answered[answer.status_code] = answered.get(answer.status_code, 0) + 1
    assert answered[200] > 20 and answered[400] > 60 and answered[404] > 20, answered
    assert list(all_faults()) == []
