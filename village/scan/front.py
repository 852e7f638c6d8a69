"""
A small layer in front of Flask that answers a scan from memory when it may.

Everything else, and every scan that memory cannot answer, goes on to Flask. What this layer sends is equal byte for byte to
what the application sends for the same page; a test says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from commons import clock
from village.scan.cache import PageKey, Remembered
from village.scan.rules import Variant, variant_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from village.scan.memory import ScanMemory

Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]

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

    def __init__(self, application: WSGIApplication, memory: ScanMemory) -> None:
        self.application = application
        self.memory = memory

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = page_key(environ)
        found = None if key is None else self._known(key, environ) or self._new(key, environ)
        if found is None:
            return self.application(environ, start_response)
        status, headers, body = found
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _known(self, key: PageKey, environ: WSGIEnvironment) -> Answer | None:
        memory = self.memory
        page = memory.pages.get(key)
        if page is None or not page.is_fresh(memory.version_of(page.village_code), clock.now()):
            return None
        if page.brotli is None and accepts(environ, "br"):
            memory.later.ask(page)
        return answer(page, environ, memory.headers)

    def _new(self, key: PageKey, environ: WSGIEnvironment) -> Answer | None:
        made = self.memory.first_view(key)
        if made is None:
            return None
        page, filled = made
        return answer(page, environ, self.memory.headers, filled.plain)


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


def answer(
    page: Remembered, environ: WSGIEnvironment, common: Headers, plain: bytes | None = None
) -> Answer | None:
    """Return status, headers and body for *page*; a client that takes no compression gets *plain*, or None without it."""
    body, encoding = plain, ""
    if page.brotli is not None and accepts(environ, "br"):
        body, encoding = page.brotli, "br"
    elif accepts(environ, "gzip"):
        body, encoding = page.gzip, "gzip"
    if body is None:
        return None
    tag = ("ETag", f'"{page.tag}-{encoding[:1]}"' if encoding else f'"{page.tag}"')
    if page.tag in asked_tags(environ.get("HTTP_IF_NONE_MATCH", "")):
        return "304 NOT MODIFIED", [*common, tag], b""
    packed = [("Content-Encoding", encoding)] if encoding else []
    length, content = ("Content-Length", str(len(body))), ("Content-Type", "text/html; charset=utf-8")
    return "200 OK", [*common, content, *packed, length, tag], body
