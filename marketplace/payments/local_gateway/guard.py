"""Loopback only: whom the gateway answers, and with which headers."""

import ipaddress
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request

from marketplace.payments.local_gateway.gateway import Gateway

_NAMES = frozenset({"localhost"})


class NotLoopbackError(ValueError):
    """The gateway plays with money; nothing but this machine may reach it."""


def check_loopback(host: str) -> str:
    """Return *host* if it is this machine's own; raise otherwise."""
    if not _is_loopback(host):
        raise NotLoopbackError(f"the local gateway serves loopback only, not {host!r}")
    return host


def the_gateway() -> Gateway:
    """Return the gateway that this application serves."""
    return cast(Gateway, current_app.extensions["local_gateway"])


def guard(app: Flask) -> None:
    """Refuse other callers, other host names and other sites' forms; send strict headers."""
    app.before_request(_check_caller)
    app.after_request(_add_headers)


def policy(form_target: str = "") -> str:
    """Return the content policy. *form_target* is a shop's address to which a paid form may lead."""
    forms = "'self'"
    if form_target:
        parts = urlsplit(form_target)
        forms += f" {parts.scheme}://{parts.netloc}"
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {forms}"
    )


def _check_caller() -> None:
    if not _is_loopback(request.remote_addr or ""):
        abort(403)
    # A page elsewhere could point its own name at 127.0.0.1; only our names are answered.
    if not _is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        abort(403)
    # gateway.do is protected by its signature and is meant to be reached from the shop's pages.
    if request.method == "POST" and request.path != "/gateway.do":
        origin = request.headers.get("Origin")
        if origin is not None and origin != request.host_url.rstrip("/"):
            abort(403)


def _add_headers(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", policy())
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # Not no-referrer: with it browsers send "Origin: null" with our own forms, which the check refuses.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _is_loopback(host: str) -> bool:
    if host in _NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
