"""The migrations run up and down on both databases, and end where the models are."""

from __future__ import annotations

import importlib
import re

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from commons.db import Base, db
from commons.settings import ROOT
from migrations.run import downgrade, upgrade
from migrations.spatial import is_ours

VERSIONS = sorted(path.stem for path in (ROOT / "migrations" / "versions").glob("0*.py"))


def test_the_line_is_numbered_without_a_gap_or_a_fork() -> None:
    before = None
    for number, name in enumerate(VERSIONS, start=1):
        module = importlib.import_module(f"migrations.versions.{name}")
        assert re.fullmatch(rf"{number:04d}_[a-z0-9_]+", name)
        assert (module.revision, module.down_revision) == (name, before)
        assert len(name) <= 32
        before = name


def test_the_head_file_names_the_last_one() -> None:
    assert (ROOT / "migrations" / "HEAD").read_text().strip() == VERSIONS[-1]


def _differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": is_ours, "compare_type": False, "target_metadata": Base.metadata},
        )
        return [
            difference
            for difference in compare_metadata(context, Base.metadata)
            if not (
                isinstance(difference, tuple)
                and difference[0] in {"remove_index", "add_index"}
                and "idx_" in str(difference)
            )
        ]


def test_the_migrations_end_where_the_models_are(app: Flask) -> None:
    assert _differences() == []


def test_every_migration_runs_down_and_up_again(app: Flask) -> None:
    downgrade("base")
    left = {name for name in inspect(db.engine).get_table_names() if name in Base.metadata.tables}
    assert left == set()
    upgrade("head")
    assert _differences() == []
