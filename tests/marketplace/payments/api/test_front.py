"""The front of the interface: keys, forms, versions, errors, limits, faults."""

from __future__ import annotations

import json
import re
import threading
from base64 import b64encode
from io import BytesIO
from typing import Any
from unittest.mock import ANY

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from commons.db import db, transaction
from commons.demonstration import Guide
from commons.errors import TooMany
from commons.guide import SITE
from commons.marks import set_demonstration
from commons.settings import ROOT
from marketplace.demonstration import open_interface
from marketplace.payments.api.decoding import decode
from marketplace.payments.api.errors import ApiError
from marketplace.payments.api.keys import Caller, keys, roll_key
from marketplace.payments.api.models import ApiKey
from marketplace.payments.api.rate import Permits
from marketplace.payments.api.registry import ENDPOINTS
from marketplace.payments.api.who import accounts_known_by
from tests.marketplace.payments.api.checked import Program, program

URL = "/v1/payment_intents"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a=1&b%5Bc%5D=2", {"a": "1", "b": {"c": "2"}}),
        ("b[c][d]=2&b[e]=3", {"b": {"c": {"d": "2"}, "e": "3"}}),
        ("a[]=x&a[]=y", {"a": {"0": "x", "1": "y"}}),
        ("a[0]=x&a[1]=y", {"a": {"0": "x", "1": "y"}}),
        ("a[][p]=1&a[][q]=2&a[][p]=3", {"a": {"0": {"p": "1", "q": "2"}, "1": {"p": "3"}}}),
        ("name=&m%5Bk%5D=", {"name": "", "m": {"k": ""}}),
        ("a[b=1&c]=2&[d]=3", {"a[b": "1", "c]": "2", "[d]": "3"}),
        ("d=%E7%BA%A2+%E8%8F%9C", {"d": "红 菜"}),
    ],
)
def test_a_form_is_read_however_it_was_written(text: str, tree: dict[str, Any]) -> None:
    assert decode(text) == tree


@pytest.mark.parametrize(
    "text", ["a=1&a[b]=2", "a[b]=2&a=1", "a[b][c][d][e][f][g][h][i]=1", "a=%00", "a=%ff", "a&" * 2000]
)
def test_a_form_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ApiError):
        decode(text)


def test_parameters_are_refused_in_stripes_words(app: Flask) -> None:
    api = program()

    def error(code: str | None, param: str, **params: Any) -> Any:
        told = api.refused("POST", URL, status=400, code=code, **params)
        assert told["param"] == param
        return told

    ok = {"amount": 5, "currency": "cny"}
    assert (
        error("parameter_missing", "amount", currency="cny")["message"] == "Missing required param: amount."
    )
    error("parameter_unknown", "colour", **ok, colour="red", size=3)
    error("parameter_unknown", "shipping[nick]", **ok, shipping={"nick": "x"})
    error("amount_too_large", "amount", amount=10**12, currency="cny")
    for amount in (0, -5, "1.5", "abc", "1e3", "９", "0x5"):
        error("parameter_invalid_integer", "amount", amount=amount, currency="cny")
    error("parameter_invalid_empty", "amount", amount="", currency="cny")
    error(None, "currency", amount=5, currency="usd")
    error(None, "confirm", **ok, confirm="yes")
    error(None, "payment_method_types[0]", **ok, payment_method_types=["card"])
    error(None, "payment_method_types", **ok, payment_method_types="alipay")
    error(None, "capture_method", **ok, capture_method="manual")
    error(
        "url_invalid",
        "return_url",
        **ok,
        confirm=True,
        payment_method_data={"type": "alipay"},
        return_url="javascript:1",
    )
    error("parameter_missing", "return_url", **ok, confirm=True, payment_method_data={"type": "alipay"})
    error("resource_missing", "customer", **ok, customer="cus_none")
    error("resource_missing", "payment_method", **ok, payment_method="pm_none")
    error(None, "metadata[k]", **ok, metadata={"k": "x" * 501})
    error(None, "metadata", **ok, metadata={str(number): "x" for number in range(51)})
    error(None, "description", **ok, description="x" * 1001)
    for email in ("bad", "a b@c.example", "a@example", "@c.example", "a@.example", "a@b@c.example"):
        error("email_invalid", "receipt_email", **ok, receipt_email=email)
    error(None, "expand", **ok, expand=["nothing"])
    error(None, "expand", **ok, expand=["a.b.c.d.e"])
    assert api.get(URL)["data"] == []
    bodies: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/v1/customers", {"email": "bad"}),
        ("/v1/accounts", {"email": "bad"}),
        ("/v1/payment_methods", {"type": "alipay", "billing_details": {"email": "bad"}}),
        (URL, {**ok, "payment_method_data": {"type": "alipay", "billing_details": {"email": "bad"}}}),
    )
    for path, words in bodies:
        api.refused("POST", path, status=400, code="email_invalid", **words)


