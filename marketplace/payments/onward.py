"""Leading a payer on to an address that somebody else named."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect, render_template
from werkzeug.wrappers import Response

from commons.settings import current


def lead_on(address: str) -> str | Response:
    """
    Lead the browser to *address*: by a redirect within our own pages, by a page of ours to anywhere else.

    A payer comes from the cashier by a form that was sent there. Browsers hold the whole chain of redirects behind a form to
    the cashier's policy for forms, which names us and not the shop behind us; a page of ours ends the chain.
    """
    there, here = urlsplit(address), urlsplit(current().public_base_url)
    if not there.netloc or (there.scheme, there.netloc) == (here.scheme, here.netloc):
        return redirect(address, 303)
    return render_template("marketplace/payments/onward.html", address=address)
