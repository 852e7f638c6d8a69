"""The interface told to machines: OpenAPI, made from the registry, so that it cannot say anything else than what is."""

from __future__ import annotations

import re
from typing import Any

from commons.settings import current
from marketplace.payments.api.params import Kind, object_schema
from marketplace.payments.api.registry import ENDPOINTS, Endpoint
from marketplace.payments.objects import API_VERSION


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
            "schemas": {"error": _error_schema(), **{kind: _object_schema(kind) for kind in _kinds()}},
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
    return {
        "name": name,
        "in": "query",
        "required": kind.required,
        "style": "deepObject",
        "explode": True,
        "schema": kind.schema(),
    } | ({"description": kind.about} if kind.about else {})


def _expand_query() -> dict[str, Any]:
    schema = {"type": "array", "items": {"type": "string"}}
    return {"name": "expand", "in": "query", "style": "deepObject", "explode": True, "schema": schema}


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


def _kinds() -> list[str]:
    return sorted({each.answers for each in ENDPOINTS.values()})


def _object_schema(kind: str) -> dict[str, Any]:
    """Say no more of an object than Stripe's own description does: what it is called, and where to read of it."""
    return {
        "type": "object",
        "required": ["object"],
        "properties": {"object": {"const": kind.removeprefix("deleted_")}},
        "description": f"Stripe's {kind}, version {API_VERSION}.",
    }


def _error_schema() -> dict[str, Any]:
    words = {name: {"type": "string"} for name in ("message", "code", "param", "decline_code")}
    kinds = ["api_error", "card_error", "idempotency_error", "invalid_request_error"]
    inner = {"type": "object", "required": ["type"], "properties": {"type": {"enum": kinds}} | words}
    return {"type": "object", "required": ["error"], "properties": {"error": inner}}
