"""The interface told to machines: OpenAPI, made from the registry, so that it cannot say anything else than what is."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from commons.settings import current
from marketplace.payments.api.params import Kind, object_schema
from marketplace.payments.api.registry import ENDPOINTS, Endpoint
from marketplace.payments.objects import API_VERSION

# Stripe's own description of the objects that are served here; the suite holds every answer against it.
OBJECTS = Path(__file__).parent / "schema" / "stripe_2023-08-16.json"


def described() -> dict[str, Any]:
    """Return the description of every endpoint, as an OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for each in sorted(ENDPOINTS.values(), key=lambda one: (one.path, one.method)):
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", each.path)
        paths.setdefault(path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "乡情码 payments",
            "version": API_VERSION,
            "description": "Stripe's shapes in front, Alipay behind. What differs from Stripe stands in docs/payments-api.md.",
        },
        "servers": [{"url": current().public_base_url.rstrip("/")}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The key as user name, no password.",
                },
            },
            "schemas": _objects() | {"error": _error_schema()},
        },
    }


def _operation(each: Endpoint) -> dict[str, Any]:
    summary = (each.handler.__doc__ or "").strip().split("\n")[0]
    told: dict[str, Any] = {
        "operationId": each.name,
        "summary": summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"<(?:\w+:)?(\w+)>", each.path)
        ],
        "responses": {
            "200": {
                "description": summary,
                "content": {"application/json": {"schema": _answer_schema(each)}},
            },
            "default": {
                "description": "What was wrong.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
            },
        },
    }
    wanted: dict[str, Kind] = each.params.of
    if each.method == "GET":
        told["parameters"] += [_query(name, kind) for name, kind in wanted.items()] + [_expand_query()]
    else:
        schema = object_schema(wanted)
        schema["properties"] = schema["properties"] | {
            "expand": {"type": "array", "items": {"type": "string"}}
        }
        told["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}
    return told


def _query(name: str, kind: Kind) -> dict[str, Any]:
    told = _placed(name, kind.schema()) | {"required": kind.required}
    return told | ({"description": kind.about} if kind.about else {})


def _expand_query() -> dict[str, Any]:
    return _placed("expand", {"type": "array", "items": {"type": "string"}})


def _placed(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Say how a parameter stands in the address: ``limit=5``, ``types[]=a&types[]=b``, ``created[gte]=5``."""
    placed = {"name": name, "in": "query", "schema": schema}
    if schema.get("type") == "array":
        return placed | {"name": f"{name}[]", "style": "form", "explode": True}
    has_parts = schema.get("type") == "object" or "anyOf" in schema
    return placed | ({"style": "deepObject", "explode": True} if has_parts else {})


def _answer_schema(each: Endpoint) -> dict[str, Any]:
    one = {"$ref": f"#/components/schemas/{each.answers}"}
    if not each.is_list:
        return one
    return {
        "type": "object",
        "required": ["object", "data", "has_more", "url"],
        "properties": {
            "object": {"const": "list"},
            "data": {"type": "array", "items": one},
            "has_more": {"type": "boolean"},
            "url": {"type": "string"},
        },
    }


@cache
def _objects() -> dict[str, Any]:
    text = OBJECTS.read_text(encoding="utf-8").replace("#/definitions/", "#/components/schemas/")
    told: dict[str, Any] = json.loads(text)["definitions"]
    return told


def _error_schema() -> dict[str, Any]:
    words = {name: {"type": "string"} for name in ("message", "code", "param", "decline_code")}
    kinds = ["api_error", "card_error", "idempotency_error", "invalid_request_error"]
    inner = {"type": "object", "required": ["type"], "properties": {"type": {"enum": kinds}} | words}
    return {"type": "object", "required": ["error"], "properties": {"error": inner}}
