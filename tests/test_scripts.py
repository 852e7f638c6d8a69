"""What the small scripts add to a page, tried in the browser; without them every page is whole (rule 8)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import component_pages
from tests.browser import new_context, wait_for_modules
from tests.face import face_app, served
from tests.village.scan import door_examples as examples

# Headless Chromium has no voice; a telephone that has one answers like this.
VOICE = """
window.said = [];
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => [{ lang: LANGUAGE }], speaking: false, speak: (words) => window.said.push(words.text), cancel() {},
  addEventListener() {},
} });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    pages = {address: page for address, (_, page) in component_pages.PAGES.items()}
    pages["/D/FULL"] = lambda: examples.door_html(examples.full_door())
    pages["/D/LONG"] = lambda: examples.door_html(examples.longest_door())
    with served(face_app(pages)) as base:
        yield base


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = new_context(browser, viewport={"width": 360, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("address", ["/D/FULL", "/show/notice"])
def test_a_telephone_with_a_chinese_voice_reads_the_page_aloud(page: Page, site: str, address: str) -> None:
    page.add_init_script(VOICE.replace("LANGUAGE", "'zh-CN'"))
    page.goto(site + address)
    page.get_by_role("button", name="听").click()

    said = " ".join(page.evaluate("window.said"))
    assert "停水" in said


@pytest.mark.parametrize("address", ["/D/FULL", "/show/notice"])
def test_a_telephone_without_a_chinese_voice_offers_nothing_it_cannot_do(
    page: Page, site: str, address: str
) -> None:
    page.add_init_script(VOICE.replace("LANGUAGE", "'fr-FR'"))
    page.goto(site + address)
    wait_for_modules(page)

    expect(page.get_by_role("button", name="听")).to_have_count(0)


def test_a_recorded_voice_is_preferred_to_the_telephones_own(page: Page, site: str) -> None:
    page.add_init_script(VOICE.replace("LANGUAGE", "'zh-CN'"))
    page.goto(site + "/D/LONG")
    with page.expect_request("**/media/notices/1204.opus"):
        page.get_by_role("button", name="听").click()

    assert page.evaluate("window.said") == []


def test_plus_and_minus_keep_within_what_is_allowed(page: Page, site: str) -> None:
    page.goto(site + "/show/shop")
    number = page.get_by_role("spinbutton", name="红菜薹，数量")
    page.get_by_role("button", name="红菜薹，加一").click()
    expect(number).to_have_value("2")

    for _ in range(3):
        page.get_by_role("button", name="红菜薹，减一").click()
    expect(number).to_have_value("1")


def test_a_link_is_copied_and_says_so(page: Page, site: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(site + "/show/order")
    page.get_by_role("button", name="复制链接").click()

    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "https://xq.example/matters/26-1122-07"


def test_a_photograph_is_made_smaller_before_it_is_sent(page: Page, site: str) -> None:
    page.goto(site + "/show/form")
    wait_for_modules(page)
    page.evaluate(
        """async () => {
          const canvas = Object.assign(document.createElement("canvas"), { width: 3000, height: 2000 });
          const brush = canvas.getContext("2d");
          for (let n = 0; n < 4000; n++) { brush.fillStyle = `hsl(${n % 360} 80% 50%)`; brush.fillRect(n * 7 % 3000, n * 13 % 2000, 60, 60); }
          const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
          window.before = blob.size;
          const files = new DataTransfer();
          files.items.add(new File([blob], "pond.png", { type: "image/png" }));
          const input = document.querySelector("input[type=file]");
          input.files = files.files;
          input.dispatchEvent(new Event("change"));
          for (let n = 0; n < 600 && input.files[0].name !== "pond.jpg"; n++) await new Promise((done) => setTimeout(done, 100));
        }"""
    )
    assert page.evaluate("document.querySelector('input[type=file]').files[0].name") == "pond.jpg"
    longest = page.evaluate(
        "createImageBitmap(document.querySelector('input[type=file]').files[0]).then((one) => Math.max(one.width, one.height))"
    )

    assert longest == 1280
    assert page.evaluate("document.querySelector('input[type=file]').files[0].size < window.before")


def test_what_must_be_put_right_is_where_one_is_taken(page: Page, site: str) -> None:
    page.goto(site + "/show/form-with-errors")
    wait_for_modules(page)

    assert page.evaluate("document.activeElement.className") == "error-summary"


def test_a_page_is_waited_for_until_a_script_that_came_has_begun(page: Page, site: str) -> None:
    late = "await new Promise((done) => setTimeout(done, 500)); export default (box) => box.focus();"
    page.route(
        "**/modules/error-summary.js",
        lambda route: route.fulfill(content_type="text/javascript", body=late),
    )
    page.goto(site + "/show/form-with-errors")
    wait_for_modules(page)

    assert page.evaluate("document.activeElement.className") == "error-summary"