def test_unknown_addresses_and_versions_answer_as_stripe_does(app: Flask) -> None:
    api = program()
    for method, path in (
        ("GET", "/v1/nothing"),
        ("DELETE", URL),
        ("PUT", f"{URL}/pi_1"),
        ("GET", "/v1"),
        ("GET", "/v1/"),
        ("GET", "/v1//payment_intents"),
        ("POST", "/v1/customers//cus_1"),
        ("GET", "/v2/core/events"),
        ("GET", f"{URL}/search"),
        ("GET", "/v1/customers/search"),
        ("POST", "/v1/events"),
    ):
        assert api.refused(method, path, status=404)["message"].startswith(
            f"Unrecognized request URL ({method}: {path})"
        )
    for version in ("2026-10-28.endive", "2024-06-20", "2025-03-31.basil"):
        api.headers["Stripe-Version"] = version
        api.get(URL)
    for version in ("2027-01-01.endive", "2024-06-20.basil", "2025-03-31", "yesterday", "2026-02-30.endive"):
        api.headers["Stripe-Version"] = version
        assert version in api.refused("GET", URL, status=400)["message"]


def _open(app: Flask, header: str) -> tuple[int, dict[str, Any]]:
    answer = app.test_client().get(URL, headers={"Authorization": header} if header else {})
    return answer.status_code, json.loads(answer.data)


def test_a_key_opens_by_bearer_and_by_basic_and_ends_when_it_is_rolled(app: Flask, clock: Any) -> None:
    key = program().key
    basic = b64encode(f"{key}:".encode()).decode()
    assert [_open(app, header)[0] for header in (f"Bearer {key}", f"bearer {key}", f"Basic {basic}")] == [
        200
    ] * 3
    for header in ("", "Bearer ", "Basic %%%", f"Digest {key}", "Basic " + b64encode(b":x").decode()):
        status, body = _open(app, header)
        assert (status, "did not provide" in body["error"]["message"]) == (401, True)
    status, body = _open(app, f"Bearer {key[:-1]}")
    assert status == 401 and key[8:20] not in json.dumps(body)

    row = db.session.scalars(select(ApiKey)).one()
    assert key not in (row.hash, row.hint) and key.endswith(row.hint)
    with transaction():
        _, new = roll_key(row.id, hours=1)
    assert [_open(app, f"Bearer {each}")[0] for each in (key, new)] == [200, 200]
    with transaction():
        roll_key(row.id, hours=168)  # it ends no later for that
    clock.move(hours=1)
    assert [_open(app, f"Bearer {each}")[0] for each in (key, new)] == [401, 200]


