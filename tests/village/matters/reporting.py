"""Reporting as a browser does: the form's own key, the door of a plate, and what was typed."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from commons.db import db, transaction
from tests.make.divisions import VILLAGE
from tests.make.doors import make_door, make_grid, make_plate
from tests.make.people import make_official, sign_in
from village.matters.models import Matter

FORM_KEY = re.compile(r'name="form_key"[^>]*value="([^"]+)"')
RECEIPT = re.compile(r"<b>([\d ]+)</b>")
TOWN, COUNTY = VILLAGE[:9], VILLAGE[:6]


def plate_with_grid(number: int = 3) -> str:
    """The code of a plate on a door of a grid."""
    return make_plate(door=make_door(grid=make_grid(number=number))).code


def typed(plate: str, **changes: Any) -> dict[str, Any]:
    """What a reporter types."""
    return {
        "words": "三组路口的路灯不亮了",
        "category": "roads",
        "door": plate,
        "place": "",
        "phone": "",
        **changes,
    }


def form_key(client: FlaskClient, plate: str) -> str:
    """The key of a fresh form of this browser."""
    found = FORM_KEY.search(client.get(f"/matters/new?door={plate}").get_data(as_text=True))
    assert found
    return found[1]


def send(client: FlaskClient, plate: str, *, key: str | None = None, **changes: Any) -> TestResponse:
    """Open the form and send it."""
    return client.post(
        "/matters/new", data={**typed(plate, **changes), "form_key": key or form_key(client, plate)}
    )


def report(client: FlaskClient, plate: str, **changes: Any) -> tuple[str, str]:
    """Report something; return number and 查询码 from the receipt."""
    sent = send(client, plate, **changes)
    assert sent.status_code == 303, sent.get_data(as_text=True)
    number, code = RECEIPT.findall(client.get(sent.location).get_data(as_text=True))
    return number.replace(" ", ""), code


def at_desk(app: Flask, role: str = "clerk", area: str = VILLAGE, name: str = "刘建国") -> FlaskClient:
    """A browser at the desk of a new official."""
    client = app.test_client()
    with transaction():
        sign_in(client, make_official(role=role, area=area, name=name))
    return client


def act(client: FlaskClient, number: str, name: str, **fields: str) -> TestResponse:
    """Do something to a matter at the desk, with the key of the page's own form."""
    text = client.get(f"/desk/matters/{number}").get_data(as_text=True)
    found = re.search(rf'name="{name}-form_key"[^>]*value="([^"]+)"', text)
    key = found[1] if found else "k" * 24
    data = {f"{name}-{field}": value for field, value in fields.items()}
    return client.post(f"/desk/matters/{number}/{name}", data={f"{name}-form_key": key, **data})


def stored() -> int:
    """How many matters there are."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Matter)) or 0


def the_matter(number: str) -> Matter:
    """A matter as it is stored now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Matter).where(Matter.number == number)).one()
