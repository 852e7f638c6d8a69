"""
The fourteen rules that every page keeps, checked in a real browser.

`check_page(browser, url, kind)` fails with the full list of offenders. The numbers come from China's rules for elders'
software (MIIT, 2021), from WCAG 2.2 AA, and from the weak networks that villages have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import brotli
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

from tests.browser import OFFICE, PHONE, page_at, wait_for_modules
from tests.contrast import tokens, weak_pairs

Kind = Literal["door", "public", "desk"]
Cookies = list[dict[str, str]]

AXE_ALL = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
# What larger type can break of a page whose other rules were judged in standard type.
AXE_SIZES = {
    "type": "rule",
    "values": ["color-contrast", "target-size", "scrollable-region-focusable", "meta-viewport"],
}
BYTES = {"door": 14_336, "public": 14_336, "desk": 61_440}
DOOR_BODY_BROTLI = 8_192
TABS = 150
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,:;?!]")
EMOJI = re.compile(r"[\u2600-\u27bf\U0001f000-\U0001ffff]")
PROBES = Path(__file__).with_name("ui_probes.js")


@dataclass(frozen=True, slots=True)
class Finding:
    """One offence: the rule's number and what was seen where."""

    rule: int
    words: str

    def __str__(self) -> str:
        return f"rule {self.rule}: {self.words}"


@dataclass(frozen=True, slots=True)
class Visit:
    """What is being looked at, and how."""

    browser: Browser
    url: str
    kind: Kind
    cookies: Cookies | None = None
    big: bool = False

    @property
    def size(self) -> tuple[int, int]:
        return OFFICE if self.kind == "desk" else PHONE

    @property
    def address(self) -> str:
        """The address with large type asked for in it, as a person would."""
        if not self.big:
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}big=1"


def check_page(browser: Browser, url: str, kind: Kind = "public", cookies: Cookies | None = None) -> None:
    """Fail unless the page at *url* keeps all fourteen rules; says everything that is wrong at once."""
    found = findings(browser, url, kind, cookies)
    assert not found, f"{url}\n" + "\n".join(str(each) for each in found)


def findings(
    browser: Browser, url: str, kind: Kind = "public", cookies: Cookies | None = None
) -> list[Finding]:
    """Return every offence of the page at *url*, in standard type, large type, and without JavaScript."""
    visit = Visit(browser, url, kind, cookies)
    found = [*_looks(visit)]
    found += [Finding(6, words) for words in weak_pairs(tokens())]
    return sorted(set(found), key=lambda each: (each.rule, each.words))


@cache
def _probes() -> str:
    return PROBES.read_text(encoding="utf-8")


def probe(page: Page, name: str, argument: Any = None) -> Any:
    """Run one probe of ui_probes.js inside *page*."""
    if not page.evaluate("'probes' in window"):
        page.evaluate(_probes())
    return page.evaluate("([name, argument]) => window.probes[name](argument)", [name, argument])


def _looks(visit: Visit) -> Iterator[Finding]:
    """The page in standard type, then in large type in the same browser window, and what it says without JavaScript."""
    seen: list[Response] = []
    with page_at(visit.browser, visit.address, size=visit.size, cookies=visit.cookies, seen=seen) as page:
        yield from _network(visit, seen)
        with_script = probe(page, "words")
        yield from _look(page, visit)
        yield from _tab_through(page)
        yield from _widths(page, visit)
        if visit.kind != "desk":
            large = replace(visit, big=True)
            page.set_viewport_size({"width": visit.size[0], "height": visit.size[1]})
            page.goto(large.address, wait_until="load")
            wait_for_modules(page)
            yield from _look(page, large)
            yield from _widths(page, large)
    with page_at(visit.browser, visit.address, size=visit.size, cookies=visit.cookies, script=False) as page:
        yield from _same_words(with_script, probe(page, "words"))


def _look(page: Page, visit: Visit) -> Iterator[Finding]:
    """Rules that one look at the page can judge."""
    for rule, name, argument in _single_looks(visit):
        yield from (Finding(rule, f"{_mode(visit)}{words}") for words in probe(page, name, argument))
    yield from _axe(page, visit)
    yield from _words(page)


def _widths(page: Page, visit: Visit) -> Iterator[Finding]:
    """Rule 4, on narrow telephones and with text at twice its size; leaves the page so, and therefore comes last."""
    for width in (320, 360, 412) if visit.kind != "desk" else (1280,):
        page.set_viewport_size({"width": width, "height": visit.size[1]})
        yield from (Finding(4, f"{_mode(visit)}at {width}px: {words}") for words in probe(page, "sideways"))
    page.set_viewport_size({"width": visit.size[0], "height": visit.size[1]})
    page.evaluate(
        "(root => { root.style.fontSize = 2 * parseFloat(getComputedStyle(root).fontSize) + 'px' })(document.documentElement)"
    )
    yield from (Finding(4, f"{_mode(visit)}text at 200 %: {words}") for words in probe(page, "sideways"))