def test_keys_are_made_rolled_and_listed_by_commands(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    made = run(args=["keys", "create", "--name", "网站"]).output.split()
    secret, publishable = made[1], made[3]
    assert (secret[:8], publishable[:8]) == ("sk_test_", "pk_test_")
    assert _open(app, f"Bearer {secret}")[0] == 200
    new = run(args=["keys", "roll", made[0]]).output.split()[1]
    assert (_open(app, f"Bearer {secret}")[0], _open(app, f"Bearer {new}")[0]) == (401, 200)
    listed = run(args=["keys", "list"]).output
    assert new[-4:] in listed and new not in listed and "网站" in listed
    assert run(args=["keys", "roll", made[0]]).exit_code == 1
    assert run(args=["keys", "end", made[2]]).exit_code == 0
    assert _open(app, f"Bearer {publishable}") == (401, ANY)
    assert run(args=["keys", "end", made[2]]).exit_code == 1
    assert run(args=["keys", "create", "--account", "acct_nobody"]).exit_code == 1
    assert "sk_live_" in run(args=["keys", "create", "--live"]).output
    with transaction():
        set_demonstration()
    assert run(args=["keys", "create", "--live"]).exit_code == 1
    assert len(keys()) == 3


def test_a_call_may_speak_for_an_account_that_is_known(app: Flask) -> None:
    accounts_known_by(lambda account, livemode: account == "acct_known" and not livemode)
    api = Program(program().key, {"Stripe-Account": "acct_known"})
    made = api.post(URL, amount=5, currency="cny")
    api.headers = {}
    api.refused("GET", f"{URL}/{made['id']}", status=404)
    api.headers = {"Stripe-Account": "acct_other"}
    api.refused("GET", URL, status=403, code="account_invalid")
    own = Program(program(account="acct_known").key)
    assert own.get(f"{URL}/{made['id']}")["id"] == made["id"]
    own.headers = {"Stripe-Account": "acct_else"}
    own.refused("GET", URL, status=403, code="account_invalid")


def test_a_key_that_calls_too_often_is_told_to_come_again(app: Flask, clock: Any) -> None:
    app.extensions["payments_api_permits"] = Permits(most=30)
    api = program()
    for _ in range(20):
        api.get("/v1/events", limit=1)
    app.extensions["payments_api_permits"] = Permits(most=30)  # another process of the same deployment
    api.refused("GET", "/v1/events", status=429, code="rate_limit")
    assert api.last is not None and api.last.headers["Stripe-Should-Retry"] == "true"
    program().get("/v1/events")
    clock.move(seconds=11)
    api.get("/v1/events")


def test_threads_that_draw_permits_in_the_same_moment_lose_none(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    permits, caller, gate = Permits(), Caller("key_1", livemode=False, account=""), threading.Barrier(8)
    drawn: list[int] = []

    def draw_together(*_: Any, cost: int) -> None:
        gate.wait(60)  # until all have found an empty hand
        drawn.append(cost)

    monkeypatch.setattr("marketplace.payments.api.rate.hit", draw_together)
    threads = [threading.Thread(target=permits.take, args=(caller,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def nothing_is_left(*_: Any, cost: int) -> None:
        raise TooMany

    monkeypatch.setattr("marketplace.payments.api.rate.hit", nothing_is_left)
    for _ in range(sum(drawn) - 8):
        permits.take(caller)
    with pytest.raises(ApiError):
        permits.take(caller)


def test_what_is_no_form_or_too_large_is_refused(app: Flask) -> None:
    client, key = app.test_client(), program().key
    header = {"Authorization": f"Bearer {key}"}
    assert client.post(URL, headers=header, json={"amount": 5}).status_code == 400
    assert client.post(URL, headers=header, data=b"a=" + b"x" * 300_000).status_code == 413
    typed = header | {"Content-Type": "application/x-www-form-urlencoded"}
    pieces = {"wsgi.input": BytesIO(b"a=" + b"x" * 300_000), "wsgi.input_terminated": True}
    in_pieces = typed | {"Transfer-Encoding": "chunked"}
    with app.test_request_context(URL, method="POST", headers=in_pieces, environ_overrides=pieces):
        assert app.full_dispatch_request().status_code == 413
    assert client.get(f"{URL}?limit=1", headers=typed).status_code == 200
    assert client.post(f"{URL}?amount=5", headers=typed, data="currency=cny").status_code == 200
    assert client.get("/v1/events?expand[]=x%00", headers=header).status_code in {400, 404}


def test_a_fault_of_ours_is_told_as_such_and_no_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    api = program()
    app.config["TESTING"] = False
    monkeypatch.setattr("marketplace.payments.api.customers.new_id", lambda prefix: 1 / 0)
    error = api.refused("POST", "/v1/customers", status=500, idempotency_key="once", name="x")
    assert error == {"message": "An unknown error occurred", "type": "api_error"}
    monkeypatch.undo()
    app.config["TESTING"] = False
    api.refused("POST", "/v1/customers", status=500, idempotency_key="once", name="x")  # kept, as Stripe does
    assert api.last is not None and api.last.headers["Idempotent-Replayed"] == "true"
    api.post("/v1/customers", name="x")


def test_a_database_that_was_away_leaves_nothing_behind_and_the_client_comes_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = program()
    app.config["TESTING"] = False

    def deadlock(prefix: str) -> str:
        raise OperationalError("INSERT", {}, Exception("deadlock detected"))

    monkeypatch.setattr("marketplace.payments.api.customers.new_id", deadlock)
    api.refused("POST", "/v1/customers", status=500, idempotency_key="once", name="x")
    assert api.last is not None and api.last.headers["Stripe-Should-Retry"] == "true"
    monkeypatch.undo()
    assert api.post("/v1/customers", idempotency_key="once", name="x")["name"] == "x"
    assert "Idempotent-Replayed" not in api.last.headers


def test_customers_and_payment_methods_are_kept_sealed(app: Flask) -> None:
    api = program()
    made = api.post(
        "/v1/customers",
        name="张三",
        email="z@example.cn",
        phone="1",
        address={"city": "孝感"},
        metadata={"n": "1"},
    )
    key = made["id"]
    assert (made["name"], made["address"]["city"]) == ("张三", "孝感")
    assert (
        api.post(f"/v1/customers/{key}", name="", shipping={"name": "x", "address": {"line1": "y"}})["name"]
        is None
    )
    assert [each["id"] for each in api.get("/v1/customers", email="z@example.cn")["data"]] == [key]
    assert api.get("/v1/customers", email="other@example.cn")["data"] == []
    method = api.post("/v1/payment_methods", type="alipay", billing_details={"name": "李四"})
    api.post(
        f"/v1/payment_methods/{method['id']}", billing_details={"email": "l@example.cn"}, metadata={"a": "b"}
    )
    seen = api.get(f"/v1/payment_methods/{method['id']}")
    assert (seen["billing_details"]["name"], seen["billing_details"]["email"]) == ("李四", "l@example.cn")
    assert len(api.get("/v1/payment_methods", type="alipay")["data"]) == 1
    intent = api.post(
        URL, amount=5, currency="cny", customer=key, payment_method=method["id"], receipt_email="r@example.cn"
    )
    assert intent["status"] == "requires_confirmation"
    assert (
        api.get(URL, customer=key, expand=["data.customer"])["data"][0]["customer"]["email"] == "z@example.cn"
    )
    for table in (
        "api_customer",
        "api_payment_method",
        "payment_intent",
        "payment_event",
        "api_first_answer",
    ):
        rows = db.session.execute(db.metadata.tables[table].select()).all()
        assert not any(word in repr(rows) for word in ("张三", "李四", "example.cn")), table

    assert api.delete(f"/v1/customers/{key}") == {"id": key, "object": "customer", "deleted": True}
    assert api.get(f"/v1/customers/{key}")["deleted"] is True
    api.refused("POST", f"/v1/customers/{key}", status=404, code="resource_missing", name="x")
    assert api.get(f"{URL}/{intent['id']}", expand=["customer"])["customer"]["deleted"] is True


def test_a_page_of_another_site_may_call_with_a_publishable_key(app: Flask) -> None:
    api, client = program(), app.test_client()
    intent = api.post(URL, amount=5, currency="cny")
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    allowed = client.options(f"{URL}/{intent['id']}", headers=asked)
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Authorization" in allowed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    browser = program(kind="pk")
    browser.get(f"{URL}/{intent['id']}", client_secret=intent["client_secret"])
    assert browser.last is not None and browser.last.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/shop").headers


def test_the_interface_is_described_by_itself(app: Flask) -> None:
    told = json.loads(app.test_client().get("/v1/openapi.json").data)
    assert {
        (method.upper(), path.replace("{", "<").replace("}", ">"))
        for path, each in told["paths"].items()
        for method in each
    } == {(each.method, each.path) for each in ENDPOINTS.values()}
    create = told["paths"][URL]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"][
        "schema"
    ]
    assert create["required"] == ["amount", "currency"]
    assert all(each["summary"] for path in told["paths"].values() for each in path.values())
    asked = {each["name"]: each.get("style") for each in told["paths"]["/v1/events"]["get"]["parameters"]}
    assert asked | {"limit": None, "types[]": "form", "expand[]": "form", "created": "deepObject"} == asked
    objects = told["components"]["schemas"]
    assert objects["refund"]["properties"]["amount"] == {"type": "integer"}
    named = set(re.findall(r"#/components/schemas/([\w.]+)", json.dumps(told)))
    assert named <= objects.keys() and {each.answers for each in ENDPOINTS.values()} <= named


def test_the_page_about_the_interface_names_every_endpoint_and_no_other(app: Flask) -> None:
    page = (ROOT / "docs" / "payments-api.md").read_text(encoding="utf-8")
    table = page.partition("## What is there")[2].partition("##")[0]
    named = set(re.findall(r"`((?:GET|POST|DELETE) /v1/[^`]+)`", table))
    assert named == {f"{each.method} {each.path}" for each in ENDPOINTS.values()}


def test_the_demonstration_shows_a_pair_of_keys_that_work(app: Flask) -> None:
    guide = Guide()
    open_interface(guide)
    told = "\n".join(guide.lines)
    secret, publishable = re.findall(r"(?:sk|pk)_test_\w+", told)
    assert (secret[:2], publishable[:2], SITE in told) == ("sk", "pk", True)
    Program(secret).get("/v1/events")
    Program(publishable).refused("GET", "/v1/events", status=403, code="secret_key_required")
