"""The page on which a demonstration shows the messages it would have sent."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, render_template, request

from commons.accounts.permissions import allow
from commons.errors import Missing
from commons.marks import demonstration_only
from commons.messaging.queries import shown_messages
from commons.settings import current

bp = Blueprint("messaging", __name__, template_folder="../templates")

FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")
OWN_NAMES = {"localhost", "127.0.0.1", "::1"}


def only_this_machine() -> None:
    """
    Raise ``Missing`` unless a browser on this very machine asks, and the settings keep messages here.

    Listening to loopback is not enough: a proxy in front would show everybody's codes to everybody, and a foreign
    page could reach this machine by a name that resolves to it.
    """
    settings = current()
    host = urlsplit(f"//{request.host}").hostname
    try:
        near = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        near = False
    proxied = settings.trusted_proxies > 0 or any(name in request.headers for name in FORWARDED)
    if not near or proxied or host not in OWN_NAMES or settings.sms_sender != "demonstration":
        raise Missing()


@bp.get("/demo/messages")
@allow("see-demonstration-messages")
def show_messages() -> str:
    """Whoever sits at the machine of a demonstration sees what was sent; everybody else sees that there is no such page."""
    demonstration_only()
    only_this_machine()
    return render_template("commons/messaging/messages.html", messages=shown_messages())
