"""One line per request, for machines in production and for people elsewhere; no personal data in any of them."""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Iterator

import structlog
from flask import Flask, Response, g, request

from commons.settings import current

log = structlog.get_logger("request")

# Whose errors speak without quoting anybody; geocode's repeat the address they could not read.
OURS = {"commons", "village", "marketplace"}


def init_app(app: Flask) -> None:
    """Log every request of *app* by its route, never by its address: codes and numbers stand in addresses."""
    settings = app.extensions["settings"]
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.mode == "public"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.ExceptionRenderer(lambda told: _trace(told[1])),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.WARNING if settings.testing else logging.INFO
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    app.before_request(_start)
    app.after_request(_write)


def words_of(error: BaseException) -> str:
    """
    Return what may be written down of *error*: its kind, and its words where they are ours.

    The words of a driver or a parser repeat what they were given: a row that was refused, a number that was none.
    """
    kind = type(error)
    return f"{kind.__name__}: {error}" if kind.__module__.partition(".")[0] in OURS else kind.__name__


def _trace(error: BaseException) -> str:
    """Return where *error* came from, and what it came from in turn, as Python prints it but without foreign words."""
    return "\n".join(
        "".join(traceback.format_tb(each.__traceback__)) + words_of(each) for each in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _chain(earlier)
    yield error


def _start() -> None:
    g.started = time.perf_counter()


def _write(response: Response) -> Response:
    if current().mode == "public" or response.status_code >= 500:
        log.info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else "-",
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
        )
    return response