def _mode(visit: Visit) -> str:
    return "large type: " if visit.big else ""


def _single_looks(visit: Visit) -> list[tuple[int, str, Any]]:
    body = {"desk": 16}.get(visit.kind, 22 if visit.big else 18)
    fonts = {"least": 18 if visit.big else 16, "body": body, "largest": 30 if visit.big else 0}
    return [
        (2, "fonts", fonts),
        (3, "targets", {"least": 60 if visit.big else 44}),
        (5, "lines", None),
        (7, "overlays", None),
        (10, "frame", None),
        (11, "states", None),
    ]


def _axe(page: Page, visit: Visit) -> Iterator[Finding]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = {"runOnly": AXE_SIZES if visit.big else AXE_ALL, "resultTypes": ["violations"]}
    for violation in page.evaluate("options => axe.run(options).then(found => found.violations)", options):
        for node in violation["nodes"]:
            yield Finding(1, f"{_mode(visit)}{violation['id']}: {node['html'][:120]}")


def _words(page: Page) -> Iterator[Finding]:
    texts = [str(page.evaluate("document.body.innerText")), *probe(page, "labels")]
    is_chinese = page.evaluate("document.documentElement.lang") == "zh-Hans"
    for text in texts:
        if is_chinese:
            yield from (
                Finding(13, f"half-width mark in “{_around(text, hit)}”") for hit in HALF_WIDTH.finditer(text)
            )
        yield from (Finding(14, f"emoji in “{_around(text, hit)}”") for hit in EMOJI.finditer(text))


def _around(text: str, hit: re.Match[str]) -> str:
    return text[max(0, hit.start() - 8) : hit.end() + 8].replace("\n", " ")


def _same_words(with_script: Any, without: Any) -> Iterator[Finding]:
    """Rule 8: without JavaScript the same links, forms and text."""
    for what in ("text", "links", "forms"):
        if with_script[what] != without[what]:
            yield Finding(
                8, f"{what} differ without JavaScript: {_difference(with_script[what], without[what])}"
            )


def _difference(one: Any, other: Any) -> str:
    if isinstance(one, str):
        place = next(
            (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
        )
        return f"“{one[place : place + 30]}” against “{other[place : place + 30]}”"
    return (
        f"{[each for each in one if each not in other]} against {[each for each in other if each not in one]}"
    )


def _network(visit: Visit, answers: list[Response]) -> Iterator[Finding]:
    """Rules 7 and 9: how much comes over the network at the first view, and from where."""
    home = urlsplit(visit.url).netloc
    fetched = [answer for answer in answers if urlsplit(answer.url).scheme != "data"]
    for answer in fetched:
        if urlsplit(answer.url).netloc != home:
            yield Finding(7, f"asks another origin: {answer.url}")
    yield from _weigh(visit, fetched)


def _weigh(visit: Visit, answers: list[Response]) -> Iterator[Finding]:
    kinds = [answer.request.resource_type for answer in answers]
    weighed = [
        answer for answer in answers if answer.request.resource_type in {"document", "stylesheet", "script"}
    ]
    total = sum(_sent_bytes(answer) for answer in weighed)
    if total > BYTES[visit.kind]:
        yield Finding(9, f"{total} bytes at the first view, at most {BYTES[visit.kind]}")
    if "font" in kinds:
        yield Finding(9, "a web font")
    if visit.kind != "door":
        return
    if len(answers) != 1:
        yield Finding(9, f"{len(answers)} requests: {[urlsplit(answer.url).path for answer in answers]}")
    body = len(brotli.compress(answers[0].body(), quality=5))
    if body > DOOR_BODY_BROTLI:
        yield Finding(9, f"the body is {body} bytes with brotli 5, at most {DOOR_BODY_BROTLI}")


def _sent_bytes(answer: Response) -> int:
    """What was sent, headers included; an answer that a test server left plain is weighed as brotli 5 would send it."""
    headers = sum(len(name) + len(value) + 4 for name, value in answer.all_headers().items())
    if answer.header_value("content-encoding"):
        return int(answer.request.sizes()["responseBodySize"]) + headers
    return len(brotli.compress(answer.body(), quality=5)) + headers


def _tab_through(page: Page) -> Iterator[Finding]:
    """Rule 12: by keyboard, the focus is always to be seen."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        seen = probe(page, "focus")
        if seen is None:
            return
        yield from (Finding(12, words) for words in seen)


def emoji_in(
    paths: Iterator[Path], read: Callable[[Path], str] = lambda path: path.read_text(encoding="utf-8")
) -> list[str]:
    """Return the templates that hold an emoji code point: rule 14 for pages that no test has opened."""
    return [f"{path}: {hit.group()!r}" for path in paths for hit in EMOJI.finditer(read(path))]
