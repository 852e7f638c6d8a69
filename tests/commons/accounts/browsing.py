"""Walking through pages as a browser does: forms are posted with the token that their page carried."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from commons.accounts.models import Official
from commons.db import db
from commons.messaging.models import OutgoingMessage
from commons.messaging.queries import values_of

FORM_TOKEN = re.compile(r'name="(?:[\w-]*-)?csrf_token"[^>]*value="([^"]+)"')


def token_on(client: FlaskClient, page: str) -> str:
    """Return the form token of *page*."""
    found = FORM_TOKEN.search(client.get(page).get_data(as_text=True))
    assert found, f"no form on {page}"
    return found[1]


def submit(client: FlaskClient, page: str, fields: dict[str, Any], *, to: str | None = None) -> TestResponse:
    """Open *page*, fill its form with *fields*, and send it."""
    token = token_on(client, page)
    return client.post(
        to or page, data={**fields, "csrf_token": token}, headers={"Referer": f"http://localhost{page}"}
    )


def official_account(person_id: int) -> Official:
    """Return the account of an official who certainly has one."""
    found = db.session.get(Official, person_id)
    assert found is not None
    return found


def last_code() -> str:
    """Return the code in the newest message, whichever template carried it."""
    db.session.rollback()
    newest = db.session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id.desc())).first()
    assert newest is not None
    return values_of(newest)["code"]


def sign_in_by_phone(client: FlaskClient, phone: str, **fields: Any) -> TestResponse:
    """Give *phone* and the code that came there; return the answer to the code."""
    submit(client, "/sign-in", {"phone": phone, "next": "", **fields})
    return submit(client, "/sign-in/code", {"code": last_code()})
