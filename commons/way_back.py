"""The way back from a public page: where the browser says it came from, if that is a page of ours one can go back to."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException

from commons.accounts.guard import page_before

NOT_BACK = ("/sign-in", "/desk/sign-in")


def init_app(app: Flask) -> None:
    """Give templates ``way_back``."""
    app.jinja_env.globals["way_back"] = way_back


def way_back() -> str:
    """
    Return the address of the page of ours the browser was on before; nothing if there was none, or this is no place to go back from.

    A page that lies beneath this one was reached through it: back from a list to one of its entries would go in circles.
    """
    address = page_before("")
    path, here = urlsplit(address).path, request.path
    if not address or path == here or path.startswith((here.rstrip("/") + "/", *NOT_BACK)):
        return ""
    return address if _can_be_opened(path) else ""


def _can_be_opened(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return True
