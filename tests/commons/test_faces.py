"""What a choice of type means to a browser that goes back."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browser import page_at
from tests.face import served


@pytest.mark.parametrize("between", ["/privacy", "/sign-in"])
def test_whoever_chose_standard_type_does_not_find_large_type_again_by_going_back(
    app: Flask, browser: Browser, between: str
) -> None:
    with served(app) as site, page_at(browser, f"{site}/?big=1&lang=en") as page:
        page.goto(site + between)
        assert page.locator("html.big").count() == 1
        page.locator(".page-tools a:visible").first.click()
        page.wait_for_function("!document.documentElement.classList.contains('big')")
        page.go_back()
        page.go_back()
        assert page.url == f"{site}/"
        page.reload()
        assert page.locator("html.big").count() == 0
        assert page.locator("html").get_attribute("lang") == "en"
