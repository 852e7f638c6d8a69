"""
The front of the interface: one function that every call goes through.

Who calls, how often, with what; then the endpoint's own work inside one transaction, together with the first answer
that an idempotency key keeps; then Stripe's headers.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog
from flask import Blueprint, Flask, Response, current_app, g, request
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter

from commons.accounts.permissions import allow
from commons.db import db, transaction
from commons.errors import Missing, Refusal
from commons.security import csrf_exempt_machine
from marketplace.payments.api.decoding import Tree, decode, fingerprint
from marketplace.payments.api.errors import ApiError, fault, forbidden, from_refusal
from marketplace.payments.api.expand import EXPAND, check_paths, expanded
from marketplace.payments.api.idempotency import Kept, Once, alone, once
from marketplace.payments.api.keys import READER, key_reader
from marketplace.payments.api.openapi import described
from marketplace.payments.api.params import read
from marketplace.payments.api.rate import Permits, take_permit
from marketplace.payments.api.registry import ENDPOINTS, Call, Endpoint
from marketplace.payments.api.who import version_spoken, who_calls
from marketplace.payments.objects import API_VERSION
from marketplace.payments.records import CALL
from marketplace.payments.rules import new_id

log = structlog.get_logger(__name__)

NAME = "payments_api"
LARGEST_BODY = 256 * 1024
FORM = "application/x-www-form-urlencoded"
# A page of any site may call, for the key alone counts and no cookie is looked at; that is what publishable keys are for.
FOR_BROWSERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Version, Idempotent-Replayed, Stripe-Should-Retry",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version, Stripe-Account",
    "Access-Control-Max-Age": "300",
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Rest(PathConverter):
    """Whatever else is written behind an address, nothing and slashes in a row included."""

    NAME = "rest"
    regex = ".*?"
    part_isolating = False


def init_app(app: Flask) -> None:
    """Serve every endpoint that was registered until now."""
    bp = Blueprint(NAME, __name__)
    app.extensions["payments_api_permits"] = Permits()
    app.extensions[READER] = key_reader()
    bp.add_url_rule("/v1/openapi.json", "openapi", describe, methods=["GET"])
    for each in ENDPOINTS.values():
        bp.add_url_rule(each.path, each.name, serve, methods=[each.method], provide_automatic_options=False)
    app.url_map.converters[Rest.NAME] = Rest
    for path in ("/v1", "/v1/<rest:rest>", "/v2", "/v2/<rest:rest>", *_searches()):
        bp.add_url_rule(path, "unknown", no_such_url, methods=METHODS, provide_automatic_options=False)
    for kind in (Missing, Refusal, HTTPException):
        bp.register_error_handler(kind, _refused_before)
    app.register_blueprint(bp)


def _searches() -> list[str]:
    """Return where Stripe has searches, which would be taken for an object called "search" here."""
    holders = {each.path.removesuffix("/<id>") for each in ENDPOINTS.values() if each.path.endswith("/<id>")}
    return [f"{holder}/search" for holder in sorted(holders)]


@csrf_exempt_machine
@allow("call-payments-api")
def serve(**ids: str) -> Response:
    """A program with a key."""
    called = ENDPOINTS[(request.endpoint or "").removeprefix(f"{NAME}.")]
    g.request_id = new_id("req")[:18]
    try:
        kept = _answer(called, ids)
    except ApiError as error:
        return _error(error)
    except Exception as error:  # ours; the program is told so and no more
        return _error(_our_fault(error))
    return _respond(kept)


@csrf_exempt_machine
@allow("call-payments-api")
def no_such_url(rest: str = "") -> Response:
    """Whoever calls an address that Stripe has and we have not, or nobody has; and a browser that asks whether it may."""
    g.request_id = new_id("req")[:18]
    if request.method == "OPTIONS":
        return Response(status=204, headers=FOR_BROWSERS | PREFLIGHT)
    words = f"Unrecognized request URL ({request.method}: {request.path})."
    return _error(ApiError(words, status=404))


@allow("call-payments-api")
def describe() -> Response:
    """Everybody reads what is offered."""
    return Response(json.dumps(described(), ensure_ascii=False, indent=1), mimetype="application/json")


def _answer(called: Endpoint, ids: dict[str, str]) -> Kept:
    g.stripe_version = version_spoken()
    caller = who_calls()
    if caller.is_publishable and not called.publishable:
        raise forbidden(
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
            code="secret_key_required",
        )
    take_permit(caller)
    tree = _given(called.method)
    params = read(called.params.of | EXPAND, tree)
    call = Call(caller, params, ids, kind=called.answers)
    check_paths(called, call)
    key = request.headers.get("Idempotency-Key", "") if called.method == "POST" else ""
    setattr(g, CALL, (g.request_id, key[:255]))
    if called.method == "GET":
        return Kept(200, _dump(_worked(called, call)), g.request_id)
    if not key:
        return _work(called, call, None)
    this = once(caller, key, fingerprint(called.method, request.path, caller.account, tree), g.request_id)
    with alone(this):
        return _do_once(called, call, this)


def _given(method: str) -> Tree:
    if method == "GET":
        return decode(request.query_string.decode("utf-8", "replace"))
    # What comes in pieces does not say how long it is; of that no more is read than shows that it is too long.
    request.max_content_length = LARGEST_BODY + 1
    is_long = (request.content_length or 0) > LARGEST_BODY
    body = b"" if is_long else request.get_data(cache=False)
    if is_long or len(body) > LARGEST_BODY:
        raise ApiError("Request is too large", status=413)
    if body and request.mimetype not in {FORM, ""}:
        raise ApiError(f"Invalid request (check that your POST content type is {FORM}).")
    text = body.decode("utf-8", "replace")
    query = request.query_string.decode("utf-8", "replace")
    return decode(f"{query}&{text}" if query and text else query or text)


# -- once ------------------------------------------------------------------------------------------------


def _do_once(called: Endpoint, call: Call, this: Once) -> Kept:
    try:
        return _talk(called, call, this) if called.talks else _work(called, call, this)
    except IntegrityError:
        # Another process did the same work in the same moment and was first; its answer is the answer.
        db.session.rollback()
        known = this.first_answer()
        if known is None:
            raise
        return _again(known)


def _work(called: Endpoint, call: Call, this: Once | None) -> Kept:
    """Do the work and keep its answer in one transaction; of what it refuses only the refusal is kept."""
    if this is None and called.talks:
        return Kept(200, _dump(_worked(called, call)), g.request_id)
    try:
        with transaction():
            # Looked for in here, where nothing older can be seen than what is committed.
            known = this.first_answer() if this is not None else None
            if known is not None:
                return _again(known)
            body = _dump(_worked(called, call))
            if this is not None:
                this.keep(200, body)
    except (ApiError, IntegrityError) as error:
        if isinstance(error, ApiError) and error.is_kept and this is not None:
            _keep_refusal(error, this)
        raise
    except Exception as raised:
        mine = _our_fault(raised)
        if mine.is_kept and this is not None:
            _keep_refusal(mine, this)
        raise mine from raised
    return Kept(200, body, g.request_id)


def _keep_refusal(error: ApiError, this: Once) -> None:
    with suppress(ApiError), transaction():  # somebody else's answer may stand there by now
        if this.first_answer() is None:
            this.keep(error.status, _dump(error.body()))


def _talk(called: Endpoint, call: Call, this: Once) -> Kept:
    """Do work that speaks with a gateway: written down before, its answer kept behind."""
    known = this.begin()
    if isinstance(known, Kept):
        return _again(known)
    try:
        body = _dump(_worked(called, replace(call, is_resumed=known)))
    except Exception as raised:
        error = raised if isinstance(raised, ApiError) else _our_fault(raised)
        db.session.rollback()
        if not error.is_kept:
            this.give_up()
        else:
            with transaction():
                this.finish(error.status, _dump(error.body()))
        raise error from raised
    with transaction():
        this.finish(200, body)
    return Kept(200, body, g.request_id)


def _worked(called: Endpoint, call: Call) -> dict[str, Any]:
    try:
        answer = called.handler(call)
    except Refusal as refusal:
        raise from_refusal(refusal) from refusal
    except Missing as missing:
        raise ApiError("No such object", status=404, code="resource_missing") from missing
    return expanded(answer, call)


def _again(kept: Kept) -> Kept:
    g.is_replay = True
    return kept


# -- answers ---------------------------------------------------------------------------------------------


def _dump(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _respond(kept: Kept) -> Response:
    answer = Response(kept.body, status=kept.status, mimetype="application/json")
    answer.headers["Request-Id"] = kept.request_id
    answer.headers["Stripe-Version"] = g.get("stripe_version", API_VERSION)
    answer.headers["Cache-Control"] = "no-cache, no-store"
    answer.headers.update(FOR_BROWSERS)
    key = request.headers.get("Idempotency-Key", "")
    if key and request.method == "POST":
        answer.headers["Idempotency-Key"] = key
        answer.headers["Original-Request"] = kept.request_id
    if g.get("is_replay"):
        answer.headers["Idempotent-Replayed"] = "true"
        answer.headers["Request-Id"] = g.request_id
    return answer


def _error(error: ApiError) -> Response:
    answer = _respond(Kept(error.status, _dump(error.body()), g.request_id))
    if error.should_retry is not None:
        answer.headers["Stripe-Should-Retry"] = "true" if error.should_retry else "false"
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="xiangqingma"'
    return answer


def _our_fault(error: Exception) -> ApiError:
    if isinstance(error, HTTPException):
        return ApiError(str(error.description), status=error.code or 400)
    if current_app.testing:
        raise error
    log.exception(
        "api_fault", path=request.url_rule.rule if request.url_rule else "?", kind=type(error).__name__
    )
    told = fault()
    if isinstance(error, OperationalError):
        # The database was away, or chose this transaction to break a deadlock: nothing was done, or all of it with its
        # answer. Either way a repetition is right, and finds the answer if there is one.
        told.is_kept, told.should_retry = False, True
    return told


def _refused_before(error: Exception) -> Response:
    """Answer what was refused in front of all pages, in this interface's own words."""
    g.request_id = new_id("req")[:18]
    if isinstance(error, Refusal):
        return _error(from_refusal(error))
    status = error.code or 400 if isinstance(error, HTTPException) else 404
    return _error(ApiError("Invalid request", status=status))
