"""
Every public page of the demonstration, opened once in a real browser.

The fourteen rules are checked in full where a feature's own tests open its pages; here each page is loaded once and looked at in
standard and in large type, so that none is left that nobody opens.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import select, update

from commons.accounts.queries import person_of_phone
from commons.db import db, transaction
from commons.demonstration import load
from geocode.door_codes import check_character, new_code
from marketplace.demonstration import BUYER, FARMER
from marketplace.produce.models import Lot, Product
from tests.browser import OFFICE, PHONE, new_context, page_at, wait_for_modules
from tests.commons.accounts.browsing import submit
from tests.commons.accounts.test_faces import cookies
from tests.face import served
from tests.make.divisions import make_village
from tests.make.doors import make_door, make_plate
from tests.make.people import make_person, sign_in
from tests.ui_rules import EMOJI, HALF_WIDTH, check_page, probe
from village.demonstration import CLERK, VILLAGE
from village.notices.models import Notice
from village.plates.models import Plate
from village.plates.rules import DEMONSTRATION_MARK, PlateState


@pytest.fixture
def demonstration(app: Flask) -> None:
    """The village of the demonstration, as it is on a fresh machine."""
    load()


def looked_at(page: Page, url: str, *, desk: bool = False) -> list[str]:
    """Open *url* and return what breaks a rule at the first glance, in standard and in large type."""
    found = []
    page.goto(url, wait_until="load")
    wait_for_modules(page)
    for big in (False,) if desk else (False, True):
        page.evaluate("big => document.documentElement.classList.toggle('big', big)", big)
        looks = [
            (
                "fonts",
                {
                    "least": 18 if big else 16,
                    "body": 16 if desk else 22 if big else 18,
                    "largest": 30 if big else 0,
                },
            ),
            ("targets", {"least": 60 if big else 44}),
            *((name, None) for name in ("lines", "overlays", "frame", "states", "sideways")),
        ]
        found += [
            f"{'large type: ' if big else ''}{words}"
            for name, argument in looks
            for words in probe(page, name, argument)
        ]
    for text in (str(page.evaluate("document.body.innerText")), *probe(page, "labels")):
        found += [
            text[max(0, hit.start() - 8) : hit.end() + 8]
            for mark in (HALF_WIDTH, EMOJI)
            for hit in mark.finditer(text)
        ]
    return found


def glances(
    browser: Browser, site: str, client: FlaskClient | None, paths: list[str], *, desk: bool = False
) -> dict[str, list[str]]:
    """Look at all of *paths* as whoever *client* is signed in as."""
    size = OFFICE if desk else PHONE
    context = new_context(browser, viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
    if client is not None:
        context.add_cookies(cookies(client, site))  # type: ignore[arg-type]
    page = context.new_page()
    try:
        found = {path: looked_at(page, site + path, desk=desk) for path in paths}
    finally:
        context.close()
    return {path: wrong for path, wrong in found.items() if wrong}


def signed_in_as(app: Flask, phone: str) -> FlaskClient:
    client = app.test_client()
    with transaction():
        sign_in(client, person_of_phone(phone) or make_person(phone=phone))
    return client


def addresses_of_codes() -> list[str]:
    """A code that opens a door, and one of every kind that does not: misread, on no plate, elsewhere's, replaced, withdrawn."""
    open_code, replaced, revoked = db.session.scalars(select(Plate.code).order_by(Plate.id).limit(3))
    with transaction() as session:
        for code, state in ((replaced, PlateState.reissued), (revoked, PlateState.revoked)):
            session.execute(update(Plate).where(Plate.code == code).values(state=state))
    elsewhere = f"{DEMONSTRATION_MARK}222222"
    found = [
        open_code,
        "7K3M9QX2HZ",
        new_code(),
        f"{elsewhere}{check_character(elsewhere)}",
        replaced,
        revoked,
    ]
    return [f"/D/{code}" for code in found]


def order_of(buyer: FlaskClient, lot_id: int) -> str:
    """Let *buyer* order one of a lot, to be paid when it is fetched; return the order's address."""
    submit(buyer, "/shop", {"lot": lot_id, "quantity": 1}, to="/cart/add")
    way = re.search(r'name="way"[^>]*value="([^"]+)"', buyer.get("/checkout").get_data(as_text=True))
    assert way is not None
    key = re.search(r'name="form_key"[^>]*value="([^"]+)"', buyer.get("/checkout").get_data(as_text=True))
    assert key is not None
    fields = {"way": way[1], "method": "offline", "seen_fen": 350, "form_key": key[1]}
    placed = submit(buyer, "/checkout", fields)
    assert placed.status_code == 303, placed.get_data(as_text=True)
    return str(placed.location)


