"""Runs the migrations from a command or a test, on whichever database the application has."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from commons.db import db

HERE = Path(__file__).resolve().parent


def configuration() -> Config:
    """Return Alembic's configuration; there is no ini file, everything is said here."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s")
    return config


def upgrade(to: str = "head") -> None:
    """Migrate the current application's database up to *to*."""
    config = configuration()
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def downgrade(to: str = "base") -> None:
    """Migrate the current application's database down to *to*."""
    config = configuration()
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)
