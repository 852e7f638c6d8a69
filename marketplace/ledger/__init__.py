"""The ledger: double entry, append-only, whole fen. It knows accounts and transfers, and nothing that is sold."""

from __future__ import annotations

from flask import Flask

from commons.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Bring in the models, the timed jobs and the ``ledger`` commands."""
    from marketplace.ledger import commands, jobs, models  # noqa: F401 - importing them registers them

    app.cli.add_command(commands.ledger)
