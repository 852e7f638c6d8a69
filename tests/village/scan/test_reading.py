"""Large type and English from a door's page to the next, and back to standard type and Chinese for good."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.db import transaction
from commons.reading import KEEPER
from tests.make.divisions import VILLAGE
from tests.make.notices import make_notice
from tests.village.scan.test_pages import page
from village.public import bump_page


def test_large_type_and_english_stand_in_the_address(client: FlaskClient, plate_code: str) -> None:
    big, english = page(client, f"/D/{plate_code}?big=1"), page(client, f"/D/{plate_code}?lang=en")

    assert 'class="big"' in big
    assert f"/D/{plate_code}" in big
    assert 'lang="en"' in english
    assert 'lang="zh-Hans"' in big


def test_large_type_survives_the_walk_from_a_door_through_the_public_pages_and_back(
    app: Flask, plate_code: str
) -> None:
    with transaction():
        make_notice(title="停水通知")
        bump_page(VILLAGE)
    app.config["WTF_CSRF_ENABLED"] = False
    client, plain = app.test_client(), app.test_client()
    door = page(client, f"/D/{plate_code}?big=1&lang=en")
    links = [unescape(link) for link in re.findall(r'href="(/[^"]*)"', door)]
    onward = [link for link in links if not link.startswith(("/D/", KEEPER))]

    assert {"/matters/new", "/shop", "/notices", "/privacy"} <= {link.partition("?")[0] for link in onward}
    for link in onward:
        fresh = app.test_client()
        answer = fresh.get(link, follow_redirects=True)
        assert 'class="big"' in answer.text and 'lang="en"' in answer.text, link
        assert 'class="big"' in fresh.get("/privacy").text
    client.get(onward[0])
    assert client.post("/find", data={"code": plate_code}).location == f"/D/{plate_code}?big=1&lang=en"
    old = client.get("/D/7K3M9QX2HZ?big=1").text
    assert 'href="/?big=1"' in old and 'href="/privacy?big=1"' in old
    assert "big=1" not in page(plain, f"/D/{plate_code}").replace(f"/D/{plate_code}?big=1", "")


@pytest.mark.parametrize("code", ["", "7K3M9QX2HZ", "不是 码"])
@pytest.mark.parametrize(
    ("pressed", "reads"),
    [
        ("标准字", '<html lang="en">'),
        ("中文", '<html lang="zh-Hans" class="big">'),
    ],
)
def test_standard_type_or_chinese_chosen_at_a_door_holds_against_what_a_cookie_kept(
    client: FlaskClient, plate_code: str, code: str, pressed: str, reads: str
) -> None:
    client.get("/privacy?big=1&lang=en")
    door = f"/D/{code or plate_code}?big=1&lang=en"
    words = {"标准字": "Normal type", "中文": "中文"}[pressed]
    link = re.search(rf'href="([^"]*)"[^>]*>(?:<svg.*?</svg>)?{words}</a>', client.get(door).text)

    assert link is not None
    again = client.get(unescape(link[1]), follow_redirects=True)
    assert again.request.path == door.partition("?")[0]
    assert reads in again.text
    assert "Set-Cookie" not in again.headers
    assert reads in client.get("/privacy").text


def test_a_door_read_as_it_came_undoes_no_choice(client: FlaskClient, plate_code: str) -> None:
    client.get("/privacy?big=1")
    door = client.get(f"/D/{plate_code}").text

    assert 'class="big"' not in door and "big=0" not in door
    assert 'class="big"' in client.get("/privacy").text
