"""What happens to a plate after it was printed: mounted, seen again, damaged, stolen, covered, revoked, reissued."""

from __future__ import annotations

from flask import g, has_request_context

from commons import clock
from commons.audit import record
from commons.db import db, locked
from commons.errors import Missing
from village.divisions.models import Village
from village.doors.actions import guard_undo, lock_counter
from village.doors.models import DoorImport
from village.plates import queries
from village.plates.actions import begin_single
from village.plates.errors import StateNotPossible
from village.plates.models import Plate, PlateBatch, PlateEvent
from village.plates.rules import (
    ENDED,
    STATE_WORDS,
    PlateState,
    Standing,
    may_become,
    standing_of,
)


def note_state(plate_id: int, state: PlateState, words: str = "") -> Plate:
    """
    Write down what somebody saw or did at a plate.

    Mounting the plate that takes another one's place ends that other one. Seeing a mounted plate again renews ``seen_at``.

    Raises:
        Missing: no such plate.
        StateNotPossible: this state never follows the present one, or the door has a newer plate.
    """
    plate = _locked_plate(plate_id)
    if state is PlateState.reissued:
        raise StateNotPossible("换新牌请用“补办”")
    if state is PlateState.mounted and plate.current_door_id is None:
        raise StateNotPossible("这个门已经有新牌，旧牌不能再挂")
    _move(plate, state, words)
    if state is PlateState.mounted:
        plate.seen_at = clock.now()
        plate.mounted_at = plate.mounted_at or clock.now()
        _end_replaced(plate)
    return plate


def begin_reissue(plate_id: int, layout: str, *, keep_old: bool, words: str = "") -> PlateBatch:
    """
    Start a new plate for the door of this one; door and address stay.

    With *keep_old* a plate that still opens goes on doing so until the new one is mounted; else its code says at once that it
    was replaced. The caller makes the file and finishes the batch, as for any other.

    Raises:
        Missing: no such plate.
        StateNotPossible: the plate has ended, or another one has taken its place already.
    """
    seen = db.session.get(Plate, plate_id)
    if seen is None:
        raise Missing()
    # First what numbers the village's batches, then the plate, then the village: as everywhere, so that nobody waits in a circle.
    lock_counter(seen.village_code)
    old = _locked_plate(plate_id)
    if old.current_door_id is None:
        raise StateNotPossible("这块牌已经作废或换新，请在这个门现在的牌上补办")
    old.current_door_id = None
    if not (keep_old and standing_of(PlateState(old.state)) is Standing.open):
        _move(old, PlateState.reissued, words)
    elif words:
        db.session.add(_event(old, words))
    db.session.flush()  # the door must be free before its next plate comes
    record("plate.reissued", subject=f"plate:{old.id}", area=old.village_code)
    return begin_single(old.door_id, layout, replaces=old)


@guard_undo
def refuse_undo(row: DoorImport, changed: list[int]) -> str:
    """An import is not taken back from under plates that were made for it."""
    assert row.stored_at is not None
    made = queries.plates_on_import(row.id, changed, row.stored_at)
    return f"已经印了其中 {made} 块门牌，不能撤销" if made else ""


def _locked_plate(plate_id: int) -> Plate:
    plate = locked(Plate, plate_id)
    if plate is None:
        raise Missing()
    return plate


def _move(plate: Plate, state: PlateState, words: str) -> None:
    """The one place where a plate's state changes."""
    now = PlateState(plate.state)
    if not may_become(now, state):
        raise StateNotPossible(f"“{STATE_WORDS[now]}”的牌不能改成“{STATE_WORDS[state]}”")
    plate.state, plate.changed_at = state.value, clock.now()
    if state in ENDED:
        plate.current_door_id = None
    db.session.add(_event(plate, words))
    if standing_of(now) is not standing_of(state):
        # The answer to a scan changes: pages kept anywhere must not outlive it.
        village = locked(Village, plate.village_code)
        if village is not None:
            village.page_version += 1
    record("plate.noted", subject=f"plate:{plate.id}", area=plate.village_code, state=state.value)


def _end_replaced(plate: Plate) -> None:
    if plate.replaces_id is None:
        return
    old = locked(Plate, plate.replaces_id)
    if old is not None and PlateState(old.state) not in ENDED:
        _move(old, PlateState.reissued, "新牌已挂上")


def _event(plate: Plate, words: str) -> PlateEvent:
    who = g.get("person_id") if has_request_context() else None
    return PlateEvent(plate_id=plate.id, state=plate.state, words=words[:200], person_id=who, at=clock.now())
