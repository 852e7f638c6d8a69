"""The desk's pages about villages, for those whose villages they are."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.db import db, transaction
from tests.commons.accounts.browsing import submit
from tests.make.divisions import COUNTY, VILLAGE, make_village
from tests.village.at_desk import signed_in, text_of
from tests.village.divisions.test_actions import SMALL
from village.divisions import actions, rules
from village.divisions.models import Village

CODE = "470101104207"
PAGE = f"/desk/villages/{CODE}"


@pytest.fixture
def table(app: Flask) -> None:
    """A small division table is there."""
    with transaction():
        actions.import_divisions(rules.read_sheet(SMALL.encode()))


def test_the_county_finds_a_village_with_its_kind_and_opens_it(client: FlaskClient, table: None) -> None:
    signed_in(client, "county", "470101")

    found = text_of(client.get("/desk/villages?q=柳河 青石湾"))
    answer = submit(client, PAGE, {"name": "青石湾村", "duty_phone": "027-00000000"})

    assert "村委会" in found and "居委会" in found and PAGE in found
    assert answer.status_code == 303
    village = db.session.get_one(Village, CODE)
    assert (village.name, village.duty_phone) == ("青石湾村", "027-00000000")
    assert "青石湾村" in text_of(client.get("/desk/villages"))


def test_the_page_proposes_the_short_name_and_an_invented_village_has_none(
    client: FlaskClient, table: None
) -> None:
    signed_in(client, "county", "470101")

    assert 'value="青石湾村"' in text_of(client.get(PAGE))
    assert client.get("/desk/villages/470101104498").status_code == 404
    assert client.get("/desk/villages/470101104000").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "青石湾村", "duty_phone": ""},
        {"name": "青石湾村", "duty_phone": "拨打村委会"},
        {"name": "青?湾村", "duty_phone": "027-00000000"},
        {"name": "青" * 100_000, "duty_phone": "027-00000000"},
        {"name": "\x00\x01", "duty_phone": "027-00000000"},
    ],
)
def test_what_cannot_be_printed_is_refused_beside_its_field_and_changes_nothing(
    client: FlaskClient, table: None, fields: dict[str, str]
) -> None:
    signed_in(client, "county", "470101")

    answer = submit(client, PAGE, fields)

    assert answer.status_code == 400
    assert "field-error" in text_of(answer)
    assert db.session.get(Village, CODE) is None


def test_another_county_and_another_village_do_not_see_it(client: FlaskClient, table: None) -> None:
    signed_in(client, "county", COUNTY)

    assert client.get(PAGE).status_code == 404
    assert CODE not in text_of(client.get("/desk/villages?q=青石湾"))
    assert client.post(PAGE, data={"name": "甲村"}).status_code in {400, 404}


def test_a_clerk_changes_the_own_duty_telephone_and_no_other_villages(client: FlaskClient) -> None:
    make_village()
    make_village(code="420199104208", name="柏泉村")
    signed_in(client)

    submit(client, f"/desk/villages/{VILLAGE}", {"name": "青石湾村", "duty_phone": "0710-0000000"})

    assert db.session.get_one(Village, VILLAGE).duty_phone == "0710-0000000"
    assert client.get("/desk/villages/420199104208").status_code == 404


def test_an_officer_and_a_stranger_have_no_such_page(client: FlaskClient) -> None:
    make_village()

    assert client.get("/desk/villages").status_code in {302, 303, 401}
    signed_in(client, "officer", f"{VILLAGE}-01")
    assert client.get("/desk/villages").status_code == 403
