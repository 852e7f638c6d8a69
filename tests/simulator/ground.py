"""The village, its goods and its people, built once per database and put back as they were before every schedule."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import select

from commons.clock import FrozenClock
from commons.db import db, sqlite_module, transaction
from marketplace.fulfilment.queries import ways_of
from marketplace.orders.rules import Handover, Way
from marketplace.produce.models import Lot
from tests.database import PostgisDatabases
from tests.make.divisions import VILLAGE
from tests.make.orders import make_delivery, make_pickup_point
from tests.make.people import make_official, make_person
from tests.make.produce import make_product, make_seller

BUYERS = 4
# Odd prices, so that shares have to be rounded.
PRICES = (1507, 333)


@dataclass(frozen=True, slots=True)
class Ground:
    """The numbers of what is there when a schedule begins."""

    buyers: tuple[int, ...]
    keeper: int
    clerk: int
    lots: tuple[int, ...]
    sellers: tuple[int, ...]

    def ways(self) -> dict[Way, Handover]:
        """How goods can be had just now."""
        return {each.way: each for each in ways_of(VILLAGE)}


def build(clock: FrozenClock) -> Ground:
    """Make a village with two farmers, one lot each, a pickup point and parcels."""
    with transaction():
        products = [
            make_product(seller=make_seller(person=make_person()), stock=0, price_fen=price) for price in PRICES
        ]
        make_pickup_point()
        make_delivery(fee_fen=801, free_from_fen=3000)
        keeper = make_official(role="keeper", area=VILLAGE)
        clerk = make_official(role="clerk", area=VILLAGE)
        return Ground(
            buyers=tuple(make_person(name=f"买家{number}").id for number in range(BUYERS)),
            keeper=keeper.id,
            clerk=clerk.id,
            lots=tuple(product.lots[0].id for product in products),
            sellers=tuple(product.seller_id for product in products),
        )


def stock_up(ground: Ground, stocks: list[int]) -> None:
    """Put so much of each lot on the shelf."""
    with transaction():
        for lot in db.session.scalars(select(Lot).where(Lot.id.in_(ground.lots)).order_by(Lot.id)):
            lot.stock_left = lot.stock_first = stocks[ground.lots.index(lot.id)]


class SqliteGround:
    """Keeps the built file in memory and copies it back over, page by page."""

    def __init__(self, url: str) -> None:
        self._path = Path(url.removeprefix("sqlite:///"))
        self._kept = sqlite_module().connect(":memory:")
        with closing(self._open()) as built:
            built.backup(self._kept)
        self._here = self._open()

    def _open(self) -> sqlite3.Connection:
        opened: sqlite3.Connection = sqlite_module().connect(self._path, isolation_level=None)
        return opened

    def put_back(self) -> None:
        """Make the database as it was built."""
        self._kept.backup(self._here)

    def next_job(self) -> datetime | None:
        """Return when the next job is due; a claimed one is due again when its lease is over."""
        words = "SELECT min(max(due_at, coalesce(leased_until, due_at))) FROM job WHERE state = 'waiting'"
        (found,) = self._here.execute(words).fetchone()
        return None if found is None else datetime.fromisoformat(found).replace(tzinfo=UTC)

    def close(self) -> None:
        """Let go of the file."""
        self._here.close()
        self._kept.close()


class PostgisGround:
    """
    Keeps the rows of the built database and puts them back.

    Rows are deleted with triggers asleep: the ledger's own refuse, and emptying a hundred tables costs more than deleting few rows.
    """

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self._kept = [table for table in self._tables() if table not in PostgisDatabases.kept]
        self._rows = {table: rows for table in self._kept if (rows := self._copy_out(table))}
        self._connection.execute("SET session_replication_role TO replica")
        self._connection.execute("SET TIME ZONE 'UTC'")
        self._empty = sql.SQL("; ").join(
            sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in self._kept
        )
        self._number = sql.SQL("; ").join(
            sql.SQL("SELECT setval({}, {}, {})").format(
                sql.Literal(name), sql.Literal(last or 1), sql.Literal(last is not None)
            )
            for name, last in self._sequences()
        )

    def _tables(self) -> list[str]:
        words = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        return [row[0] for row in self._connection.execute(words)]

    def _sequences(self) -> list[tuple[str, int | None]]:
        words = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
        return [(row[0], row[1]) for row in self._connection.execute(words)]

    def _copy_out(self, table: str) -> bytes:
        words = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))
        with self._connection.cursor() as cursor, cursor.copy(words) as copied:
            return b"".join(bytes(piece) for piece in copied)

    def put_back(self) -> None:
        """Make the database as it was built."""
        with self._connection.transaction():
            self._connection.execute(self._empty)
            for table, rows in self._rows.items():
                words = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
                with self._connection.cursor() as cursor, cursor.copy(words) as copied:
                    copied.write(rows)
            self._connection.execute(self._number)

    def next_job(self) -> datetime | None:
        """Return when the next job is due; a claimed one is due again when its lease is over."""
        words = "SELECT min(greatest(due_at, coalesce(leased_until, due_at))) FROM job WHERE state = 'waiting'"
        row = self._connection.execute(words).fetchone()
        found: datetime | None = None if row is None else row[0]
        return found

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def ground_keeper(url: str) -> SqliteGround | PostgisGround:
    """Remember the database at *url* as it now is."""
    return SqliteGround(url) if url.startswith("sqlite") else PostgisGround(url)
