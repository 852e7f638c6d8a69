"""
What this process remembers of pages it has made, and the one question that decides whether it may still be shown.

The truth is in the database: every writing action that shows on a page raises the version of its village in its own transaction. A
remembered page is shown only while that version is unchanged and its own next moment has not come. Memory is bounded by bytes,
the least recently used goes first. Nothing here needs to be seen by another process.
"""

from __future__ import annotations

import gzip
import queue
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import brotli

from village.scan.rules import Variant

ValueT = TypeVar("ValueT")
# 9 saves three percent of the bytes (6,211 of 6,410) and takes seventeen times as long: other first views would wait for it.
BROTLI_QUALITY = 5


@dataclass(slots=True)
class Remembered:
    """
    One door's page, ready to send.

    ``brotli`` arrives later: it is made outside any request, and only for a page that is asked for again. A client that
    takes nothing else does not wait for that.
    """

    village_code: str
    version: int
    valid_until: datetime | None
    tag: str
    gzip: bytes
    brotli: bytes | None = None
    is_queued: bool = False

    def in_brotli(self) -> bytes:
        """Return the page compressed with brotli, now if it was not before."""
        if self.brotli is None:
            self.brotli = brotli.compress(self.whole(), mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY)
        return self.brotli

    def whole(self) -> bytes:
        """Return the page as it is before any compression."""
        return gzip.decompress(self.gzip)

    def is_fresh(self, version: int | None, now: datetime) -> bool:
        """Say whether the page still says what the database would."""
        return self.version == version and (self.valid_until is None or now < self.valid_until)


class BoundedMemory(Generic[ValueT]):
    """A least-recently-used memory bounded by bytes; safe to share between threads."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.held_bytes = 0
        self._rows: OrderedDict[Hashable, tuple[ValueT, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> ValueT | None:
        """Return what is kept under *key* and count it as just used."""
        with self._lock:
            row = self._rows.get(key)
            if row is None:
                return None
            self._rows.move_to_end(key)
            return row[0]

    def put(self, key: Hashable, value: ValueT, size: int) -> None:
        """Keep *value* under *key*, letting go of what was used longest ago."""
        with self._lock:
            old = self._rows.pop(key, None)
            self.held_bytes += size - (old[1] if old else 0)
            self._rows[key] = (value, size)
            while self.held_bytes > self.most_bytes and self._rows:
                _, (_, gone) = self._rows.popitem(last=False)
                self.held_bytes -= gone

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._rows.clear()
            self.held_bytes = 0

    def __len__(self) -> int:
        return len(self._rows)


class BrotliLater:
    """One thread that compresses pages while nobody waits; when it has too much to do it lets pages go."""

    def __init__(self, most_waiting: int = 200) -> None:
        self._waiting: queue.Queue[Remembered] = queue.Queue(most_waiting)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def ask(self, page: Remembered) -> None:
        """Compress *page* some time later, once."""
        if page.is_queued:
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="brotli-later", daemon=True)
                self._thread.start()
        try:
            self._waiting.put_nowait(page)
            page.is_queued = True
        except queue.Full:
            return

    def _work(self) -> None:
        while True:
            self._waiting.get().in_brotli()
            self._waiting.task_done()

    def wait(self) -> None:
        """Wait until everything asked for is done. For tests and benchmarks."""
        self._waiting.join()


PageKey = tuple[str, Variant]
