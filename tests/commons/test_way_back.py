"""The way back: only to a page of ours, only where it leads somewhere else, and never in a circle."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.db import transaction
from tests.make.divisions import make_village
from tests.make.people import make_person, sign_in

OURS = "http://localhost"


def head_of(client: FlaskClient, page: str, came_from: str) -> str:
    text = client.get(page, headers={"Referer": came_from}).get_data(as_text=True)
    return text.partition("<main")[0]


@pytest.mark.parametrize(
    "before", ["/D/7K3M9QX2HE", "/notices?village=429005103218&affair=party", "/desk/notices/1"]
)
def test_a_page_of_ours_is_gone_back_to(app: Flask, client: FlaskClient, before: str) -> None:
    make_village()
    head = head_of(client, "/matters/new", OURS + before)

    assert f'href="{before.replace("&", "&amp;")}" data-module="go-back"' in head
    assert "返回" in head


@pytest.mark.parametrize(
    "before",
    [
        "",
        "https://example.org/D/7K3M9QX2HE",
        f"{OURS}//example.org/",
        f"{OURS}/matters",  # this page itself
        f"{OURS}/matters/100000000001",  # one of the things this page lists
        f"{OURS}/sign-in/code",
        f"{OURS}/find",  # only ever posted to
        f"{OURS}/nowhere",
    ],
)
def test_from_anywhere_else_one_goes_to_the_first_page(app: Flask, client: FlaskClient, before: str) -> None:
    head = head_of(client, "/matters", before)

    assert 'class="page-head-home" href="/"' in head
    assert "返回" not in head


def test_the_first_page_leads_a_stranger_to_sign_in_and_others_to_what_is_theirs(
    app: Flask, client: FlaskClient
) -> None:
    assert 'href="/sign-in"' in client.get("/").get_data(as_text=True)
    with transaction():
        sign_in(client, make_person())

    text = client.get("/").get_data(as_text=True)

    assert 'href="/me"' in text and 'href="/orders"' in text
    assert 'href="/sign-in"' not in text


def test_an_official_is_led_back_to_the_desk_and_not_to_a_hotline(app: Flask, client: FlaskClient) -> None:
    text = client.get("/desk/nowhere").get_data(as_text=True)

    assert 'href="/desk"' in text
    assert "tel:12345" not in text.partition("<main")[2].partition("</main>")[0]
