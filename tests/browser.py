"""Debian's Chromium under Playwright: one browser for a process, a fresh context for every look."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

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


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a profile of its own, which is thrown away with it."""
    if not Path(CHROMIUM).exists():
        raise FileNotFoundError(f"no Chromium at {CHROMIUM}: install it, or say where it is with CHROMIUM=")
    with tempfile.TemporaryDirectory(prefix="browser-") as home, sync_playwright() as play:
        # Playwright gives every launch a fresh --user-data-dir; HOME keeps Debian's wrapper from reading the user's.
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, env={**os.environ, "HOME": home}
        )
        try:
            yield browser
        finally:
            browser.close()


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

    At rest its small scripts are there, too. Answers that the page fetched are put into *seen*.
    """
    context: BrowserContext = browser.new_context(
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
            _wait_until_all_is_fetched(page)
        yield page
    finally:
        context.close()


def _wait_until_all_is_fetched(page: Page) -> None:
    """Wait for the small scripts that a page's own script asks for, and for nothing else: a quiet half second costs minutes in all."""
    page.wait_for_function(
        """() => {
          if (!document.querySelector("script[type=module][src]")) return true;
          const asked = new Set([...document.querySelectorAll("[data-module]")].map((each) => each.dataset.module));
          const came = performance.getEntriesByType("resource").map((each) => each.name);
          return [...asked].every((name) => came.some((address) => address.endsWith(`/modules/${name}.js`)));
        }"""
    )
