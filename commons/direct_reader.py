"""Small questions on the hottest paths, asked of the database without a session."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, Select, event

from commons.db import lone_driver


class DirectReader:
    """
    Asks one small question of the database straight through the driver, on a connection that no other thread holds just then.

    For the questions on the hottest path, which the session would make several times as dear. *engine* and *question* are
    called at the first use, since an application makes its readers before its models are complete; the question has exactly
    one bound value. Reads what is committed at this moment; holds no transaction open. Another reader of the same database
    may be named, to share its connections. Disposing of the engine closes them.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        question: Callable[[], Select[*tuple[Any, ...]]],
        beside: DirectReader | None = None,
    ) -> None:
        self._find_engine, self._ask_for = engine, question
        self._engine: Engine | None = None
        self._preparing = threading.Lock()
        # Connections between two questions; a thread that ends leaves none behind, as one of its own would.
        self._free: list[tuple[Any, Any]] = [] if beside is None else beside._free

    def __call__(self, value: str) -> Any:
        """Return the first column of the first row for *value*, or None."""
        row = self.row(value)
        return None if row is None else row[0]

    def row(self, value: str) -> tuple[Any, ...] | None:
        """Return the first row for *value*, or None; asks anew on a fresh connection if one broke."""
        if self._engine is None:
            self._prepare()
        try:
            driver, cursor = self._free.pop()
        except IndexError:
            return self._ask_anew(value)
        try:
            return self._ask(driver, cursor, value)
        except Exception:  # a connection may have died since it was last used; the second try is the real one
            driver.close()
            return self._ask_anew(value)

    def _prepare(self) -> None:
        with self._preparing:  # two threads at once would listen twice
            if self._engine is None:
                engine = self._find_engine()
                compiled = self._ask_for().compile(dialect=engine.dialect)
                self._words = str(compiled)
                (self._name,) = compiled.params
                self._positional = bool(compiled.positional)
                event.listen(engine, "engine_disposed", lambda _: self._close())
                self._engine = engine

    def _ask_anew(self, value: str) -> tuple[Any, ...] | None:
        assert self._engine is not None
        driver = lone_driver(self._engine)
        try:
            return self._ask(driver, driver.cursor(), value)
        except Exception:
            driver.close()
            raise

    def _ask(self, driver: Any, cursor: Any, value: str) -> tuple[Any, ...] | None:
        cursor.execute(self._words, (value,) if self._positional else {self._name: value})
        row: tuple[Any, ...] | None = cursor.fetchone()
        self._free.append((driver, cursor))
        return row

    def _close(self) -> None:
        while self._free:
            driver, _ = self._free.pop()
            driver.close()
