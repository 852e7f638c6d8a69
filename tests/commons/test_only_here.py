"""A demonstration is for its own machine, whatever server carries it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.db import transaction
from commons.demonstration import OnlyHere, load
from commons.marks import set_demonstration

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
OPEN_TO_OTHERS = [{"bind": "0.0.0.0"}, {"mode": "public"}]  # noqa: S104 - what is refused


def settle(app: Flask, changes: dict[str, Any]) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], **changes)


@pytest.mark.parametrize("changes", OPEN_TO_OTHERS)
def test_a_demonstration_answers_nobody_where_others_could_reach_it(
    app: Flask, client: FlaskClient, changes: dict[str, Any]
) -> None:
    with transaction():
        set_demonstration()
    settle(app, changes)

    for page in ("/shop", "/sign-in", "/demo/messages", "/healthz"):
        answer = client.get(page)
        assert answer.status_code == 403
        assert "只能在本机打开" in answer.get_data(as_text=True)


def test_a_demonstration_answers_no_other_machine(client: FlaskClient) -> None:
    with transaction():
        set_demonstration()

    assert client.get("/shop").status_code == 200
    assert client.get("/shop", environ_base=ELSEWHERE).status_code == 403


@pytest.mark.parametrize("changes", [{}, *OPEN_TO_OTHERS])
def test_a_real_database_answers_everybody(app: Flask, client: FlaskClient, changes: dict[str, Any]) -> None:
    settle(app, changes)

    assert client.get("/shop", environ_base=ELSEWHERE).status_code == 200


@pytest.mark.parametrize("changes", OPEN_TO_OTHERS)
def test_no_demonstration_is_loaded_where_others_could_reach_it(app: Flask, changes: dict[str, Any]) -> None:
    settle(app, changes)

    with pytest.raises(OnlyHere):
        load()
