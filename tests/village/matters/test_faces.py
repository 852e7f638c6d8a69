"""The pages of matters and the first page of the desk in a real browser: they keep the fourteen rules, with and without JavaScript."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, FilePayload, Page

from tests.browser import PHONE, page_at, pressed
from tests.commons.uploading import photo, wav
from tests.face import served
from tests.ui_rules import check_page, probe
from tests.village.matters.reporting import act, report, stored


def cookies(client: FlaskClient, site: str) -> list[dict[str, str]]:
    cookie = client.get_cookie("xq")
    assert cookie is not None
    return [{"name": "xq", "value": cookie.value, "url": site}]


@pytest.fixture
def told(client: FlaskClient, officer: FlaskClient, plate: str) -> str:
    """The number of a matter with photo, voice, telephone and three steps."""
    number, _ = report(
        client,
        plate,
        phone="10000000042",
        pictures=(io.BytesIO(photo()), "a.jpg"),
        voice=(io.BytesIO(wav(2)), "a.wav"),
    )
    act(officer, number, "take")
    act(officer, number, "answer", words="电工明天上午来看")
    return number


def test_the_form_keeps_the_rules(app: Flask, client: FlaskClient, browser: Browser, plate: str) -> None:
    client.get(f"/matters/new?door={plate}")
    with served(app) as site:
        check_page(browser, f"{site}/matters/new?door={plate}", "public", cookies(client, site))


@pytest.mark.parametrize("address", ["/matters/{}/receipt", "/matters/{}", "/matters", "/matters/{}?lang=en"])
def test_a_reporters_pages_keep_the_rules(
    app: Flask, client: FlaskClient, browser: Browser, told: str, address: str
) -> None:
    with served(app) as site:
        check_page(browser, site + address.format(told), "public", cookies(client, site))


@pytest.mark.parametrize("width", [320, 360, 412])
def test_the_number_to_be_read_aloud_stands_in_one_line_in_large_type(
    app: Flask, client: FlaskClient, browser: Browser, told: str, width: int
) -> None:
    places = {f"/matters/{told}/receipt": ".receipt b", "/matters": ".pieces span:last-child"}
    with served(app) as site:
        for path, number in places.items():
            with page_at(
                browser, f"{site}{path}?big=1", size=(width, 800), cookies=cookies(client, site)
            ) as page:
                lines = page.locator(number).first.evaluate(
                    """number => {
                      const words = document.createRange();
                      words.selectNodeContents(number);
                      return new Set([...words.getClientRects()].map((each) => each.top)).size;
                    }"""
                )
                assert lines == 1, path


@pytest.mark.parametrize(
    "address", ["/desk", "/desk/matters?which=all", "/desk/matters/{}", "/desk/matters/new"]
)
def test_an_officials_pages_keep_the_rules(
    app: Flask, officer: FlaskClient, browser: Browser, told: str, address: str
) -> None:
    with served(app) as site:
        check_page(browser, site + address.format(told), "desk", cookies(officer, site))


def filled(page: Page, words: str) -> None:
    page.fill("#words", words)
    page.check("input[name=category][value=other]")
    pressed(page, page.locator("main form button.button-first"))


@pytest.mark.parametrize("script", [True, False])
def test_a_report_goes_through_the_page_between_with_and_without_javascript(
    app: Flask, browser: Browser, plate: str, script: bool
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    with served(app) as site, page_at(browser, f"{site}/matters/new?door={plate}", script=script) as page:
        picture: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
        page.set_input_files("#pictures", files=[picture])
        filled(page, "隔壁 着 火 了")
        assert page.locator("a[href='tel:119']").is_visible()
        pressed(page, page.locator("main form button.button-first"))
        assert page.locator(".receipt b").count() == 2
        pressed(page, page.locator("main .field-actions a"))
        assert "隔壁 着 火 了" in page.inner_text("main")
        assert page.locator("main img").count() == 1
    assert stored() == 1


def test_the_page_between_and_a_refused_form_keep_the_rules(app: Flask, browser: Browser, plate: str) -> None:
    """These answer a sent form, so they are looked at where the form leads, with the browser's own eyes."""
    app.config["WTF_CSRF_ENABLED"] = True
    with served(app) as site:
        for words, seen in (("隔壁着火了，书记不管", "直接送乡镇纪检"), ("", "请写几个字")):
            for big in ("", "&big=1"):
                with page_at(browser, f"{site}/matters/new?door={plate}{big}") as page:
                    filled(page, words)
                    assert seen in page.inner_text("main")
                    assert page.evaluate("document.documentElement.scrollWidth") == 360
                    assert page.locator("h1").count() == 1


def test_an_officer_on_foot_reads_the_matters_without_moving_the_page_sideways(
    app: Flask, officer: FlaskClient, browser: Browser, told: str
) -> None:
    with served(app) as site:
        for address in ("/desk", "/desk/matters?which=all"):
            with page_at(browser, site + address, size=PHONE, cookies=cookies(officer, site)) as page:
                assert probe(page, "sideways") == [], address
                place = page.locator("td.whole").first.bounding_box()
                assert place and place["width"] > 200
