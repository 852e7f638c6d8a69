"""A database that was used is given out again, and nobody can tell."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from commons.accounts.models import Person
from commons.db import db, transaction
from marketplace.ledger.models import LedgerAccount
from tests import database
from tests.database import Databases, borrowed
from tests.make.people import make_person
from tests.sharing import shared_application


@pytest.mark.parametrize("long_file", [0, database.LONG_FILE], ids=["made-anew", "emptied"])
def test_every_test_finds_what_migrations_left_and_the_first_number_free(
    databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    long_file: int,
) -> None:
    monkeypatch.setattr(database, "LONG_FILE", long_file)
    seen: set[tuple[int, int]] = set()
    for _ in range(3):
        for url in borrowed(databases):
            with shared_application(url, tmp_path_factory):
                assert db.session.scalar(select(func.count()).select_from(Person)) == 0
                accounts = db.session.scalar(select(func.count()).select_from(LedgerAccount)) or 0
                with transaction():
                    seen.add((make_person().id, accounts))
    ((number, accounts),) = seen
    assert number == 1 and accounts > 0
