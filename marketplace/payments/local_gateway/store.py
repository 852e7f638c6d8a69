"""The gateway's own SQLite file: keys, trades, notifications, orders for faults. Kept over restarts."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS trade (
    trade_no TEXT PRIMARY KEY, app_id TEXT NOT NULL, out_trade_no TEXT NOT NULL, method TEXT NOT NULL,
    subject TEXT NOT NULL, total_fen INTEGER NOT NULL, status TEXT NOT NULL, notify_url TEXT NOT NULL,
    return_url TEXT NOT NULL, quit_url TEXT NOT NULL, passback TEXT NOT NULL, token TEXT NOT NULL UNIQUE,
    expires_at REAL NOT NULL, created_at REAL NOT NULL, paid_at REAL, closed_at REAL, refunded_at REAL,
    refunded_fen INTEGER NOT NULL DEFAULT 0, shared_fen INTEGER NOT NULL DEFAULT 0,
    settled_fen INTEGER NOT NULL DEFAULT 0, is_direct_pay INTEGER NOT NULL DEFAULT 0,
    is_finished_sharing INTEGER NOT NULL DEFAULT 0, UNIQUE (app_id, out_trade_no));
CREATE INDEX IF NOT EXISTS trade_by_expiry ON trade (status, expires_at);
CREATE TABLE IF NOT EXISTS qr (code TEXT PRIMARY KEY, params TEXT NOT NULL, out_trade_no TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refund (
    id INTEGER PRIMARY KEY, trade_no TEXT NOT NULL, out_request_no TEXT NOT NULL,
    amount_fen INTEGER NOT NULL, at REAL NOT NULL, UNIQUE (trade_no, out_request_no));
CREATE TABLE IF NOT EXISTS notification (
    id INTEGER PRIMARY KEY, notify_id TEXT NOT NULL, trade_no TEXT NOT NULL, out_trade_no TEXT NOT NULL,
    label TEXT NOT NULL, url TEXT NOT NULL, fields TEXT NOT NULL, forgery TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL, due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    repeats INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS notification_due ON notification (state, due_at);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY, notification_id INTEGER NOT NULL, at REAL NOT NULL, status INTEGER,
    answer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS delivery_of ON delivery (notification_id);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, method TEXT NOT NULL, number TEXT NOT NULL,
    times_left INTEGER NOT NULL, sub_code TEXT NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS request (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, number TEXT NOT NULL,
    code TEXT NOT NULL, sub_code TEXT NOT NULL, fault TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, trade_no TEXT NOT NULL,
    out_no TEXT NOT NULL, request_no TEXT NOT NULL, subject TEXT NOT NULL, amount_fen INTEGER NOT NULL,
    balance_fen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS receiver (account TEXT PRIMARY KEY, type TEXT NOT NULL, memo TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS share (
    id INTEGER PRIMARY KEY, out_request_no TEXT NOT NULL, trade_no TEXT NOT NULL, settle_no TEXT NOT NULL,
    kind TEXT NOT NULL, receiver TEXT NOT NULL, amount_fen INTEGER NOT NULL, state TEXT NOT NULL,
    at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS transfer (
    out_biz_no TEXT PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, amount_fen INTEGER NOT NULL,
    payee TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL, error_code TEXT NOT NULL,
    at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS bill_link (
    token TEXT PRIMARY KEY, bill_type TEXT NOT NULL, bill_date TEXT NOT NULL, made_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS certify (
    certify_id TEXT PRIMARY KEY, outer_order_no TEXT NOT NULL UNIQUE, return_url TEXT NOT NULL,
    name TEXT NOT NULL, passed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS oauth (
    code TEXT PRIMARY KEY, token TEXT NOT NULL, made_at REAL NOT NULL, is_used INTEGER NOT NULL DEFAULT 0);
"""


class Store:
    """
    One connection, one lock: the gateway is a single process that owns its file.

    *clock* gives the machine's seconds; a simulation puts its own in the place.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made with the right mode before SQLite touches it, so that keys are never readable by others.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
        self._offset_s = float(self.setting("clock_offset_s", "0"))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Stand around one change: all of it is kept, or nothing. May be nested; the outermost counts."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row, or nothing."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def insert(self, table: str, **values: object) -> int:
        """Insert one row. Table and column names are our own words, never anybody's input."""
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        with self._lock:
            return self._connection.execute(sql, tuple(values.values())).lastrowid or 0

    def update(self, table: str, key: str, value: object, **changes: object) -> None:
        """Change the rows whose *key* column has *value*."""
        parts = ", ".join(f"{name} = ?" for name in changes)
        sql = f"UPDATE {table} SET {parts} WHERE {key} = ?"  # noqa: S608
        self.rows(sql, *changes.values(), value)

    def setting(self, name: str, default: str = "") -> str:
        """Return a stored setting."""
        found = self.row("SELECT value FROM setting WHERE name = ?", name)
        return str(found["value"]) if found else default

    def keep(self, name: str, value: str) -> None:
        """Store a setting."""
        self.rows("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, value)

    def now(self) -> float:
        """Return the gateway's clock: the machine's, moved by what the control API was told."""
        return self._clock() + self._offset_s

    def move_clock(self, seconds: float) -> None:
        """Move the gateway's clock and remember by how much."""
        with self._lock:
            self._offset_s += seconds
            self.keep("clock_offset_s", str(self._offset_s))

    def forget_everything(self) -> None:
        """Empty every table but the keys', and set clock and settings back."""
        with self.writing():
            for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
                if row["name"] != "setting" and not row["name"].startswith("sqlite_"):
                    self.rows(f"DELETE FROM {row['name']}")  # noqa: S608
            self.rows("DELETE FROM setting WHERE name IN ('application_url', 'transfers_wait')")
            self.move_clock(-self._offset_s)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()


def as_dict(row: sqlite3.Row) -> dict[str, Any]:
    """Return a row as a plain dictionary."""
    return {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row iterates over values
