"""The page that says what is kept of people; docs/privacy.md says the same to those who run the service."""

from __future__ import annotations

from flask import Blueprint, render_template

from commons.accounts.permissions import allow
from commons.accounts.rules import CONSENT_VERSION

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
@allow("see-public-pages")
def show_privacy() -> str:
    """Anyone reads what is kept, why, who sees it, for how long, and how to have it back or erased."""
    return render_template("village/privacy/show.html", version=CONSENT_VERSION)
