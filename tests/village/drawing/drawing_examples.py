"""A village with doors of three groups on a hillside, and what a clerk types about its grids."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commons.accounts.models import Person
from commons.db import db, transaction
from geocode import cells
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import LAT, LNG, make_door
from tests.make.people import make_official, sign_in
from village.doors.models import Door
from village.drawing.queries import canvas_of
from village.drawing.rules import Drawing
from village.grids.rules import GRID_RESOLUTION

# Each group's doors lie some 500 m east of the group before.
GROUP_STEP = 0.005


def place_of(group_no: int, house: int = 0) -> tuple[float, float]:
    return LAT + house * 0.0003, LNG + group_no * GROUP_STEP


def make_settled_village(*, groups: int = 3, houses: int = 4) -> None:
    """Doors in a row from south to north for each group."""
    with transaction():
        village = make_village()
        for group_no in range(1, groups + 1):
            for house in range(houses):
                make_door(village=village, group_no=group_no, at=place_of(group_no, house))


def cells_of_group(group_no: int, houses: int = 4) -> tuple[str, ...]:
    found = {cells.latlng_to_cell(*place_of(group_no, house), GRID_RESOLUTION) for house in range(houses)}
    return tuple(sorted(found))


def drawn(
    *, cells: tuple[str, ...] = (), groups: tuple[int, ...] = (), name: str = "", seen: str | None = None
) -> Drawing:
    """What the clerk draws with the present grids before their eyes."""
    mark = canvas_of(VILLAGE).mark if seen is None else seen
    return Drawing(name, cells, groups, mark)


def typed(*, code: str = VILLAGE, **fields: Any) -> dict[str, Any]:
    """The fields of the form as a browser sends them."""
    # A tuple would mean a file to the test client.
    plain = {name: list(value) if name == "cells" else value for name, value in fields.items()}
    return {"name": "", "seen": canvas_of(code).mark, "listed": "1", **plain}


def grids_of_doors() -> dict[int, set[int | None]]:
    """Which grids the doors of each group have."""
    db.session.rollback()
    found: dict[int, set[int | None]] = {}
    for group_no, grid_id in db.session.execute(select(Door.group_no, Door.grid_id)):
        found.setdefault(group_no, set()).add(grid_id)
    return found


def clerk_at(app: Flask, area: str = VILLAGE, role: str = "clerk") -> tuple[FlaskClient, Person]:
    """A browser at the desk of an official."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with transaction():
        person = make_official(area=area, role=role)
        sign_in(client, person)
    return client, person


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def geojson(ring: list[list[float]], *more: list[list[float]]) -> bytes:
    return json.dumps(
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring, *more]}}
    ).encode()


def around_group(group_no: int) -> bytes:
    """An outline around the doors of one group, drawn with some other program."""
    lat, lng = place_of(group_no)
    return geojson(box(lng - 0.002, lat - 0.002, lng + 0.002, lat + 0.003))
