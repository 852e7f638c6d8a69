"""Small questions without a session: connections are kept between two questions, and closed with the engine."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from commons.db import db
from commons.direct_reader import DirectReader
from commons.marks import Mark


def test_disposing_of_the_engine_closes_what_readers_kept(app: Flask) -> None:
    reader = DirectReader(lambda: db.engine, lambda: select(Mark.name).where(Mark.name == "?"))
    assert reader("none") is None
    assert len(reader._free) == 1
    db.session.remove()
    db.engine.dispose()

    assert reader._free == []
    assert reader("none") is None
