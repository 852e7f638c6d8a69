"""
A small layer in front of Flask that answers a scan from memory when it may.

Everything else, and every scan that memory cannot answer, goes on to Flask. What this layer sends is equal byte for byte to
what the application sends for the same page; a test says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from commons import clock
from village.scan.cache import PageKey, Remembered
from village.scan.lean import lean
from village.scan.rules import Variant, variant_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from village.scan.memory import ScanMemory

Headers = list[tuple[str, str]]
Answer = tuple[str, Headers, bytes]

log = structlog.get_logger(__name__)

PLAIN = Variant()
REFUSALS = {"q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000"}


@lru_cache(maxsize=32)  # a county's telephones send a handful of different ones
def encodings(header: str) -> frozenset[str]:
    """
    Return which of ``br`` and ``gzip`` an Accept-Encoding allows (RFC 9110, 12.5.3); ``q=0`` refuses one.

    Who takes anything, or refuses the plain page without naming another, gets what everybody can unpack: gzip.
    """
    allowed: dict[str, bool] = {}
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        allowed[name.strip()] = weight.replace(" ", "") not in REFUSALS
    named = {name for name in ("br", "gzip") if allowed.get(name)}
    takes_any = allowed.get("*") or (not named and allowed.get("identity") is False)
    return frozenset(named | ({"gzip"} if takes_any and "gzip" not in allowed else set()))


def asked_encodings(environ: WSGIEnvironment) -> frozenset[str]:
    """Return which of ``br`` and ``gzip`` the client takes; none of them if it says nothing (docs/decisions/0002)."""
    return encodings(environ.get("HTTP_ACCEPT_ENCODING", ""))


def asked_tags(header: str) -> list[str]:
    """Return the content tags that an If-None-Match names, without the mark of their encoding."""
    return [part.strip().removeprefix("W/").strip('"').partition("-")[0] for part in header.split(",")]


class ScanFront:
    """Answers ``GET /D/<code>`` from memory; a page is sent only while its village's version stands."""

    def __init__(self, application: WSGIApplication, memory: ScanMemory) -> None:
        self.application = application
        self.memory = memory

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = self._found(environ)
        if found is None:
            return self.application(environ, start_response)
        status, headers, body = found
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _found(self, environ: WSGIEnvironment) -> Answer | None:
        """Answer from memory, or None; a fault of this layer is told, and left to the application to answer for."""
        try:
            key = page_key(environ)
            return None if key is None else self._known(key, environ) or self._new(key, environ)
        except Exception as error:  # outside Flask nobody else would catch it
            log.exception("fault", path="/D/<code>", kind=type(error).__name__)
            return None

    def _known(self, key: PageKey, environ: WSGIEnvironment) -> Answer | None:
        memory = self.memory
        page = memory.pages.get(key)
        if page is None or not page.is_fresh(memory.version_of(page.village_code), clock.now()):
            return None
        found = answer(page, environ, memory.headers)
        if page.brotli is None and "br" in asked_encodings(environ):
            memory.later.ask(page)
        return found

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


def answer(page: Remembered, environ: WSGIEnvironment, common: Headers, plain: bytes = b"") -> Answer:
    """Return status, headers and body for *page*; a client that takes no compression gets it lean, of *plain* where that is at hand."""
    taken = asked_encodings(environ)
    encoding = "gzip" if "gzip" in taken else ""
    if "br" in taken and (page.brotli is not None or not encoding):
        encoding = "br"
    tag = ("ETag", f'"{page.tag}-{encoding[:1]}"' if encoding else f'"{page.tag}"')
    known = asked_tags(environ.get("HTTP_IF_NONE_MATCH", ""))
    if page.tag in known or "*" in known:
        return "304 NOT MODIFIED", [*common, tag], b""
    body = page.in_brotli() if encoding == "br" else page.gzip if encoding else lean(plain or page.whole())
    packed = [("Content-Encoding", encoding)] if encoding else []
    length, content = ("Content-Length", str(len(body))), ("Content-Type", "text/html; charset=utf-8")
    return "200 OK", [*common, content, *packed, length, tag], body
