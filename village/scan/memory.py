"""The scan page's memory in one process: shells, ready pages, and the headers that go with them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import Engine

from commons import clock
from commons.assets import script_hash, style_hash
from commons.db import db
from commons.direct_reader import DirectReader
from commons.security import HEADERS, content_policy
from commons.settings import Settings
from geocode.door_codes import is_valid_code
from village.plates.rules import DEMONSTRATION_MARK
from village.public import page_version_query
from village.scan.cache import BoundedMemory, BrotliLater, PageKey, Remembered
from village.scan.front import Headers, ScanFront
from village.scan.queries import ShellKey, own_words, shell_key
from village.scan.shell import FilledPage, PageShell
from village.scan.words import DoorWords, door_words, door_words_query

MEGABYTE = 1024 * 1024
PAGE_OVERHEAD = 600


def page_headers(settings: Settings) -> Headers:
    """Return the headers of every door page: revalidate always, the same security as elsewhere, hashes instead of nonces."""
    policy = content_policy(style=f"{style_hash('door')} {style_hash('lean')}", script=script_hash())
    headers = {
        **HEADERS,
        "Content-Security-Policy": policy,
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    if settings.public_base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return list(headers.items())


class ScanMemory:
    """What one process remembers of door pages; see ``cache.py`` for when it may be shown."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.headers = page_headers(settings)
        self.pages: BoundedMemory[Remembered] = BoundedMemory(settings.page_cache_mb * MEGABYTE * 3 // 4)
        self.shells: BoundedMemory[PageShell] = BoundedMemory(settings.page_cache_mb * MEGABYTE // 4)
        self.later = BrotliLater()
        self._app = app
        self._shows_demonstration = False
        self._versions = DirectReader(self._engine, lambda: page_version_query("?"))
        self._words = DirectReader(self._engine, lambda: door_words_query("?"), beside=self._versions)
        app.wsgi_app = ScanFront(app.wsgi_app, self)  # type: ignore[method-assign]

    def version_of(self, village_code: str) -> int | None:
        """Return the version of a village's pages as it is committed now, asked straight through the driver."""
        version: int | None = self._versions(village_code)
        return version

    def words_of(self, code: str) -> DoorWords | None:
        """Return what the plate *code* says of its door, as it is committed now; None if it opens none."""
        return door_words(self._words.row(code))

    def _engine(self) -> Engine:
        with self._app.app_context():
            return db.engine

    def first_view(self, key: PageKey) -> tuple[Remembered, FilledPage] | None:
        """Make the page of a door that was not asked for yet out of a shell that is; None where there is none."""
        code, variant = key
        words = self.words_of(code) if self._may_open(code) else None
        if words is None:
            return None
        shell = self.shells.get(shell_key(words, variant))
        if shell is None or not shell.is_fresh(words.page_version, clock.now()):
            return None
        filled = shell.fill(own_words(words, shell.grid_words))
        return self.remember(key, words.village_code, shell, filled), filled

    def _may_open(self, code: str) -> bool:
        """Say whether the database is worth asking for a plate of this code, by its characters alone."""
        if code.startswith(DEMONSTRATION_MARK) and not self._shows_demonstration:
            return False
        return code.isascii() and is_valid_code(code)

    def shell(self, key: ShellKey, make: Callable[[], PageShell]) -> PageShell:
        """Return the shell of *key*, made anew when its village has changed or its own moment has come."""
        shell = self.shells.get(key)
        if shell is not None and shell.is_fresh(self.version_of(key.village_code), clock.now()):
            return shell
        shell = make()
        self._shows_demonstration |= key.is_demonstration
        self.shells.put(key, shell, shell.size)
        return shell

    def remember(self, key: PageKey, village_code: str, shell: PageShell, filled: FilledPage) -> Remembered:
        """Keep a door's page; what was compressed of the same content stays."""
        page = Remembered(village_code, shell.version, shell.valid_until, filled.tag, filled.gzip)
        known = self.pages.get(key)
        if known is not None and known.tag == page.tag:
            page.brotli = known.brotli
        self.pages.put(key, page, len(page.gzip) * 2 + PAGE_OVERHEAD)
        return page

    def forget(self) -> None:
        """Remember no page any more, as after a start."""
        self.pages.clear()
        self.shells.clear()
        self._shows_demonstration = False