def reported_by(client: FlaskClient, door: str) -> str:
    """Let whoever uses *client* report a matter before *door*; return the address of its receipt."""
    key = re.search(r'name="form_key"[^>]*value="([^"]+)"', client.get("/matters/new").get_data(as_text=True))
    assert key is not None
    fields = {
        "words": "三组塘边路灯不亮，晚上看不见路。",
        "category": "roads",
        "door": door,
        "form_key": key[1],
    }
    sent = submit(client, "/matters/new", fields)
    assert sent.status_code == 303, sent.get_data(as_text=True)
    return str(sent.location)


def test_every_public_page_keeps_the_rules_at_a_glance(
    app: Flask, browser: Browser, demonstration: None
) -> None:
    buyer, farmer = signed_in_as(app, BUYER), signed_in_as(app, FARMER)
    doors = addresses_of_codes()
    lot = db.session.scalars(select(Lot).join(Product).where(Product.name == "红菜薹")).one()
    order = order_of(buyer, lot.id)
    receipt = reported_by(buyer, doors[0][3:])
    submit(buyer, "/shop", {"lot": lot.id, "quantity": 1}, to="/cart/add")
    notice_id = db.session.scalars(select(Notice.id)).first()
    place = f"village={VILLAGE}"
    public = [
        "/", *doors, f"/notices?{place}", f"/notices/{notice_id}", "/shop", f"/shop/{lot.product_id}", f"/artisans?{place}",
        f"/matters/new?door={doors[0][3:]}", "/privacy", "/sign-in", "/nowhere",
    ]  # fmt: skip
    with served(app) as site:
        found = glances(browser, site, None, public)
        bought = [
            order,
            "/orders",
            "/cart",
            "/checkout",
            "/me",
            receipt,
            receipt.removesuffix("/receipt"),
            "/matters",
            "/desk/orders",
        ]
        found |= glances(browser, site, buyer, bought)
        found |= glances(
            browser,
            site,
            farmer,
            ["/sell", "/sell/new", "/sell/register", f"/sell/{lot.product_id}/lot", "/sell/orders"],
        )
    assert found == {}


def test_every_list_of_the_desk_keeps_the_rules_at_a_glance(
    app: Flask, browser: Browser, demonstration: None
) -> None:
    clerk = signed_in_as(app, CLERK)
    pages = [
        "/desk", "/desk/notices", "/desk/notices/1", "/desk/households", "/desk/artisans", "/desk/sellers", "/desk/orders",
        "/desk/pickup-points", "/desk/pickup-points/delivery", "/desk/officials", "/desk/plates",
    ]  # fmt: skip
    with served(app) as site:
        assert glances(browser, site, clerk, pages, desk=True) == {}


def test_the_demonstrations_notices_name_the_day_of_their_leaf(app: Flask, demonstration: None) -> None:
    for notice in db.session.scalars(select(Notice)):
        assert (
            "日" not in notice.words or f"{notice.leaf_day.month} 月 {notice.leaf_day.day} 日" in notice.words
        )


def test_a_code_that_opens_no_door_keeps_all_rules_as_the_application_answers_it(
    app: Flask, browser: Browser
) -> None:
    make_village()
    with served(app) as site:
        check_page(browser, f"{site}/D/7K3M9QX2HZ", "door")


def test_in_large_type_a_small_window_has_room_for_the_officers_button_and_the_shops_head_in_one_line(
    app: Flask, browser: Browser
) -> None:
    door = make_door()
    code = make_plate(door=door).code
    with served(app) as site:
        with page_at(browser, f"{site}/D/{code}?big=1&lang=en") as page:
            heights = [each.bounding_box() for each in page.locator(".action-bar .button").all()]
            lines = page.locator(".button-call").evaluate(
                """button => {
                  const words = document.createRange();
                  words.selectNodeContents(button.lastChild);
                  return new Set([...words.getClientRects()].map((each) => each.top)).size;
                }"""
            )
            assert lines == 1
            assert heights[0] and heights[1] and heights[0]["y"] == heights[1]["y"]
        with page_at(browser, f"{site}/shop?village={door.village_code}&big=1") as page:
            name, switch = (page.locator(each).bounding_box() for each in (".shop-head h1", ".page-tools a"))
            assert name and switch and name["y"] < switch["y"] + switch["height"] / 2 < switch["height"] * 1.5
            assert name["height"] < 40
