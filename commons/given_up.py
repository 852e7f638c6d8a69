"""Work that was tried to the last and given up: shown to the operator at the desk, who may have it tried again."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from commons import outbox, slots
from commons.accounts.permissions import allow, current_scope
from commons.db import transaction

bp = Blueprint("given_up", __name__)

SHOWN = 20


def init_app(app: Flask) -> None:
    """Stand on the first page of the desk, for whoever may have work tried again."""
    app.register_blueprint(bp)
    slots.fill(app, "desk-today", _panel, order=10)


def _panel(person: object) -> Markup | None:
    if not current_scope("tend-jobs"):
        return None
    count = outbox.failed_count()
    if not count:
        return None
    return Markup(render_template("commons/given_up.html", count=count, jobs=outbox.failed_jobs(SHOWN)))  # noqa: S704 - escaped there


@bp.post("/desk/jobs/<int:job_id>/again")
@allow("tend-jobs")
def run_again(job_id: int) -> Response:
    """The operator has one given-up piece of work tried again, after its cause was removed."""
    with transaction():
        outbox.run_again(job_id)
    flash(_("已重新排队，后台马上再做一次"), "done")
    return redirect("/desk")
