"""A browser signed in at the desk, for tests of the village's pages."""

from __future__ import annotations

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from commons.db import transaction
from tests.make.divisions import VILLAGE
from tests.make.people import make_official, sign_in


def signed_in(client: FlaskClient, role: str = "clerk", area: str = VILLAGE) -> FlaskClient:
    """*client*, signed in as an official with one appointment."""
    with transaction():
        sign_in(client, make_official(role=role, area=area))
    return client


def text_of(answer: TestResponse) -> str:
    """The page as text."""
    return answer.get_data(as_text=True)
