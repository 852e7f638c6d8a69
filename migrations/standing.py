"""
How a database stands, asked of the driver alone.

A start that finds nothing to migrate and nothing to load need not bring up the whole application first, which takes longer than
everything else it does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg

HEAD = (Path(__file__).resolve().parent / "HEAD").read_text(encoding="ascii").strip()
REVISION = "SELECT version_num FROM alembic_version"
MARK = "SELECT 1 FROM mark WHERE name = 'demonstration'"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether every migration has run, and whether the mark of a demonstration stands."""

    is_current: bool = False
    is_demonstration: bool = False


def standing(database_url: str) -> Standing:
    """Return how the database at *database_url* stands; one that is not there yet, or cannot be asked, is not current."""
    try:
        if database_url.startswith("sqlite"):
            return _ask_sqlite(Path(database_url.removeprefix("sqlite:///")))
        with psycopg.connect(database_url.replace("+psycopg", "", 1), connect_timeout=5) as connection:
            return _asked(lambda words: connection.execute(words).fetchone())
    except (sqlite3.Error, psycopg.Error):
        return Standing()


def _ask_sqlite(path: Path) -> Standing:
    if not path.is_file():
        return Standing()
    with closing(sqlite3.connect(path, timeout=5)) as connection:
        return _asked(lambda words: connection.execute(words).fetchone())


def _asked(first_row: Callable[[str], tuple[object, ...] | None]) -> Standing:
    return Standing(first_row(REVISION) == (HEAD,), first_row(MARK) is not None)
