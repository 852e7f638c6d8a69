"""A village with a grid, its officials at their desks, and a reporter's browser."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commons.clock import FrozenClock
from tests.make.divisions import VILLAGE
from tests.village.matters.reporting import TOWN, at_desk, plate_with_grid


@pytest.fixture
def plate(app: Flask, clock: FrozenClock) -> str:
    """The code of a plate in the third grid of a village, whose grid has an officer."""
    app.config["WTF_CSRF_ENABLED"] = False
    return plate_with_grid()


@pytest.fixture
def officer(app: Flask, plate: str) -> FlaskClient:
    """A browser at the desk of the third grid's officer."""
    return at_desk(app, "officer", f"{VILLAGE}-03", "刘建国")


@pytest.fixture
def clerk(app: Flask, plate: str) -> FlaskClient:
    """A browser at the desk of the village's clerk."""
    return at_desk(app, "clerk", VILLAGE, "陈桂芳")


@pytest.fixture
def town(app: Flask, plate: str) -> FlaskClient:
    """A browser at the desk of the town."""
    return at_desk(app, "town", TOWN, "何敏")


@pytest.fixture
def discipline(app: Flask, plate: str) -> FlaskClient:
    """A browser at the desk of the town's discipline office."""
    return at_desk(app, "discipline", TOWN, "周正")
