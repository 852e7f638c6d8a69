"""The fourteen rules themselves: doors and components keep them all, and each of them can fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import render_template
from playwright.sync_api import Browser

from commons.settings import ROOT
from tests import component_pages
from tests.contrast import tokens, weak_pairs
from tests.face import Page, face_app, served
from tests.ui_rules import Kind, check_page, emoji_in, findings
from tests.village.scan import door_examples as examples
from village.scan.views import OldPlate

OLD = OldPlate("7K3M9-QX2HD", "青石湾村", examples.DUTY)
CODE = "7K3M9-QX2HE"

PAGES: dict[str, tuple[Kind, Page]] = {
    "/D/FULL": ("door", lambda: examples.door_html(examples.full_door())),
    "/D/LONG": ("door", lambda: examples.door_html(examples.longest_door())),
    "/D/BARE": ("door", lambda: examples.door_html(examples.bare_door())),
    "/D/NOT-OURS": ("door", lambda: render_template("village/scan/not_ours.html", code_text=CODE)),
    "/D/UNKNOWN": ("door", lambda: render_template("village/scan/unknown.html", code_text=CODE)),
    "/D/REPLACED": ("door", lambda: render_template("village/scan/replaced.html", old=OLD)),
    "/D/REVOKED": ("door", lambda: render_template("village/scan/revoked.html", old=OLD)),
    **component_pages.PAGES,
}
ENGLISH = ["/D/FULL?lang=en", "/D/LONG?lang=en", "/D/REPLACED?lang=en"]

HEADING = "村里通知</h2>"
# One rule broken at a time: what stands on the page, and what stands there instead.
BROKEN: dict[int, tuple[str, str]] = {
    1: ('role="img" aria-label="青石湾村"', 'role="img"'),
    2: ("第 4 网格", '<i style="font-size:12px">第 4 网格</i>'),
    3: (HEADING, f'{HEADING}<a href="/x" style="min-width:0;min-height:0">小</a>'),
    4: (HEADING, f'{HEADING}<i style="flex:none;width:400px">宽</i>'),
    5: (HEADING, f'{HEADING}<p style="line-height:1">挤在一起的字</p>'),
    7: (HEADING, f'{HEADING}<b style="position:fixed;top:0">立即下载</b>'),
    8: (HEADING, f"{HEADING}<noscript>请打开脚本</noscript>"),
    9: (HEADING, f'{HEADING}<img src="/picture.png" alt="" width="2" height="2">'),
    10: ('lang="zh-Hans"', 'lang="zh"'),
    11: (HEADING, f'{HEADING}<em class="tag tag-late"></em>'),
    12: ("</head>", "<style>:focus-visible{outline:none}</style></head>"),
    13: (HEADING, f"{HEADING}<b>今天:停水</b>"),
    14: (HEADING, f"{HEADING}<b>\N{BLACK TELEPHONE}</b>"),
}


def broken_door(rule: int) -> Page:
    """The full door with that rule broken."""

    def page() -> str:
        whole = examples.door_html(examples.full_door())
        old, new = BROKEN[rule]
        assert old in whole
        return whole.replace(old, new, 1)

    return page


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served(face_app({address: page for address, (_, page) in PAGES.items()})) as base:
        yield base


@pytest.fixture(scope="module")
def broken_site() -> Iterator[str]:
    pages = {f"/D/BROKEN{rule}": broken_door(rule) for rule in BROKEN}
    # Without the content policy, which would refuse the very styles that break a rule.
    with served(face_app(pages, policy=False)) as base:
        yield base


@pytest.mark.parametrize("address", PAGES)
def test_a_page_keeps_all_fourteen_rules(browser: Browser, site: str, address: str) -> None:
    check_page(browser, site + address, PAGES[address][0])


@pytest.mark.parametrize("address", ENGLISH)
def test_an_english_page_keeps_all_fourteen_rules(browser: Browser, site: str, address: str) -> None:
    check_page(browser, site + address, "door")


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_that_is_broken_is_noticed(browser: Browser, broken_site: str, rule: int) -> None:
    found = findings(browser, f"{broken_site}/D/BROKEN{rule}", "door")

    assert rule in {each.rule for each in found}


def test_pale_ink_is_noticed() -> None:
    assert weak_pairs(tokens()) == []
    assert weak_pairs(tokens() | {"ink-soft": "#9a927f"}) != []


def test_no_template_holds_an_emoji() -> None:
    folders = [ROOT / package / "templates" for package in ("commons", "village", "marketplace")]
    paths = [path for folder in folders for path in folder.rglob("*.html")]

    assert len(paths) > 30
    assert emoji_in(iter(paths)) == []
    assert emoji_in(iter(paths[:1]), read=lambda _: "\N{BLACK TELEPHONE}") != []
