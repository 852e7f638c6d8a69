"""The life of a plate, and what each step means for whoever scans it."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from commons.clock import FrozenClock
from commons.db import db, transaction
from commons.errors import Missing
from tests.make.divisions import VILLAGE, make_village
from tests.make.doors import make_door, make_plate
from tests.village.plates.test_actions import base_url
from village import public
from village.plates import life, queries
from village.plates.errors import StateNotPossible
from village.plates.models import Plate, PlateBatch
from village.plates.printing import finish
from village.plates.rules import ENDED, NEXT, PlateState, may_become, standing_of
from village.public import Standing


def note(plate: Plate, state: PlateState, words: str = "") -> Plate:
    with transaction():
        return life.note_state(plate.id, state, words)


def reissue(app: Flask, plate: Plate, *, keep_old: bool) -> Plate:
    with base_url(app, "https://xq.example.cn"):
        with transaction():
            batch: PlateBatch = life.begin_reissue(plate.id, "a4", keep_old=keep_old, words="字迹不清")
        finish(batch)
    return queries.plates_of(plate.door_id)[0]


def standing(plate: Plate) -> Standing | None:
    found = public.find_plate(plate.code)
    return None if found is None else found.standing


def test_a_mounted_plate_is_seen_and_its_life_written_down(app: Flask, clock: FrozenClock) -> None:
    plate = make_plate(state="printed")

    note(plate, PlateState.mounted)
    first = plate.mounted_at
    clock.move(days=30)
    note(plate, PlateState.mounted, "巡查")

    assert (plate.mounted_at, plate.seen_at) == (first, clock())
    assert [line.words for line in queries.life_of([plate.id])] == ["巡查", ""]


def test_a_stolen_plate_stops_opening_at_once_and_may_come_back(app: Flask) -> None:
    plate = make_plate()

    note(plate, PlateState.stolen)
    assert standing(plate) is Standing.withdrawn
    assert public.page_version(VILLAGE) == 2
    note(plate, PlateState.mounted)

    assert standing(plate) is Standing.open
    assert public.page_version(VILLAGE) == 3


def test_damage_does_not_close_a_plate_and_changes_no_page(app: Flask) -> None:
    plate = make_plate()

    note(plate, PlateState.damaged)

    assert standing(plate) is Standing.open
    assert public.page_version(VILLAGE) == 1


def test_a_revoked_plate_has_ended_and_its_door_is_free(app: Flask) -> None:
    plate = make_plate()

    note(plate, PlateState.revoked, "门拆了")

    assert standing(plate) is Standing.withdrawn
    assert [door.id for door in queries.doors_without_plate(VILLAGE, 10)] == [plate.door_id]
    with pytest.raises(StateNotPossible):
        note(plate, PlateState.mounted)


def test_a_reissued_door_keeps_its_address_and_the_old_code_says_so(app: Flask) -> None:
    door = make_door()
    old = make_plate(door=door, state="stolen")
    address = (door.address, door.address_code)

    new = reissue(app, old, keep_old=True)

    assert standing(old) is Standing.replaced  # a stolen plate has nothing to keep
    found = public.find_door(new.code)
    assert found is not None and (found.address, found.address_code) == address
    assert new.code != old.code


def test_a_worn_plate_opens_until_the_new_one_hangs(app: Flask) -> None:
    old = make_plate(state="damaged")

    new = reissue(app, old, keep_old=True)
    before = standing(old)
    note(new, PlateState.mounted)

    assert (before, standing(old)) == (Standing.open, Standing.replaced)
    assert standing(new) is Standing.open


def test_an_old_plate_is_not_hung_again_once_a_new_one_is_printed(app: Flask) -> None:
    old = make_plate(state="damaged")
    reissue(app, old, keep_old=True)

    with pytest.raises(StateNotPossible):
        note(old, PlateState.mounted)
    with pytest.raises(StateNotPossible):
        reissue(app, old, keep_old=False)


def test_a_reissue_whose_file_cannot_be_made_leaves_the_old_plate_as_the_doors_own(app: Flask) -> None:
    old = make_plate(state="damaged")
    with base_url(app, "https://xq.example.cn"):
        with transaction():
            batch = life.begin_reissue(old.id, "a4", keep_old=True)
        batch.faces[0]["code"] = "2222222222"
        with pytest.raises(Exception, match="码"):
            finish(batch)

    db.session.rollback()
    assert old.current_door_id == old.door_id
    assert standing(old) is Standing.open


def test_reissuing_is_not_a_state_to_be_noted_and_nothing_happens_to_no_plate(app: Flask) -> None:
    make_village()
    plate = make_plate()

    with pytest.raises(StateNotPossible, match="补办"):
        note(plate, PlateState.reissued)
    with pytest.raises(Missing), transaction():
        life.note_state(plate.id + 1, PlateState.mounted)
    with pytest.raises(Missing), transaction():
        life.begin_reissue(plate.id + 1, "a3", keep_old=False)


def test_what_has_ended_stays_ended() -> None:
    assert all(NEXT[state] == set() for state in ENDED)
    assert not any(may_become(state, PlateState.batch) for state in PlateState)


@given(st.lists(st.sampled_from(sorted(PlateState)), max_size=8))
def test_no_path_leads_from_an_ended_plate_to_one_that_opens(path: list[PlateState]) -> None:
    now, has_ended = PlateState.batch, False
    for then in path:
        if may_become(now, then):
            assert not has_ended
            now = then
        has_ended = now in ENDED
    assert not (has_ended and standing_of(now) is Standing.open)
