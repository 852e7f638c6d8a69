"""The demonstration's village is divided as a clerk would divide it."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from commons.accounts.queries import holders_of, person_of_phone
from commons.db import db
from commons.demonstration import Guide
from commons.guide import SITE
from village import demonstration, demonstration_households
from village.doors.models import Door
from village.grids.queries import grids_of
from village.households.models import Household
from village.households.queries import belongings_of, members_of


def test_the_demonstration_has_four_grids_every_door_in_one_and_four_households(app: Flask) -> None:
    guide = Guide()
    for scene in (demonstration.make_place, demonstration.make_doors, demonstration.draw_grids):
        scene(guide)
    db.session.rollback()

    assert f"  {SITE}/desk" in guide.lines and "http" not in "".join(
        guide.lines
    )  # the port may be another next time
    grids = grids_of(demonstration.VILLAGE)
    assert [(grid.number, grid.groups) for grid in grids] == [(1, [1]), (2, [2]), (3, [3]), (4, [4])]
    assert all(grid.outline is not None for grid in grids)
    counts = db.session.execute(select(Door.grid_id, func.count()).group_by(Door.grid_id)).all()
    assert sorted(tuple(row) for row in counts) == [(grid.id, 12) for grid in grids]
    assert [person.name for person in holders_of("officer", grids[0].area)] == ["王建国"]

    demonstration_households.register_households(guide)
    member = person_of_phone(demonstration_households.MEMBER)
    assert member is not None
    (home,) = belongings_of(member.id)
    assert [each.name for each in members_of(home.household_id)] == ["王秀兰", "李四海", "李小满"]
    assert db.session.scalar(select(func.count()).select_from(Household)) == 4
