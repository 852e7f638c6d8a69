"""Messages to telephones: stored sealed, sent by a job through one sender that the settings choose."""

from __future__ import annotations

from flask import Flask

from commons.messaging.actions import forget, send
from commons.messaging.rules import register_template

__all__ = ["forget", "init_app", "register_template", "send"]


def init_app(app: Flask) -> None:
    """Bring the job that sends into *app*."""
    from commons.messaging import jobs  # noqa: F401 - the jobs register themselves
