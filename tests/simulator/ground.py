"""The village, its goods and its people, built once per database and put back as they were before every schedule."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import psycopg
from geoalchemy2 import Geometry
from psycopg import sql
from sqlalchemy import Table, select

from commons.clock import FrozenClock
from commons.db import db, sqlite_module, transaction
from marketplace.fulfilment.queries import ways_of
from marketplace.orders.rules import Handover, Way
from marketplace.payments.connect.actions import NewAccount, mark_verified, open_account, set_payee
from marketplace.payments.reconcile.jobs import DAYS_BACK
from marketplace.payments.reconcile.models import Bill
from marketplace.payments.reconcile.rules import BillState
from marketplace.produce.models import Lot
from tests.database import PostgisDatabases
from tests.make.divisions import VILLAGE
from tests.make.orders import make_delivery, make_pickup_point
from tests.make.people import make_official, make_person
from tests.make.produce import make_product, make_seller
from tests.make.sellers import PAYEES

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
    accounts: tuple[str, ...]

    def ways(self) -> dict[Way, Handover]:
        """How goods can be had just now."""
        return {each.way: each for each in ways_of(VILLAGE)}


def build(clock: FrozenClock, app_id: str) -> Ground:
    """Make a village with two farmers, one lot each, a pickup point and parcels; the bills until today are done."""
    with transaction():
        products = [
            make_product(seller=make_seller(person=make_person()), stock=0, price_fen=price)
            for price in PRICES
        ]
        make_pickup_point()
        make_delivery(fee_fen=801, free_from_fen=3000)
        keeper = make_official(role="keeper", area=VILLAGE)
        clerk = make_official(role="clerk", area=VILLAGE)
        sellers = tuple(product.seller_id for product in products)
        _keep_empty_bills(app_id, clock.at.date())
        return Ground(
            buyers=tuple(make_person(name=f"买家{number}").id for number in range(BUYERS)),
            keeper=keeper.id,
            clerk=clerk.id,
            lots=tuple(product.lots[0].id for product in products),
            sellers=sellers,
            accounts=tuple(_account(seller) for seller in sellers),
        )


def _account(seller: int) -> str:
    """Let a farmer be paid by Alipay."""
    account = open_account(NewAccount(seller=str(seller), name="示例卖家", area=VILLAGE))
    set_payee(account.id, PAYEES["alipay"])
    mark_verified(account.id, "person:1")
    return account.id


def _keep_empty_bills(app_id: str, today: date) -> None:
    """Nothing happened before a schedule begins, so the worker need not ask for those days."""
    for back in range(1, DAYS_BACK + 1):
        day = today - timedelta(days=back)
        db.session.add(Bill(
            app_id=app_id, livemode=False, day=day, state=BillState.empty, tries=1, last_words="",
            counts={}, fee_fen=0, moved_fen=0, booked_fen=0,
        ))  # fmt: skip


def stock_up(ground: Ground, stocks: list[int]) -> None:
    """Put so much of each lot on the shelf."""
    with transaction():
        for lot in db.session.scalars(select(Lot).where(Lot.id.in_(ground.lots)).order_by(Lot.id)):
            lot.stock_left = lot.stock_first = stocks[ground.lots.index(lot.id)]


class SqliteGround:
    """
    Keeps the rows of the built database beside it in memory and puts them back.

    The file is not copied, for then every connection would have to read its hundred tables' definitions again.
    """

    def __init__(self, url: str) -> None:
        self._here: sqlite3.Connection = sqlite_module().connect(
            url.removeprefix("sqlite:///"), isolation_level=None
        )
        words = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE DELETE ON%is append-only%'"
        for (name,) in self._here.execute(words).fetchall():  # nothing of the product ever deletes there
            self._here.execute(f"DROP TRIGGER {name}")
        self._here.execute("ATTACH ':memory:' AS kept")
        tables = [table.name for table in db.metadata.sorted_tables if not _has_place(table)]
        for table in tables:
            self._here.execute(f"CREATE TABLE kept.{table} AS SELECT * FROM main.{table}")
        self._tables = tables
        self._kept = [
            table for table in tables if self._here.execute(f"SELECT 1 FROM kept.{table}").fetchone()
        ]

    def put_back(self) -> None:
        """Make the database as it was built."""
        self._here.execute("BEGIN IMMEDIATE")
        for table in self._tables:
            self._here.execute(f"DELETE FROM main.{table}")
        for table in self._kept:  # a trigger opens the balance of an account by itself, hence "ignore"
            self._here.execute(f"INSERT OR IGNORE INTO main.{table} SELECT * FROM kept.{table}")
        self._here.execute("COMMIT")

    def next_job(self) -> datetime | None:
        """Return when the next job is due; a claimed one is due again when its lease is over."""
        words = "SELECT min(max(due_at, coalesce(leased_until, due_at))) FROM job WHERE state = 'waiting'"
        (found,) = self._here.execute(words).fetchone()
        return None if found is None else datetime.fromisoformat(found).replace(tzinfo=UTC)

    def close(self) -> None:
        """Let go of the file."""
        self._here.close()


def _has_place(table: Table) -> bool:
    """Say whether a table holds geometry: what lies where does not change in a schedule."""
    return any(isinstance(column.type, Geometry) for column in table.columns)


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
        words = (
            "SELECT min(greatest(due_at, coalesce(leased_until, due_at))) FROM job WHERE state = 'waiting'"
        )
        row = self._connection.execute(words).fetchone()
        found: datetime | None = None if row is None else row[0]
        return found

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def ground_keeper(url: str) -> SqliteGround | PostgisGround:
    """Remember the database at *url* as it now is."""
    return SqliteGround(url) if url.startswith("sqlite") else PostgisGround(url)
