"""Debian's Chromium under Playwright: one browser for a process, a fresh context for every look."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect, sync_playwright

# The shell draws as Chromium does, and opens no window with tabs and menus for each context: that takes four times as long.
SHELL, WHOLE = "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"
CHROMIUM = os.environ.get("CHROMIUM") or (
    WHOLE if Path(WHOLE).exists() and not Path(SHELL).exists() else SHELL
)
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = (360, 800)
OFFICE = (1280, 800)
# A slow machine is no fault of the page.
PATIENCE_MS = 90_000
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a profile of its own, which is thrown away with it."""
    if not Path(CHROMIUM).exists():
        raise FileNotFoundError(f"no Chromium at {CHROMIUM}: install it, or say where it is with CHROMIUM=")
    with tempfile.TemporaryDirectory(prefix="browser-") as home, sync_playwright() as play:
        # Playwright gives every launch a fresh --user-data-dir; HOME keeps Debian's wrapper from reading the user's.
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, env={**os.environ, "HOME": home}, timeout=PATIENCE_MS
        )
        try:
            yield browser
        finally:
            browser.close()


def new_context(browser: Browser, **choices: Any) -> BrowserContext:
    """A window of its own in a browser, which waits as long as a slow machine needs."""
    context = browser.new_context(**choices)
    context.set_default_timeout(PATIENCE_MS)
    return context


@contextmanager
def page_at(
    browser: Browser,
    url: str,
    *,
    size: tuple[int, int] = PHONE,
    script: bool = True,
    cookies: list[dict[str, str]] | None = None,
    seen: list[Response] | None = None,
) -> Iterator[Page]:
    """
    Open *url* in a context of its own and give the page when it has come to rest.

    At rest its small scripts have begun, too. Answers that the page fetched are put into *seen*.
    """
    context = new_context(
        browser,
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=script,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    if cookies:
        context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    if seen is not None:
        page.on("response", lambda answer: seen.append(answer))
    try:
        page.goto(url, wait_until="load")
        if script:
            wait_for_modules(page)
        yield page
    finally:
        context.close()


def pressed(page: Page, what: Locator) -> None:
    """Press *what* and wait for the page it leads to: a click alone may return while the old page still stands."""
    with page.expect_navigation():
        what.click()


def wait_for_modules(page: Page) -> None:
    """Wait until every small script that a page asks for has begun, and for nothing else: a quiet half second costs minutes in all."""
    # A module that came has not run yet. Whoever imports it after the page did is answered after it.
    page.wait_for_function(
        """async () => {
          if (!document.querySelector("script[type=module][src]")) return true;
          const asked = new Set([...document.querySelectorAll("[data-module]")].map((each) => each.dataset.module));
          const came = performance.getEntriesByType("resource").map((each) => each.name);
          const found = [...asked].map((name) => came.find((address) => address.endsWith(`/modules/${name}.js`)));
          return found.every(Boolean) && Promise.allSettled(found.map((address) => import(address)));
        }"""
    )
