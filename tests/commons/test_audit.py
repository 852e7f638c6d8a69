"""The audit: lines are added, and that is all that ever happens to them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from commons import audit
from commons.audit import AuditLine
from commons.db import db, transaction

SAME_NUMBER = (
    "INTO audit_line (id, at, action, subject, area, reason, detail)"
    " SELECT id, at, 'nothing', subject, area, reason, detail FROM audit_line"
)
ATTACKS = {
    "sqlite": [f"INSERT OR REPLACE {SAME_NUMBER}", f"REPLACE {SAME_NUMBER}"],
    "postgresql": [
        "TRUNCATE audit_line",
        f"INSERT {SAME_NUMBER} ON CONFLICT (id) DO UPDATE SET action = 'nothing'",
    ],
}


def test_no_statement_changes_replaces_or_removes_a_line(app: Flask) -> None:
    with transaction():
        audit.record("door.opened", subject="door:1")

    for words in (
        "UPDATE audit_line SET action = 'x'",
        "DELETE FROM audit_line",
        *ATTACKS[db.engine.dialect.name],
    ):
        with pytest.raises(DBAPIError, match="append-only"), transaction():
            db.session.execute(text(words))

    assert [line.action for line in db.session.scalars(select(AuditLine))] == ["door.opened"]


def test_the_next_line_finds_its_place(app: Flask) -> None:
    for number in range(3):
        with transaction():
            audit.record("door.opened", subject=f"door:{number}")

    assert len(audit.lines_about("door:2")) == 1
