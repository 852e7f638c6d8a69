"""The pages of accounts in a real browser: they keep the fourteen rules, and the desk takes unsent words along."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from commons.db import transaction
from tests.browser import OFFICE, page_at
from tests.commons.accounts.browsing import last_code, submit
from tests.commons.accounts.test_desk import OWN, give_password, new_official, ready_official
from tests.commons.accounts.test_lock import at_the_desk
from tests.face import served
from tests.make.people import make_person, sign_in
from tests.ui_rules import check_page


def cookies(client: FlaskClient, site: str) -> list[dict[str, str]]:
    cookie = client.get_cookie("xq")
    assert cookie is not None
    return [{"name": "xq", "value": cookie.value, "url": site}]


def test_a_strangers_pages_keep_the_rules(app: Flask, client: FlaskClient, browser: Browser) -> None:
    with served(app) as site:
        check_page(browser, f"{site}/sign-in")
        check_page(browser, f"{site}/desk/sign-in")
        submit(client, "/sign-in", {"phone": "10000000101", "next": "/"})
        check_page(browser, f"{site}/sign-in/code", "public", cookies(client, site))
        submit(client, "/sign-in/code", {"code": last_code()})
        check_page(browser, f"{site}/sign-in/agree", "public", cookies(client, site))


def test_a_persons_pages_keep_the_rules(app: Flask, client: FlaskClient, browser: Browser) -> None:
    with transaction():
        sign_in(client, make_person(phone="10000000101"))
    with served(app) as site:
        for page in ("/me", "/me/name", "/me/phone", "/me/consent", "/me/close"):
            check_page(browser, site + page, "public", cookies(client, site))


def test_an_officials_pages_keep_the_rules(app: Flask, client: FlaskClient, browser: Browser) -> None:
    ready_official("second")
    other = app.test_client()
    give_password(other, "second")
    newcomer, (_, temporary) = app.test_client(), new_official("third")
    give_password(newcomer, "third", temporary)
    newcomer.get("/desk/sign-in/enrol")  # from now on the session keeps the secret that the page shows
    at_the_desk(client)
    with served(app) as site:
        for page in ("/desk/sign-in/enrol", "/desk/sign-in/enrol?by=sms"):
            check_page(browser, site + page, "public", cookies(newcomer, site))
        for page in ("/desk/account", "/desk/read-out", "/desk/officials"):
            check_page(browser, site + page, "desk", cookies(client, site))
        check_page(browser, f"{site}/desk/sign-in/code", "public", cookies(other, site))
        submit(client, "/desk/account", {}, to="/desk/lock")
        check_page(browser, f"{site}/desk/locked", "public", cookies(client, site))


def test_the_lock_button_takes_unsent_words_along_and_they_come_back(
    app: Flask, client: FlaskClient, browser: Browser
) -> None:
    at_the_desk(client)
    with (
        served(app) as site,
        page_at(browser, f"{site}/desk/read-out", size=OFFICE, cookies=cookies(client, site)) as page,
    ):
        page.fill("input[name=phone]", "100 0000 9999")
        page.click("form[data-module=keep-unsent] button")
        page.wait_for_url(lambda address: "/desk/locked" in address)
        page.fill("input[name=password]", OWN)
        page.click("main form:first-of-type button")
        page.wait_for_url(lambda address: "/desk/locked" not in address)
        assert page.input_value("input[name=phone]") == "100 0000 9999"
