"""Daily reconciliation: the gateway's own bill held against what we wrote down."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Bring in models, jobs and pages."""
    from marketplace.payments.reconcile import commands, desk_pages, jobs, models  # noqa: F401 - importing them registers them

    desk_pages.init_app(app)
    app.cli.add_command(commands.alipay)
