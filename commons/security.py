"""Sealing of personal data, keyed hashes, protection of forms, and the headers every answer carries."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from commons.errors import Missing
from commons.settings import current

View = TypeVar("View", bound=Callable[..., object])

csrf = CSRFProtect()

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(self), geolocation=(self), payment=()",
}


def content_policy(*, style: str = "'self'", script: str = "'self'", form_action: str = "'self'") -> str:
    """Return the Content-Security-Policy; cached pages give hashes for *style* and *script*."""
    return (
        f"default-src 'none'; style-src {style}; script-src {script}; img-src 'self' data: blob:; "
        f"media-src 'self'; connect-src 'self'; form-action {form_action}; "
        "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    )


def csrf_exempt_machine(view: View) -> View:
    """Take *view* out of form protection: for callbacks that machines sign, and nothing else."""
    csrf.exempt(view)
    return view


def allow_form_action(origin: str) -> None:
    """Let forms of the answer under way lead to *origin* (scheme and host) as well: the payment gateway."""
    g.form_action = f"'self' {origin}"


def init_app(app: Flask) -> None:
    """Protect every form of *app* and put the headers on every answer."""
    app.before_request(_refuse_zero_bytes)
    csrf.init_app(app)
    app.after_request(_add_headers)


def _refuse_zero_bytes() -> None:
    """Answer 404 to an address with a zero byte: no code, number or word holds one, and PostgreSQL takes none."""
    if "\x00" in request.path or b"%00" in request.query_string:
        raise Missing()


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Content-Security-Policy" not in response.headers:
        policy = content_policy(form_action=g.get("form_action", "'self'"))
        response.headers["Content-Security-Policy"] = policy
    if current().public_base_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


@lru_cache(maxsize=64)
def _key(data_key: str, purpose: str) -> bytes:
    return hmac.new(data_key.encode(), f"xiangqingma/{purpose}".encode(), hashlib.sha256).digest()


def seal_text(text: str) -> bytes:
    """Encrypt *text* (AES-256-GCM under the deployment's data key); twice the same text gives different bytes."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(_key(current().data_key, "seal")).encrypt(nonce, text.encode(), None)


def open_text(sealed: bytes) -> str:
    """Return the text that :func:`seal_text` sealed; raises ``cryptography.exceptions.InvalidTag`` if altered."""
    return AESGCM(_key(current().data_key, "seal")).decrypt(sealed[:12], sealed[12:], None).decode()


def keyed_hash(purpose: str, text: str) -> str:
    """Return 64 hex digits by which *text* can be found again without being stored; differs by *purpose*."""
    return hmac.new(_key(current().data_key, f"hash/{purpose}"), text.encode(), hashlib.sha256).hexdigest()


def equal(left: str, right: str) -> bool:
    """Compare two secrets in a time that does not tell how much of them agrees."""
    return hmac.compare_digest(left.encode(), right.encode())


__all__ = [
    "CSRFError", "allow_form_action", "content_policy", "csrf", "csrf_exempt_machine",
    "equal", "init_app", "keyed_hash", "open_text", "seal_text",
]  # fmt: skip
