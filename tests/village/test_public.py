"""What others may know of the village."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event

from commons.db import WriteOutsideTransaction, db, transaction
from geocode import beidou
from geocode.door_codes import ALPHABET
from tests.make.divisions import make_village
from tests.make.doors import LAT, LNG, make_batch, make_door, make_grid, make_plate
from village import public


class Counted:
    """Counts the statements that a block sends to the database."""

    def __enter__(self) -> Counted:
        self.statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, connection: object, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            self.statements.append(statement)


def test_a_plate_leads_to_its_door_in_one_query(app: Flask) -> None:
    grid = make_grid(number=3)
    plate = make_plate(door=make_door(label="12", grid=grid))

    with Counted() as counted:
        door = public.find_door(plate.code.lower())

    assert door is not None
    assert (door.code, door.label, door.village_name, door.town_name) == (
        plate.code,
        "12",
        "青石湾村",
        "柳河镇",
    )
    assert door.grid_area == "420199104207-03"
    assert len(counted.statements) == 1


def test_any_single_wrong_character_is_told_without_a_query(app: Flask) -> None:
    code = make_plate().code

    with Counted() as counted:
        for place, right in enumerate(code):
            for other in ALPHABET:
                if other != right:
                    assert public.find_plate(code[:place] + other + code[place + 1 :]) is None

    assert counted.statements == []


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        ("printed", "open"),
        ("mounted", "open"),
        ("damaged", "open"),
        ("covered", "open"),
        ("stolen", "withdrawn"),
        ("revoked", "withdrawn"),
        ("reissued", "replaced"),
    ],
)
def test_what_a_scan_meets_follows_from_the_state_of_the_plate(app: Flask, state: str, standing: str) -> None:
    plate = make_plate(state=state)

    found = public.find_plate(plate.code)

    assert found is not None and found.standing == standing
    assert (public.find_door(plate.code) is not None) == (standing == "open")


def test_a_plate_that_has_not_left_the_house_is_not_known(app: Flask) -> None:
    assert public.find_plate(make_plate(state="batch").code) is None


def test_a_demonstration_plate_says_so(app: Flask) -> None:
    plate = make_plate(batch=make_batch(is_demonstration=True))

    found = public.find_plate(plate.code)

    assert found is not None and found.is_demonstration


def test_a_door_without_a_plate_has_no_code(app: Flask) -> None:
    door = make_door()

    found = public.door_of(door.id)

    assert found is not None and (found.code, found.id) == ("", door.id)
    assert public.door_of(door.id + 1) is None


def test_the_page_version_rises_only_inside_a_transaction(app: Flask) -> None:
    village = make_village()

    with pytest.raises(WriteOutsideTransaction):
        public.bump_page(village.code)
    with transaction():
        public.bump_page(village.code)

    assert public.page_version(village.code) == 2


def test_a_change_for_a_whole_county_reaches_each_of_its_villages_and_no_other(app: Flask) -> None:
    here, there, elsewhere = (
        make_village(),
        make_village(code="420199105201", name="柏泉村"),
        make_village(code="420198105201", name="杏岭村"),
    )

    with transaction():
        public.bump_pages("420199")
        public.bump_pages(f"{here.code}-03")

    versions = [public.page_version(village.code) for village in (here, there, elsewhere)]
    assert versions == [3, 2, 1]


def test_villages_are_listed_by_their_codes(app: Flask) -> None:
    make_village(code="420199104208", name="柏泉村")
    make_village()

    assert [one.name for one in public.enabled_villages()] == ["青石湾村", "柏泉村"]
    assert public.village_ref("420199104299") is None


def test_doors_near_a_place_come_nearest_first_and_none_is_lost_at_the_edge_of_a_cell(app: Flask) -> None:
    doors = [make_door(at=(LAT + step * 0.001, LNG)) for step in range(12)]

    found = public.doors_near(LAT, LNG, 560)

    assert [one.id for one in found] == [door.id for door in doors[:6]]
    assert 550 < found[-1].metres < 560


def test_a_public_origin_is_vague_unless_a_field_lies_apart_and_its_farmer_agreed(app: Flask) -> None:
    south, west, _, east = beidou.code_to_bounds(beidou.latlng_to_code(LAT + 0.002, LNG, 6))
    make_door(at=(south - 0.00091, (west + east) / 2))  # 101 m south of the cell
    apart = south + 1e-6

    assert public.origin_cell(LAT, LNG) == beidou.latlng_to_code(LAT, LNG, 4)
    with pytest.raises(public.ConsentNeeded):
        public.origin_cell(apart, LNG, 6)
    assert public.origin_cell(apart, LNG, 6, has_consent=True) == beidou.latlng_to_code(apart, LNG, 6)
    with pytest.raises(ValueError, match="level 4 or 6"):
        public.origin_cell(LAT, LNG, 8)


def test_all_ground_of_a_public_origin_lies_apart_and_not_the_place_alone_that_was_named(app: Flask) -> None:
    south, west, north, east = beidou.code_to_bounds(beidou.latlng_to_code(LAT + 0.002, LNG, 6))
    make_door(at=(south - 0.00089, west - 1e-5))  # 99 m south of the cell, and a metre aside

    with pytest.raises(public.TooNearADoor):
        public.origin_cell(north - 1e-6, east - 1e-6, 6, has_consent=True)
