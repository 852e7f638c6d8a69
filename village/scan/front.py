"""
A small layer in front of Flask that answers a scan from memory when it may.

Everything else, and every scan that memory cannot answer, goes on to Flask. What this layer sends is equal byte for byte to
what the application sends for the same page; a test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from commons import clock
from village.scan.cache import BoundedMemory, PageKey, Remembered
from village.scan.rules import Variant, variant_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]
VersionOf = Callable[[str], Any]

PLAIN = Variant()


def accepts(environ: WSGIEnvironment, encoding: str) -> bool:
    """Say whether the client takes *encoding* (RFC 9110, 12.5.3); ``q=0`` refuses it."""
    for part in environ.get("HTTP_ACCEPT_ENCODING", "").split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def asked_tags(header: str) -> list[str]:
    """Return the content tags that an If-None-Match names, without the mark of their encoding."""
    return [part.strip().removeprefix("W/").strip('"').partition("-")[0] for part in header.split(",")]


class ScanFront:
    """Answers ``GET /D/<code>`` from memory; a page is sent only while its village's version stands."""

    def __init__(
        self,
        application: WSGIApplication,
        memory: BoundedMemory[Remembered],
        version_of: VersionOf,
        headers: Headers,
    ) -> None:
        self.application = application
        self.memory = memory
        self.version_of = version_of
        self.headers = headers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = page_key(environ)
        page = None if key is None else self.memory.get(key)
        if page is None or not page.is_fresh(self.version_of(page.village_code), clock.now()):
            return self.application(environ, start_response)
        status, headers, body = answer(page, environ, self.headers)
        if body is None:
            return self.application(environ, start_response)
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def page_key(environ: WSGIEnvironment) -> PageKey | None:
    """Return what a request asks of the memory; None if it asks for something else."""
    path: str = environ.get("PATH_INFO", "")
    if (
        len(path) != 13
        or path[:3] not in {"/D/", "/d/"}
        or environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}
    ):
        return None
    query = environ.get("QUERY_STRING", "")
    variant = variant_of(query) if query else PLAIN
    return None if variant is None else (path[3:].upper(), variant)


def answer(page: Remembered, environ: WSGIEnvironment, common: Headers) -> tuple[str, Headers, bytes | None]:
    """Return status, headers and body for *page*; no body (None) if the client takes neither encoding."""
    body, encoding = None, ""
    if page.brotli is not None and accepts(environ, "br"):
        body, encoding = page.brotli, "br"
    elif accepts(environ, "gzip"):
        body, encoding = page.gzip, "gzip"
    tag = ("ETag", f'"{page.tag}-{encoding[:1]}"')
    if body is not None and page.tag in asked_tags(environ.get("HTTP_IF_NONE_MATCH", "")):
        return "304 NOT MODIFIED", [*common, tag], b""
    length = ("Content-Length", str(len(body or b"")))
    content = ("Content-Type", "text/html; charset=utf-8")
    return "200 OK", [*common, content, ("Content-Encoding", encoding), length, tag], body
