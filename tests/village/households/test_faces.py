"""The pages of households in a real browser keep the fourteen rules."""

from __future__ import annotations

from flask.testing import FlaskClient
from playwright.sync_api import Browser

from commons.clock import FrozenClock
from tests.browser import PHONE, page_at
from tests.face import served
from tests.make.divisions import VILLAGE
from tests.make.households import make_household, make_member
from tests.ui_rules import check_page, probe
from tests.village.households.conftest import Home
from village.households.rules import Occupancy


def cookies(client: FlaskClient, site: str) -> list[dict[str, str]]:
    cookie = client.get_cookie("xq")
    assert cookie is not None
    return [{"name": "xq", "value": cookie.value, "url": site}]


def fill(home: Home) -> FlaskClient:
    """Somebody who asked and waits, somebody away, a slip about; returns the browser of the one who waits."""
    make_member(household=home.household, name="王长根", is_away=True)
    make_household(door=home.door, occupancy=Occupancy.let)
    home.desk.post(f"/desk/households/of/{home.household.id}/slip.pdf")
    home.desk.post(f"/desk/households/of/{home.household.id}/state", data={"occupancy": "let"})
    person, client = home.somebody()
    client.post("/me/join/ask", data={"ask-door": home.plate.code, "ask-name": "李四海"})
    sent = {"name": "李四海", "phone": person.phone, "is_present": "y"}
    home.desk.post(f"/desk/households/of/{home.household.id}/members", data=sent)
    home.app.config["WTF_CSRF_ENABLED"] = True
    return client


def test_a_villagers_pages_keep_the_rules(home: Home, browser: Browser) -> None:
    waiting = fill(home)
    with served(home.app) as site:
        mine = cookies(home.mine, site)
        door = f"/me/door/{home.plate.code}"
        leave = f"/me/household/members/{home.member.id}/leave"
        for page in ("/me", "/me/household", "/me/join", door, leave, "/me/household/confirm"):
            check_page(browser, site + page, "public", mine)
        for page in ("/me/household", door):
            check_page(browser, site + page, "public", cookies(waiting, site))


def test_an_officials_pages_keep_the_rules(home: Home, browser: Browser, clock: FrozenClock) -> None:
    fill(home)
    clerk = home.official("clerk", VILLAGE)
    with served(home.app) as site:
        for desk in (home.desk, clerk):
            for page in ("", f"/{home.door.id}", f"/members/{home.member.id}"):
                check_page(browser, f"{site}/desk/households{page}", "desk", cookies(desk, site))


def test_an_officer_at_the_door_works_on_a_telephone_without_moving_the_page_sideways(
    home: Home, browser: Browser
) -> None:
    fill(home)
    with served(home.app) as site:
        for page in ("", f"/{home.door.id}", f"/members/{home.member.id}"):
            address = f"{site}/desk/households{page}"
            with page_at(browser, address, size=PHONE, cookies=cookies(home.desk, site)) as seen:
                for fold in seen.locator("summary").all():
                    fold.click()
                assert probe(seen, "sideways") == [], page
