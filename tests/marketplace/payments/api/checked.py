"""
A program that calls the interface in tests and believes no answer: each is held against Stripe's own description of 2023,
against the annotations of the installed ``stripe`` package, and against the list of properties of the present version.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote

from flask import current_app
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from werkzeug.test import TestResponse

from commons.db import transaction
from marketplace.payments.api.keys import make_key
from marketplace.payments.objects import API_VERSION
from tests.marketplace.payments.api.schema import annotated
from tests.marketplace.payments.api.schema.prune import PROPERTIES, SCHEMA

ERROR_TYPES = {"api_error", "card_error", "idempotency_error", "invalid_request_error"}
# Shown only by an object that has failed, or only when it is expanded.
SOMETIMES = {
    "payment_method": {"card"},
    "refund": {
        "failure_balance_transaction",
        "failure_reason",
        "instructions_email",
        "next_action",
        "description",
    },
    "charge": {"refunds"},
    "checkout.session": {"line_items"},
    "customer": {"sources", "subscriptions", "tax_ids", "cash_balance"},
    "webhook_endpoint": {"secret"},
    "event": {"account"},
}
NUMBERS = itertools.count(1)


@cache
def _validator(source: str, kind: str) -> Draft202012Validator:
    definitions = json.loads(SCHEMA.read_text(encoding="utf-8")) if source == "spec" else annotated.schema()
    return Draft202012Validator({"$ref": f"#/definitions/{kind}", "definitions": definitions["definitions"]})


@cache
def _properties() -> dict[str, list[str]]:
    shown: dict[str, list[str]] = json.loads(PROPERTIES.read_text(encoding="utf-8"))
    return shown


def faults(shown: dict[str, Any]) -> list[str]:
    """Return everything that is wrong with an object by any of the three descriptions; objects inside are looked at too."""
    kind = shown.get("object", "")
    if kind == "list":
        lacking = [f"a list without {name}" for name in ("data", "has_more", "url") if name not in shown]
        return lacking + [fault for each in shown["data"] for fault in faults(each)]
    if shown.get("deleted"):
        return _of_schema("spec", f"deleted_{kind}", shown)
    if kind not in annotated.CLASSES:
        return [f"{kind!r} is no object of ours"]
    found = _of_schema("spec", kind, shown) + _of_schema("package", kind, shown) + _of_properties(kind, shown)
    inside = [
        value for value in shown.values() if isinstance(value, dict) and isinstance(value.get("object"), str)
    ]
    found += [fault for value in inside for fault in faults(value)]
    if kind == "event":
        found += faults(shown["data"]["object"])
        if shown["type"].endswith(".updated") != ("previous_attributes" in shown["data"]):
            found.append(f"{shown['type']} with {sorted(shown['data'])}")
    return found


def _of_schema(source: str, kind: str, shown: dict[str, Any]) -> list[str]:
    errors = _validator(source, kind).iter_errors(shown)
    return [f"{kind} by {source}: {error.json_path} {error.message[:200]}" for error in errors]


def _of_properties(kind: str, shown: dict[str, Any]) -> list[str]:
    wanted = set(_properties().get(kind, ())) - SOMETIMES.get(kind, set())
    known = (
        set(_properties().get(kind, ()))
        | annotated.properties(kind)
        | SOMETIMES.get(kind, set())
        | {"object"}
    )
    lacking = [f"{kind} lacks {name}" for name in sorted(wanted - shown.keys())]
    return lacking + [
        f"{kind} shows {name}, which Stripe's does not" for name in sorted(shown.keys() - known)
    ]


def form(params: dict[str, Any]) -> str:
    """Write *params* as the Python client does: indexed lists, brackets encoded, ``true``, nothing for None."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in _pairs(params, ""))


def _pairs(value: Any, name: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [
            pair
            for key, each in value.items()
            for pair in _pairs(each, f"{name}[{key}]" if name else str(key))
        ]
    if isinstance(value, list | tuple):
        return [pair for index, each in enumerate(value) for pair in _pairs(each, f"{name}[{index}]")]
    if value is None:
        return []
    return [(name, str(value).lower() if isinstance(value, bool) else str(value))]


@dataclass
class Program:
    """A program with a key. ``idempotency_key`` may be given to any POST; otherwise each has a new one, as the clients do."""

    key: str
    headers: dict[str, str] = field(default_factory=dict)
    last: TestResponse | None = None

    def get(self, path: str, /, **params: Any) -> Any:
        """Call GET and return the checked answer."""
        return self._checked("GET", path, params)

    def post(self, path: str, /, *, idempotency_key: str | None = None, **params: Any) -> Any:
        """Call POST and return the checked answer."""
        return self._checked("POST", path, params, idempotency_key)

    def delete(self, path: str, /, **params: Any) -> Any:
        """Call DELETE and return the checked answer."""
        return self._checked("DELETE", path, params)

    def refused(
        self, method: str, path: str, /, *, status: int, code: str | None = None, idempotency_key: str | None = None,
        **params: Any,
    ) -> Any:  # fmt: skip
        """Call something that has to be refused with *status* (and *code*); return the checked error object."""
        answer = self.call(method, path, params, idempotency_key)
        body = json.loads(answer.data)
        assert (answer.status_code, answer.mimetype) == (status, "application/json"), body
        error = body["error"]
        assert error["type"] in ERROR_TYPES and error["message"], error
        assert _of_schema("spec", "error", body) == []
        assert code is None or error.get("code") == code, error
        return error

    def call(
        self, method: str, path: str, params: dict[str, Any], idempotency_key: str | None = None
    ) -> TestResponse:
        """Call anything and return the bare answer."""
        headers = {"Authorization": f"Bearer {self.key}", "Stripe-Version": API_VERSION} | self.headers
        if method == "POST":
            headers["Idempotency-Key"] = idempotency_key or f"test-{next(NUMBERS)}"
        encoded = form(params)
        if method == "GET":
            path, data = f"{path}?{encoded}" if encoded else path, None
        else:
            data = encoded
        kind = "application/x-www-form-urlencoded"
        client = current_app.test_client()
        self.last = client.open(path, method=method, headers=headers, data=data, content_type=kind)
        assert self.last.headers["Request-Id"].startswith("req_")
        assert (
            self.last.headers["Stripe-Version"] == headers["Stripe-Version"] or self.last.status_code >= 400
        )
        return self.last

    def _checked(self, method: str, path: str, params: dict[str, Any], key: str | None = None) -> Any:
        answer = self.call(method, path, params, key)
        shown = json.loads(answer.data)
        assert answer.status_code == 200, shown
        # A browser sees less of an object, so it lacks what it must.
        wrong = [] if self.key.startswith("pk_") else faults(shown)
        assert not wrong, "\n".join(wrong)
        return shown


def program(*, live: bool = False, kind: str = "sk", account: str = "") -> Program:
    """A program with a fresh key of the application under test."""
    with transaction():
        _, key = make_key(kind, livemode=live, account=account)
    return Program(key)
