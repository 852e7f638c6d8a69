"""The scan page's memory in one process: shells, ready pages, and the headers that go with them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from commons import clock
from commons.assets import script_hash, style_hash
from commons.db import DirectReader, db
from commons.security import HEADERS, content_policy
from commons.settings import Settings
from village.public import page_version_query
from village.scan.cache import BoundedMemory, BrotliLater, PageKey, Remembered
from village.scan.front import Headers, ScanFront
from village.scan.queries import ShellKey
from village.scan.shell import FilledPage, PageShell

MEGABYTE = 1024 * 1024
PAGE_OVERHEAD = 600


def page_headers(settings: Settings) -> Headers:
    """Return the headers of every door page: revalidate always, the same security as elsewhere, hashes instead of nonces."""
    policy = content_policy(style=style_hash("door"), script=script_hash())
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
        self._version_of: DirectReader | None = None
        app.wsgi_app = ScanFront(app.wsgi_app, self.pages, self.version_of, self.headers)  # type: ignore[method-assign]

    def version_of(self, village_code: str) -> int | None:
        """Return the version of a village's pages as it is committed now, asked straight through the driver."""
        if self._version_of is None:
            with self._app.app_context():
                self._version_of = DirectReader(db.engine, page_version_query("?"))
        version: int | None = self._version_of(village_code)
        return version

    def shell(self, key: ShellKey, make: Callable[[], PageShell]) -> PageShell:
        """Return the shell of *key*, made anew when its village has changed or its own moment has come."""
        shell = self.shells.get(key)
        if shell is not None and shell.is_fresh(self.version_of(key.village_code), clock.now()):
            return shell
        shell = make()
        self.shells.put(key, shell, shell.size)
        return shell

    def remember(self, key: PageKey, village_code: str, shell: PageShell, filled: FilledPage) -> Remembered:
        """Keep a door's page, and have it compressed with brotli while nobody waits."""
        page = Remembered(village_code, shell.version, shell.valid_until, filled.tag, filled.gzip)
        known = self.pages.get(key)
        if known is not None and known.tag == page.tag:
            page.brotli = known.brotli
        self.pages.put(key, page, len(page.gzip) * 2 + PAGE_OVERHEAD)
        if page.brotli is None:
            self.later.ask(filled.plain, lambda packed: setattr(page, "brotli", packed))
        return page

    def forget(self) -> None:
        """Remember no page any more, as after a start."""
        self.pages.clear()
        self.shells.clear()

    def close(self) -> None:
        """Close the connections on which versions are asked."""
        if self._version_of is not None:
            self._version_of.close()
