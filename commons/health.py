"""``/healthz``: whether the database answers, how long ago the worker spoke, what it gave up, and which version runs."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from commons.accounts.permissions import allow
from commons.db import database_answers
from commons.outbox import failed_count
from commons.settings import ROOT
from commons.worker import worker_age_seconds

bp = Blueprint("health", __name__)

WORKER_LATE_SECONDS = 60


@bp.get("/healthz")
@allow("see-health")
def show_health() -> tuple[Response, int]:
    """Machines see whether the service is well: 200 when it is, 503 when the database does not answer."""
    alive = database_answers()
    age = worker_age_seconds() if alive else None
    words = {
        "database": "ok" if alive else "down",
        "worker_age_seconds": None if age is None else round(age, 1),
        "worker": "ok" if age is not None and age < WORKER_LATE_SECONDS else "late",
        "failed_jobs": failed_count() if alive else None,
        "version": version(),
    }
    return jsonify(words), 200 if alive else 503


def version() -> str:
    """Return the version that CHANGELOG and pyproject name."""
    for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        if line.startswith("version"):
            return line.split('"')[1]
    return "unknown"
